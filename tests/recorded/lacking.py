"""``python -m tests.recorded.lacking``: whether the facts of every type make values up of answers that lack
something.

Each member of answers that say all is left out once. A value of the resource that comes by that was told by
nobody: an answer of a service that is older, still making the thing, or that does not know such a thing would
give it, too.
"""

from __future__ import annotations

import argparse
import copy
import fnmatch
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.errors import CellError
from drift.model import Resource
from providers.aws.facts import Entry, catalogue
from tests.reading import read_yaml
from tests.recorded.account import leaves
from tests.recorded.every import known
from tests.recorded.replay import plain, read
from tests.recorded.whole import Whole

#: How deep a member is left out at most.
_DEEPEST = 7
_Way = tuple[str | int, ...]


def made_up(entry: Entry) -> Iterator[str]:
    """``CALL WAY -> PATH VALUE`` of each value, none of its defaults, that comes where a member is left out;
    ``CALL WAY ! ERROR`` where the facts need it."""
    plainly, said = plain(entry), known().get(entry.type, {}).get("answered", {})
    answers: dict[tuple[str, str], Mapping[str, Any]] = {}

    def whole(service: str, call: str, model: Any) -> Mapping[str, Any]:
        return answers.setdefault((service, call), Whole(model.output_shape, 0, said).answer)

    usual = _values(read(plainly, whole))
    for (service, call), answer in list(answers.items()):
        for way in _ways(answer):

            def lacking(
                other: str,
                asked: str,
                model: Any,
                *,
                here: tuple[str, str] = (service, call),
                less: Mapping[str, Any] = _without(answer, way),
            ) -> Mapping[str, Any]:
                return less if (other, asked) == here else whole(other, asked, model)

            where = f"{call} {'/'.join(map(str, way))}"
            try:
                found = _values(read(plainly, lacking))
            except CellError:
                continue  # it is told that this was not understood
            except (TypeError, KeyError, AttributeError, ValueError, RuntimeError) as error:
                yield f"{where} ! {type(error).__name__}: {error}"
                continue
            for path, value in found - usual:
                if not _nothing(entry, path, value):
                    yield f"{where} -> {path} {value}"


def _values(read_: list[Any]) -> Counter[tuple[str, str]]:
    return Counter(
        ("/".join(path), json.dumps(value))
        for one in read_
        if isinstance(one, Resource)
        for path, value in leaves(json.loads(json.dumps(one.attributes, default=str)))
    )


def _nothing(entry: Entry, path: str, value: str) -> bool:
    """Whether a value says nothing: it is empty, only told, or the default."""
    node = entry.facts.root
    for part in path.split("/"):
        node = node.member() if part == "*" else node.child(part)
    return value in ("null", '""') or node.read_only or json.loads(value) in list(node.defaults)


def _ways(value: Any, way: _Way = ()) -> Iterator[_Way]:
    """The ways to all members; of a list those of its first."""
    if len(way) >= _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield (*way, name)
            yield from _ways(one, (*way, name))
    elif isinstance(value, list) and value:
        yield from _ways(value[0], (*way, 0))


def _without(answer: Mapping[str, Any], way: _Way) -> Mapping[str, Any]:
    found: Any = copy.deepcopy(answer)
    inside = found
    for part in way[:-1]:
        inside = inside[part]
    del inside[way[-1]]
    return found  # type: ignore[no-any-return]


def unexplained(entry: Entry) -> list[str]:
    """What is made up of a type for no reason that is on file (``known.yaml``, ``lacking``)."""
    reasons = read_yaml(Path(__file__).with_name("known.yaml"))["lacking"]
    return [
        one
        for one in made_up(entry)
        if not any(fnmatch.fnmatchcase(f"{entry.type} {one}", pattern) for pattern in reasons)
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.recorded.lacking", description=__doc__)
    arguments.add_argument("--only", default="*")
    given = arguments.parse_args()
    for type_, entry in catalogue().compared.items():
        for one in unexplained(entry) if fnmatch.fnmatch(type_, given.only) else ():
            print(f"{type_} {one}"[:300])


if __name__ == "__main__":
    main()
