"""A large state is read one resource at a time, and says what it says when it is parsed as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from drift import plugins
from drift.declared import recognise
from drift.declared.terraform import content, streamed
from drift.declared.terraform.states import States
from drift.errors import DeclaredError
from drift.source import Loader, Location
from drift.store import live as store
from tests.declared.terraform.test_state import instance, managed, queue, read, state

ODD = 'a "quoted" {brace} [bracket]\n    {\n    }\n  ]\n'


def kept(count: int = 3) -> dict[str, Any]:
    resources = (
        managed("aws_sqs_queue", f"q{n}", instance(queue(f"q{n}", tags={"odd": ODD}))) for n in range(count)
    )
    return state(*resources, outputs={"x": {"value": [ODD]}}, check_results=None)


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed, "FROM", 1)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_terraform_writes_is_streamed(tmp_path: Path, count: int) -> None:
    text = json.dumps(kept(count), indent=2)
    found = streamed.content(text.encode())
    if count:
        assert found is not None and isinstance(found["resources"], streamed.Resources)
        assert list(found["resources"]) == list(found["resources"]) == kept(count)["resources"]
        assert {**found, "resources": None} == {**kept(count), "resources": None}
    assert [one.id for one in read(tmp_path / "x.tfstate", text)] == [
        queue(f"q{n}")["arn"] for n in range(count)
    ]


@pytest.mark.parametrize(
    "text",
    [
        orjson.dumps(kept()),
        json.dumps(kept(), indent=4).encode(),
        json.dumps(kept(), indent=2).encode().replace(b"\n    {", b"\n    [", 1),
        json.dumps(kept(), indent=2).encode().replace(b"\n    },\n", b"\n    } ,\n", 1),
    ],
    ids=["compact", "wider", "a list", "a space"],
)
def test_what_is_written_otherwise_is_parsed_as_a_whole(text: bytes) -> None:
    assert streamed.content(text) is None


def test_a_small_state_is_parsed_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed, "FROM", 1 << 20)
    assert streamed.content(json.dumps(kept(), indent=2).encode()) is None


def test_of_many_small_states_those_that_there_is_room_for_are_parsed_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed, "FROM", 1 << 20)
    monkeypatch.setattr(store, "IN_MEMORY", 7)
    loader = Loader(plugins.providers())
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        file = folder / "terraform.tfstate"
        file.write_text(json.dumps(kept(), indent=2))
        found = recognise(Location(file, file.name))[0].load(Location(file, file.name), loader)
        assert isinstance(found, States)
        (one,) = found._states
        assert isinstance(one.content["resources"], list if number < 2 else streamed.Resources)
        assert list(one.content["resources"]) == kept()["resources"]


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_large_state_that_is_cut_off_is_none(tmp_path: Path, cut: float) -> None:
    text = json.dumps(kept(), indent=2)
    file = tmp_path / "x.tfstate"
    file.write_text(text[: int(len(text) * cut)])
    with pytest.raises(DeclaredError, match=r"the state is no valid JSON: .*cut off"):
        content.parse(file, "x.tfstate")


def test_a_resource_that_is_broken_within_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.tfstate"
    file.write_text(json.dumps(kept(), indent=2).replace('"mode": "managed"', '"mode": managed', 1))
    with pytest.raises(DeclaredError, match=r"x.tfstate.*: the state is no valid JSON"):
        content.parse(file, "x.tfstate")
