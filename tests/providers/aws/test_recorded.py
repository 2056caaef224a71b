"""What AWS answers of a thing that it was asked to make is no change of what was asked; what was not asked is
told."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from drift.model import Resource
from providers.aws.facts import catalogue
from tests.reading import read_yaml
from tests.recorded.pairs import noise
from tests.recorded.replay import read, typed

CASES: list[dict[str, Any]] = read_yaml(Path(__file__).with_name("recorded.yaml"))


def live(case: dict[str, Any]) -> Resource:
    """The one resource of a case's answers."""

    def answer(service: str, call: str, model: Any) -> Any:
        return typed(case["answers"].get(f"{service}.{call}", {}), model.output_shape)

    (found,) = (one for one in read(catalogue().entries[case["type"]], answer) if isinstance(one, Resource))
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Of each declaration, as it was asked and with something else instead, the paths that are told."""
    pairs = []
    for case in CASES:
        have, said = live(case), case["declared"]
        other = {name: one for name, one in {**said, **case["instead"]}.items() if one is not None}
        pairs += [(have, said), (have, other)]
    found: dict[str, set[str]] = defaultdict(set)
    for id_, path, *_ in noise(pairs, tmp_path_factory.mktemp("recorded")):
        found[id_.rpartition("#")[2]].add(path)
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_what_was_asked_is_silent_and_what_was_not_is_told(told: dict[str, set[str]], number: int) -> None:
    asked, other = (
        {path for path in told.get(str(turn), ()) if path.startswith("/")}
        for turn in (2 * number, 2 * number + 1)
    )
    assert asked == set()
    assert other == set(CASES[number]["told"])
