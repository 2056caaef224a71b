"""Reads one AWS type of answers that are given, by the machine that reads it of AWS: real clients of boto3,
which send nothing."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import boto3
from botocore import xform_name

from drift.errors import CellError
from drift.model import Coverage, Resource
from drift.task import Wanted
from providers.aws import expressions
from providers.aws.declared_keys import DeclaredKeys
from providers.aws.facts import Entry
from providers.aws.loopback import ACCOUNT
from providers.aws.machine import CellTask, Hands
from providers.aws.session import Place
from providers.aws.shared import Shared
from tests.recorded.examples import REGION, Recording, operation
from tests.recorded.whole import Whole

#: What an operation answers: its service, name and model → the answer; an empty one where nothing is known.
Answerer = Callable[[str, str, Any], Mapping[str, Any]]
_NOW: dict[str, Answerer] = {}


@cache
def _client(service: str) -> Any:
    made: Any = boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 - nothing is sent
    )

    def answer(model: Any, **_: Any) -> Any:
        said = {
            **_NOW["answer"](service, xform_name(model.name), model),
            "ResponseMetadata": {"HTTPHeaders": {}},
        }
        return SimpleNamespace(status_code=200, headers={}, raw=None), said

    made.meta.events.register("before-call.*.*", answer)
    return made


def read(entry: Entry, answer: Answerer) -> list[Resource | Coverage]:
    """What the machine makes of a type where AWS answers so; of one that is asked for by key where Git
    declares one, each part of whose key is called as its property."""
    _NOW["answer"] = answer
    said = {name: name for name in entry.keys}
    one = Resource("aws", ACCOUNT, entry.type, "|".join(said), said, region=REGION)
    wanted = Wanted(frozenset({entry.type}), declared=lambda *_: [one])
    keys = DeclaredKeys(wanted, dict, lambda: [ACCOUNT])
    with ThreadPoolExecutor(1) as pool:
        hands = Hands(
            lambda service, _: _client(service), pool, lambda *_: nullcontext(), Shared(), keys=keys
        )
        return list(CellTask(entry, Place(ACCOUNT), REGION, hands).read())


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One call of a type's facts: where in its answers structures lie that become the document."""

    service: str
    call: str
    #: The shape's name → the way to it in an answer.
    places: Mapping[str, tuple[str | int, ...]]


def plain(entry: Entry) -> Entry:
    """The entry with every detail and every joined thing belonging to whatever is listed, as recordings of
    several operations do not speak of one resource, and of which whoever asks is told all."""
    said = copy.deepcopy(dict(entry.said))
    said["list"].pop("needs", None)
    for step in said.get("describe", ()):
        if "batch" in step:
            step["batch"] = {**step["batch"], "by": "'one'", "key": "'one'"}
    for join in said.get("join", ()):
        join.update({"by": "'one'", "on": "'one'"})
    return dataclasses.replace(entry, said=said)


def steps(entry: Entry) -> Iterator[Step]:
    """The calls of a type, that which lists first; those for parents and for what is joined are none of
    them."""
    said = entry.said
    for one in (said["list"], *said.get("describe", ())):
        service = one.get("service", entry.service)
        model = operation(service, one["call"])
        assert model is not None, f"{entry.type}: {one['call']}"
        taken = one["items"] if "items" in one else one.get("take")
        yield Step(service, one["call"], ways(model, taken))


@cache
def ways(model: Any, taken: str | None) -> Mapping[str, tuple[str | int, ...]]:
    """The shapes of what an expression takes of an operation's answer, with the way to each; all of it where
    there is none."""
    found: dict[str, tuple[str | int, ...]] = {}
    for turn in range(12):
        sample = Whole(model.output_shape, turn)
        got = expressions.compile(taken)(sample.answer) if taken else sample.answer
        tops = got if isinstance(got, list) else [got]
        inner = [
            item for top in tops if isinstance(top, dict) and not sample.shape(top) for item in _values(top)
        ]
        for top in (*tops, *inner):
            shape = sample.shape(top)
            if shape is not None and shape not in found:
                found[shape] = _way(sample.answer, top) or ()
    return found


def _values(value: Mapping[str, Any]) -> Iterator[Any]:
    for one in value.values():
        yield from one if isinstance(one, list) else [one]


def _way(value: Any, sought: Any) -> tuple[str | int, ...] | None:
    if value is sought:
        return ()
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for name, one in inside:
        found = _way(one, sought)
        if found is not None:
            return (name, *found)
    return None


def placed(way: Iterable[str | int], value: Any) -> Any:
    """An answer that holds a value there and nothing else."""
    names = list(way)
    for name in reversed(names):
        value = [value] if isinstance(name, int) else {name: value}
    return value


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A structure of a recorded answer, of a shape that a step of a type takes: the answer that this step
    would give."""

    step: Step
    recording: Recording
    value: Mapping[str, Any]
    answer: Mapping[str, Any]


def pieces(entry: Entry, recordings: Iterable[Recording]) -> Iterator[Piece]:
    """What of recorded answers speaks of a type: whole answers of the operations that it asks, and the same
    structures in the answers of others, which create or change it."""
    known = list(steps(entry))
    for one in recordings:
        for step in known:
            if one.service != step.service:
                continue
            mine = one.operation == step.call
            # whole answers of details that no structure tells (a policy's text, names)
            if mine and not (
                set(step.places) - {one.model.output_shape.name if one.model.output_shape else ""}
            ):
                value = typed(one.answer, one.model.output_shape)
                yield Piece(step, one, value, value)
                continue
            for shape, value in structures(one.answer, one.model.output_shape):
                if shape in step.places and (mine or shape not in _COMMON):
                    yield Piece(step, one, value, placed(step.places[shape], value))


#: Structures that mean nothing without the operation that they are of.
_COMMON = frozenset({"Tag", "Parameter", "Filter", "TagDescription", "ResourceTag", "KeyValuePair"})


def structures(value: Any, shape: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """All structures of an answer with the names of their shapes, the outermost first."""
    if shape is None:
        return
    if shape.type_name == "structure" and isinstance(value, Mapping):
        yield shape.name, typed(value, shape)
        for name, one in value.items():
            if name in shape.members:
                yield from structures(one, shape.members[name])
    elif shape.type_name == "list" and isinstance(value, list):
        for one in value:
            yield from structures(one, shape.member)
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for one in value.values():
            yield from structures(one, shape.value)


def typed(value: Any, shape: Any) -> Any:
    """A recorded value as boto3 would give it: times are times, a number in quotes is a number, what the
    model lacks is left out."""
    if shape is None or value is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping) and not shape.is_document_type:
        return {
            n: typed(one, shape.members[n])
            for n, one in value.items()
            if n in shape.members and one is not None
        }
    if kind == "list" and isinstance(value, (list, Mapping)):
        return [typed(one, shape.member) for one in (value if isinstance(value, list) else [value])]
    if kind == "map" and isinstance(value, Mapping):
        return {name: typed(one, shape.value) for name, one in value.items()}
    if kind == "string" and isinstance(value, (Mapping, list)):
        return json.dumps(value)
    if kind == "timestamp":
        return _time(value)
    if kind in ("integer", "long") and isinstance(value, (str, float)):
        return int(float(value)) if str(value).replace(".", "", 1).lstrip("-").isdigit() else value
    if kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    return value


def _time(value: Any) -> Any:
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError):
        return value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def replayed(entry: Entry, piece: Piece) -> list[Resource | Coverage]:
    """The type, read where AWS answers this piece, and elsewhere nothing but that the thing is there; where
    that gives no resource, also what names it in its details."""
    listing = entry.said["list"]
    parents = dict(_parents(listing))
    details = {one["call"]: one.get("items", one.get("take")) for one in entry.said.get("describe", ())}

    lots = {one["call"] for one in entry.said.get("describe", ()) if "batch" in one}

    def answer(service: str, call: str, model: Any, *, named: bool = False) -> Mapping[str, Any]:
        if (service, call) == (piece.step.service, piece.step.call):
            return piece.answer
        if call == listing["call"]:
            return _listed(entry, piece, model)
        if call in parents:
            return _names_it(model, parents[call], piece.value)
        if named and call in details:
            return _names_it(model, details[call], piece.value)
        return {} if call in details and call not in lots else _empty(model)

    try:
        return read(plain(entry), answer)
    except CellError:
        return read(plain(entry), partial(answer, named=True))


def _listed(entry: Entry, piece: Piece, model: Any) -> Mapping[str, Any]:
    """The listing's answer: the thing by its names; where it lists bare names, the one that its details are
    asked by."""
    answer = _names_it(model, entry.said["list"]["items"], piece.value)
    for step in entry.said.get("describe", ()):
        if step["call"] != piece.step.call or ways(model, entry.said["list"]["items"]):
            continue
        name = None
        if "batch" in step and step["batch"]["key"] == "item":
            name = expressions.compile(step["batch"]["by"])(piece.value)
        for parameter, text in step.get("with", {}).items():
            name = piece.value.get(parameter) if text == "=item" else name
        if name is not None:
            return _instead(answer, name)  # type: ignore[no-any-return]
    return answer


def _instead(value: Any, name: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _instead(one, name) for key, one in value.items()}
    return [name] if isinstance(value, list) and value and isinstance(value[0], str) else value


def _parents(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    each = said.get("for_each", {})
    if "call" in each:
        yield each["call"], each["items"]
        yield from _parents(each)


def _names_it(model: Any, taken: str | None, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer that only names a thing, as a piece says it where it does."""
    found = ways(model, taken)
    sample = Whole(model.output_shape).answer
    if not found:
        return sample
    way = next(iter(found.values()))
    thing: Any = sample
    for name in way:
        thing = thing[name]
    own = {
        name: one
        for name, one in thing.items()
        if _NAMES.search(name) and not isinstance(one, (Mapping, list))
    }
    return placed(way, {name: said.get(name, one) for name, one in own.items()})  # type: ignore[no-any-return]


_NAMES = re.compile(r"(?i)(id|arn|name|url|type|version|key|status|state)$")


def _empty(model: Any) -> dict[str, Any]:
    """An answer of nothing: its lists are there and empty."""
    shape = model.output_shape
    members = {} if shape is None else shape.members
    return {name: [] for name, one in members.items() if one.type_name == "list"}
