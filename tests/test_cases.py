"""Situations that users of such tools met, each a folder of ``../shared/cases`` with the answer that is
right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from drift import safe_yaml
from drift.cli.configured import entry
from drift.config.model import Config, load
from drift.errors import DriftError
from drift.finding import SEVERITIES
from drift.scan import Run
from tests import shared

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One situation: ``declared/``, ``live.jsonl``, sometimes ``drift.yaml``, and what is right."""

    folder: Path

    @cached_property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = safe_yaml.data(self.folder / "case.yaml")
        return found

    def answer(self) -> tuple[int, Told]:
        """The exit code and the report that ``drift diff`` gives; of an error no report."""
        arguments = self.said["args"]
        assert set(arguments[::2]) == {"--declared"}
        settings = self.folder / "drift.yaml"
        base = load(settings) if settings.exists() else Config(version=1)
        config = base.model_copy(update={"declared": [entry(text) for text in arguments[1::2]]})
        config._base = self.folder
        try:
            result = Run(config, live=[self.folder / "live.jsonl"]).scan()
        except DriftError as error:
            return 1, {"error": str(error)}
        return result.exit_code, result.report


CASES = [Case(file.parent) for file in shared.files("cases", "*/case.yaml")]


@shared.needs("cases")
@pytest.mark.parametrize("case", CASES or [None], ids=lambda case: case.folder.name if case else "none")
def test_the_answer_is_right(case: Case) -> None:
    code, report = case.answer()
    assert list(faults(case.said["expect"], code, report)) == []


# What is right (../shared/cases/README.md says what each word means)


def faults(expect: Told, code: int, report: Told) -> Iterator[str]:
    """What of an answer is not as it should be."""
    codes = expect.get("exit")
    if codes is not None and code not in (codes if isinstance(codes, list) else [codes]):
        yield f"the exit code is {code}, not {codes}"
    if "error" in report:
        yield report["error"]
        return
    wanted = expect.get("findings", [])
    for want in wanted:
        mine = [one for one in report["findings"] if is_meant(one, want)]
        if not mine:
            yield f"not told: {want}"
        elif not any(is_as_severe(one, want) for one in mine):
            yield f"told as {mine[0]['severity']}: {want}"
    if expect.get("none_other"):
        for one in report["findings"]:
            yield from (f"told, too: {place}" for place in beyond(one, wanted))
    for want in expect.get("unverifiable", []):
        if not is_unverifiable(report, want):
            yield f"not unverifiable: {want}"
    for want in expect.get("said", []):
        for path in want.get("paths", [None]):
            if not is_said(report, want, path):
                yield f"neither told nor unverifiable: {want} {path}"


def is_meant(finding: Told, want: Told) -> bool:
    """Whether a finding is the wanted one, of whatever severity."""
    changed = [change["path"] for change in finding["changes"]]
    return (
        finding["kind"] == want["kind"]
        and is_called(finding, want)
        and all(any(is_around(path, said) for path in changed) for said in want.get("paths", []))
    )


def is_as_severe(finding: Told, want: Told) -> bool:
    worst, least = want.get("max_severity", "critical"), want.get("min_severity", "info")
    return finding["severity"] in SEVERITIES[SEVERITIES.index(worst) : SEVERITIES.index(least) + 1]


def is_called(entry: Told, want: Told) -> bool:
    """Whether an id, name or address has the wanted text."""
    address = (entry.get("declared_at") or {}).get("address")
    names = filter(None, (entry.get("resource_id"), entry.get("name"), address))
    return any(want.get("id_contains", "").lower() in name.lower() for name in names)


def is_around(path: str, other: str) -> bool:
    """Whether one of two paths is the other or lies below it."""
    one, two = (f"{text.rstrip('/')}/" for text in (path, other))
    return one.startswith(two) or two.startswith(one)


def beyond(finding: Told, wanted: list[Told]) -> list[str]:
    """What a finding tells beyond what is wanted of it."""
    mine = [want for want in wanted if is_meant(finding, want)]
    changed = [change["path"] for change in finding["changes"]]
    if not mine:
        return [" ".join((finding["kind"], finding["resource_id"], *changed))]
    paths = [path for want in mine for path in want.get("paths", [])]
    return [path for path in changed if paths and not any(is_around(path, said) for said in paths)]


def is_unverifiable(report: Told, want: Told) -> bool:
    return any(
        is_called(one, want)
        and ("path" not in want or is_around(one["path"], want["path"]))
        and want.get("reason_contains", "").lower() in one["reason"].lower()
        for one in report["unverifiable"]
    )


def is_said(report: Told, want: Told, path: str | None) -> bool:
    """Whether a finding or something unverifiable tells of it, whichever."""
    told = [one for one in report["findings"] if is_called(one, want)]
    places = [change["path"] for one in told for change in one["changes"]]
    if told if path is None else any(is_around(place, path) for place in places):
        return True
    return is_unverifiable(report, {**want, "path": path} if path else want)
