"""A file that can't be read is one problem among others: they are read, and nothing that it may declare is
called unmanaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import load
from drift.errors import ConfigError, DeclaredError
from drift.scan import Result, Run
from tests.declared.terraform import test_state as states
from tests.rules.support import ACCOUNT, queue, write

EMPTY = "is empty: no apply yet, or cut off"
OLD = "state version 3 is not supported, only 4; run `terraform apply` with Terraform 0.12 or later once"


def state(name: str) -> str:
    one = states.managed("aws_sqs_queue", name, states.instance(states.queue(name)))
    return json.dumps(states.state(one)).replace(states.ACCOUNT, ACCOUNT)


def scan(folder: Path, *entries: str) -> Result:
    declared = ", ".join(f"{{path: {one}}}" for one in entries)
    write(folder, {"drift.yaml": f"version: 1\ndeclared: [{declared}]"})
    return Run(load(folder / "drift.yaml"), (), [folder / "live.yaml"]).scan()


def messages(result: Result) -> list[str]:
    return [one["message"] for one in result.report["problems"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    old: dict[str, Any] = {"version": 3, "serial": 1, "lineage": "l", "modules": []}
    write(
        tmp_path,
        {
            "states/a.tfstate": state("a"),
            "states/empty.tfstate": "",
            "states/old.tfstate": json.dumps(old),
            "live.yaml": [queue("a")],
        },
    )
    return tmp_path


def test_in_a_folder(folder: Path) -> None:
    result = scan(folder, "states")
    assert result.exit_code == 3
    assert messages(result) == [f"states/empty.tfstate: {EMPTY}", f"states/old.tfstate: {OLD}"]
    assert result.report["summary"]["in_sync"] == 1
    assert result.report["findings"] == []


def test_among_entries(folder: Path) -> None:
    result = scan(folder, "states/empty.tfstate", "states/a.tfstate", "states/old.tfstate")
    assert result.exit_code == 3
    assert messages(result) == [f"states/empty.tfstate: {EMPTY}", f"states/old.tfstate: {OLD}"]
    assert result.report["summary"]["in_sync"] == 1
    assert [one["location"] for one in result.report["run"]["declared"]] == [
        "states/empty.tfstate", "states/a.tfstate", "states/old.tfstate",
    ]  # fmt: skip


def test_where_nothing_else_is_declared_it_is_an_error(folder: Path) -> None:
    with pytest.raises(DeclaredError, match=f"^states/empty.tfstate: {EMPTY}$"):
        scan(folder, "states/empty.tfstate", "states/old.tfstate")
    (folder / "states" / "a.tfstate").unlink()
    with pytest.raises(DeclaredError, match=rf"^states/empty.tfstate: {EMPTY} \(and 1 more\)$"):
        scan(folder, "states")


def test_a_path_that_is_not_there_is_a_mistake_in_the_configuration(folder: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere: there is no such file or folder"):
        scan(folder, "states/a.tfstate", "nowhere")


def test_what_it_may_declare_is_not_called_unmanaged(folder: Path) -> None:
    write(folder, {"live.yaml": [queue("a"), queue("b")]})
    result = scan(folder, "states")
    assert (result.exit_code, result.report["findings"]) == (3, [])
    (told,) = result.report["unverifiable"]
    assert told["resource_id"].endswith(":b")
    assert told["reason"] == (
        f"may be declared in what could not be read: states/empty.tfstate: {EMPTY} (and 1 more)"
    )
    for name in ("empty", "old"):
        (folder / "states" / f"{name}.tfstate").unlink()
    assert [one["kind"] for one in scan(folder, "states").report["findings"]] == ["unmanaged"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"resources": [', "is no valid JSON (line 1: unexpected end of data)"),
        ("", "is empty"),
        ("\0" * 10, "holds zero bytes: it was not written to the end, or is damaged"),
        ("[" * 5000, "is no valid JSON (line 1: depth limit exceeded)"),
    ],
)
def test_broken_json_beside_what_is_read_is_told(folder: Path, text: str, why: str) -> None:
    write(folder, {"states/b.json": text, "other/c.json": text})
    for name in ("empty", "old"):
        (folder / "states" / f"{name}.tfstate").unlink()
    result = scan(folder, "states")
    assert (result.exit_code, messages(result)) == (3, [f"states/b.json: {why}, so it was not read"])


def test_json_with_comments_and_templates_of_json_are_nobodys(folder: Path) -> None:
    for name in ("empty", "old"):
        (folder / "states" / f"{name}.tfstate").unlink()
    write(
        folder,
        {
            "states/tsconfig.json": '{ // ours\n "a": [1,], }',
            "states/policy.json": '{"Resource": ${jsonencode(arn)}}',
            "states/chart.json": "{{ .Values.x }}",
            "states/below/broken.json": "{",
        },
    )
    assert (scan(folder, "states").exit_code, messages(scan(folder, "states"))) == (0, [])
