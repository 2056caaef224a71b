"""Files of one case each: a repository, what was changed live behind its back, and the lines that adopting it
changes.

A case is sections that begin with ``-- NAME --`` (``-- NAME crlf --``: with the line ends of Windows).
``entry`` is the declared entry of drift.yaml (without it the first file's name); ``live`` has lines
``NAME /pointer = JSON`` (``~`` for what is gone), ``NAME gone``, or ``new JSON`` of a record that nobody
declares, or that is there in place of the declared one of its type and name; ``context`` is what the provider
learnt live; ``diff`` has the lines that go and come, file by file, with their signs; ``described`` the
reasons why findings are not adopted. All other sections are files.
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import plugins
from drift.config.model import load
from drift.live.estate import Estate
from drift.match.merge import merge
from drift.model import Sensitive, Unresolved
from drift.pointer import split
from drift.scan import Run
from tests.remediate.harness import Outcome, adopted, repository, snapshot

_SECTION = re.compile(r"^-- (\S+)( crlf)? --$")
ACCOUNT, REGION = "111122223333", "eu-west-1"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
ENTRIES = {
    "cloudformation": f'{{path: NAME, scope: "{ACCOUNT}", region: {REGION}}}',
    "arm": f"{{path: NAME, scope: {SUBSCRIPTION}, resource_group: shop}}",
    "bicep": f"{{path: NAME, scope: {SUBSCRIPTION}, resource_group: shop}}",
    "baseline": "{path: NAME}",
    "manifests": f'{{path: NAME, scope: "{ACCOUNT}"}}',
    "config-connector": f'{{path: NAME, source: config-connector, scope: "{ACCOUNT}"}}',
    "kustomize": f'{{path: overlay, scope: "{ACCOUNT}"}}',
    "helm": f'{{path: chart, scope: "{ACCOUNT}"}}',
}


@dataclass
class Case:
    """One case as it is read."""

    files: dict[str, str] = field(default_factory=dict)
    entry: str = ""
    live: list[str] = field(default_factory=list)
    diff: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)


def read(file: Path, language: str) -> Case:
    """The case that a file holds."""
    found, name, lines, windows = Case(), "", dict[str, list[str]](), set[str]()
    for line in file.read_text().splitlines(keepends=True):
        section = _SECTION.match(line)
        if section:
            name = section[1]
            lines[name] = []
            windows |= {name} if section[2] else set()
        elif name:
            lines[name].append(line)
    for name, said in lines.items():
        if name in ("live", "diff", "described"):
            setattr(found, name, [one.rstrip("\n") for one in said if one.strip()])
        elif name == "entry":
            found.entry = "".join(said).strip()
        elif name == "context":
            found.context = json.loads("".join(said))
        else:
            text = "".join(said)
            found.files[name] = text.replace("\n", "\r\n") if name in windows else text
    first = next(iter(found.files))
    found.entry = found.entry or ENTRIES[language].replace("NAME", first)
    return found


@dataclass(frozen=True)
class Told:
    """What became of one case."""

    findings: int
    diff: list[str]
    described: list[str]
    left: int
    numstat: tuple[int, int]


def outcomes(several: Mapping[str, Case], folder: Path) -> dict[str, Told]:
    """What becomes of the findings of cases, each in an account or subscription of its own, all in one
    repository and one run."""
    own = {name: _own(case, name, at) for at, (name, case) in enumerate(several.items())}
    entries = "".join(f"  - {case.entry}\n" for case in own.values())
    files = {f"{name}/{file}": text for name, case in own.items() for file, text in case.files.items()}
    there = repository(folder / "infra", {**files, "drift.yaml": f"version: 1\ndeclared:\n{entries}"})
    context: dict[str, Any] = {}
    for case in own.values():
        for provider, said in case.context.items():
            for key, values in said.items():
                context.setdefault(provider, {}).setdefault(key, []).extend(values)
    seed = snapshot(folder / "seed.jsonl", [], context)
    declared = records_of(there, seed)
    records: list[dict[str, Any]] = []
    for at, case in enumerate(own.values()):
        mine = [one for one in declared if one["scope"] in _scopes(at)]
        records += changed(mine, case.live)
    cells = [{key: value for key, value in one.items() if key != "id"} for one in declared]
    done = adopted(there, snapshot(folder / "live.jsonl", records, context, cells))
    return {name: _told(name, at, case, done) for at, (name, case) in enumerate(own.items())}


def _own(case: Case, name: str, at: int) -> Case:
    """A case in its own folder, account and subscription."""

    def here(text: str) -> str:
        account, subscription = _scopes(at)
        return text.replace(ACCOUNT, account).replace(SUBSCRIPTION, subscription)

    return Case(
        {file: here(text) for file, text in case.files.items()},
        here(case.entry.replace("path: ", f"path: {name}/", 1)),
        [here(line) for line in case.live],
        case.diff,
        case.described,
        json.loads(here(json.dumps(case.context))),
    )


def _scopes(at: int) -> tuple[str, str]:
    return f"1111{at:08}", f"00000000-0000-0000-0000-{at + 1000:012}"


def _told(name: str, at: int, case: Case, done: Outcome) -> Told:
    account, subscription = _scopes(at)

    def mine(id_: str) -> bool:
        return done.before[id_].resource.scope in (account, subscription)

    diff: list[str] = []
    numstat = [0, 0]
    for file, now in sorted(done.files.items()):
        if file.startswith(f"{name}/"):
            before = case.files.get(file.removeprefix(f"{name}/"), "")
            lines = list(
                difflib.unified_diff(before.splitlines(), (now or "").splitlines(), lineterm="", n=0)
            )
            diff += [line for line in lines[2:] if not line.startswith("@@")]
            numstat = [sum(pair) for pair in zip(numstat, done.numstat[file], strict=True)]
    why = [text for id_, (text, _) in done.described.items() if mine(id_)]
    there, why = (
        [line.replace(account, ACCOUNT).replace(subscription, SUBSCRIPTION) for line in lines]
        for lines in (diff, why)
    )
    left = [one for one in done.after.findings.values() if one.resource.scope in (account, subscription)]
    return Told(sum(map(mine, done.before)), there, sorted(why), len(left), (numstat[0], numstat[1]))


def records_of(folder: Path, seed: Path) -> list[dict[str, Any]]:
    """A live side that is just what a repository declares; what it can't tell is left out."""
    run = Run(load(folder / "drift.yaml", None, {}), (), [seed])
    providers = plugins.providers()
    estate = Estate(providers)
    said = run.read_declared(estate, run.deadline)
    run.read_live(estate, said.sources, hide=False)
    declared = list(said.resources(estate, lambda _: None, run.deadline))
    found = [
        one.but(id=one.id or f"id of {one.name}")
        for one in merge(declared, providers, [])
        if one.id or one.name
    ]
    return [{**one.record(), "attributes": known(one.attributes)} for one in found if not one.partial]


def known(value: Any) -> Any:
    """A value without what a reader could not know."""
    if isinstance(value, Mapping):
        return {key: known(one) for key, one in value.items() if not isinstance(one, Unresolved)}
    if isinstance(value, list):
        return [known(one) for one in value if not isinstance(one, Unresolved)]
    return value.value if isinstance(value, Sensitive) else value


def changed(records: list[dict[str, Any]], lines: list[str]) -> list[dict[str, Any]]:
    """The records after what somebody did by hand."""
    records = copy.deepcopy(records)
    for line in lines:
        if line.startswith("new "):
            new = json.loads(line.removeprefix("new "))
            records = [one for one in records if (one["type"], one.get("name")) != (new["type"], new["name"])]
            records.append(new)
            continue
        name, _, rest = line.partition(" ")
        one = next(each for each in records if name in (each.get("name"), each["id"]))
        if rest == "gone":
            records.remove(one)
            continue
        pointer, _, value = rest.partition(" = ")
        put(one["attributes"], split(pointer), value)
    return records


def put(value: Any, steps: list[str], new: str) -> None:
    for step in steps[:-1]:
        value = value[int(step)] if isinstance(value, list) else value.setdefault(step, {})
    last: Any = int(steps[-1]) if isinstance(value, list) and steps[-1] != "-" else steps[-1]
    if new == "~":
        del value[last]
    elif last == "-":
        value.append(json.loads(new))
    else:
        value[last] = json.loads(new)
