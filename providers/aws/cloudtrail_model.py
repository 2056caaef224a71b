"""What each operation of a service may write of a type, as botocore's model of the service and the type's
facts tell: which requests name the resource, which members say which property, what reads what it writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from botocore.model import MapShape, OperationModel, Shape, StructureShape

from drift.safe_yaml import data
from providers.aws.cloudtrail_names import plain, rest_of, singular, stem, words
from providers.aws.facts import Entry, catalogue
from providers.aws.models import described

_FIELD = re.compile(r"'[^']*'|`[^`]*`|\"[^\"]*\"|(\.?)\b([A-Za-z_]\w*)\b(?!\s*[(:])")
_VERSION = re.compile(r"_?\d{4}_?\d{2}_?\d{2}(v\d+)?$")
_TAGS = re.compile(r"^(?:Tag|Untag)|(?:Add|Remove|Create|Delete|Change|Update)Tags|Tagging$|Tags$")
#: What the beginning of a switch's name adds: EnableKeyRotation.
_SWITCH = re.compile(r"^enabled?")
#: Members that name any resource of a service.
ANY = frozenset(
    {
        "resource",
        "resources",
        "arn",
        "resourcearn",
        "resourceid",
        "resourceids",
        "resourcearns",
        "resourcename",
    }
)
_DEPTH = 3


@cache
def said() -> Mapping[str, Any]:
    """What botocore does not tell."""
    found: Mapping[str, Any] = data(Path(__file__).with_name("cloudtrail.yaml"))
    return found


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request may do to a resource of one type. ``about``: it names such a resource; ``members`` are
    its parameters, plain, with the properties that they say; ``named`` are the properties that its own name
    says; ``patch``: it says by paths which it changes;
    ``partial``: what it leaves out stays as it is; ``whole``: it writes all of the resource;
    ``strange``: botocore does not know it; ``harmless``: it configures nothing;
    ``says``: its parameters say all that it writes."""

    name: str
    about: bool
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    tags: bool = False
    patch: bool = False
    makes: bool = False
    ends: bool = False
    whole: bool = False
    partial: bool = False
    strange: bool = False
    harmless: bool = False
    says: bool = False

    @property
    def writes(self) -> frozenset[str]:
        """All properties that it may write."""
        return self.named.union(*self.members.values())


@dataclass(frozen=True, slots=True)
class Model:
    """The operations of a type's service, as they are to resources of the type. ``names`` are the members
    that name one, plain; ``properties`` what requests call each property; ``written`` the properties that
    some request says which makes nothing; ``sources`` what events call the service."""

    type: str
    nouns: tuple[str, ...]
    operations: Mapping[str, Operation]
    names: frozenset[str]
    properties: Mapping[str, frozenset[str]]
    written: frozenset[str]
    sources: frozenset[str]

    def operation(self, event: str) -> Operation | None:
        """The operation of an event's name; None where the service has none of that name."""
        plain_name = _VERSION.sub("", event)
        return self.operations.get(said()["spelled"].get(plain_name, plain_name))


@cache
def model(type_: str) -> Model | None:
    """The model of a type; None of one that is not read."""
    entry = catalogue().entry(type_)
    if entry is None or "list" not in entry.said:
        return None
    service = described(entry.service)
    nouns = _nouns(entry)
    properties = {name: frozenset(_called(entry, name, nouns)) for name in _properties(entry)}
    means = _turned(properties)
    names = frozenset(_names(entry, nouns))
    paired = _paired(entry, nouns)
    own = said()["writes"].get(type_, {})
    others = frozenset(_all_nouns(entry.service)).difference(nouns)
    kind = _Kind(type_, nouns, others, means, names, paired, own)
    found = {
        name: _operation(service.operation_model(name), kind)
        for name in service.operation_names
        if not name.startswith(tuple(said()["reads"]))
    }
    updates = [one for one in found.values() if one.about and not one.makes]
    written = frozenset(properties if any(one.patch for one in updates) else ()).union(
        *(one.writes for one in updates)
    )
    sources = {service.endpoint_prefix.rpartition(".")[2], service.signing_name, entry.service}
    sources |= set(said()["sources"].get(entry.service, ()))
    return Model(type_, nouns, found, names, properties, written, frozenset(sources))


def operation_of(event: str, model: Model) -> Operation:
    """What an event is that botocore has no operation of, by its name alone."""
    rest, verb, facts = rest_of(event, model.nouns), words(event)[0], said()
    return Operation(
        event,
        about=True,
        named=_meant(rest.text, _turned(model.properties)),
        tags=bool(_TAGS.search(event)),
        makes=rest.exact and verb in facts["makes"],
        ends=rest.exact and verb in facts["ends"],
        strange=True,
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type, as its service's operations are read: its nouns and those of the service's other types, what
    requests mean, what names a thing of it, what is read apart, and its own facts."""

    type: str
    nouns: tuple[str, ...]
    others: frozenset[str]
    means: Mapping[str, frozenset[str]]
    names: frozenset[str]
    paired: Mapping[str, frozenset[str]]
    own: Mapping[str, Iterable[str]]


def _operation(one: OperationModel, kind: _Kind) -> Operation:
    facts, verb, rest = said(), words(one.name)[0], rest_of(one.name, kind.nouns)
    own = kind.own.get(one.name)
    makes = one.name in facts["made_by"].get(kind.type, ()) or (rest.exact and verb in facts["makes"])
    ends = one.name in facts["ended_by"].get(kind.type, ()) or (rest.exact and verb in facts["ends"])
    says, tags = _input(one), bool(_TAGS.search(one.name))
    named = (
        frozenset(own or ()) or kind.paired.get("".join(words(one.name)[1:])) or _meant(rest.text, kind.means)
    )
    about = makes or ends or rest.exact or own is not None
    # What makes a part of it, or writes a thing of another type, says that one's properties.
    part = not about and not tags and verb in facts["makes"]
    other = not about and not tags and rest_of(one.name, kind.others).exact and verb not in facts["relates"]
    if other or (part and not named):
        return Operation(one.name, about=False)
    if not about and not tags and not any(key in kind.names or key in ANY for key in map(plain, says)):
        return Operation(one.name, about=False)
    return Operation(
        one.name,
        about=True,
        members={} if own or part else _says(one, kind),
        named=named,
        tags=tags,
        patch="patchOperations" in says,
        makes=makes,
        ends=ends,
        whole=rest.exact and verb in facts["replaces"],
        partial=verb in facts["partial"]
        or one.name in facts["partial_operations"].get(one.service_model.service_name, ())
        or one.http.get("method") == "PATCH",
        harmless=own is None
        and (
            verb in facts["harmless"]
            or one.name in facts["harmless_operations"].get(one.service_model.service_name, ())
        ),
        says=verb in facts["says"],
    )


def _says(one: OperationModel, kind: _Kind) -> dict[str, frozenset[str]]:
    """The parameters of a request with the properties that they say; those that name a thing say none."""
    nothing: frozenset[str] = frozenset()
    return {
        key: nothing if key in kind.names or key in ANY else said
        for key, said in _members(one.input_shape, kind.means, _DEPTH)
    }


def _input(one: OperationModel) -> list[str]:
    return list(one.input_shape.members) if isinstance(one.input_shape, StructureShape) else []


@cache
def _all_nouns(service: str) -> frozenset[str]:
    """The nouns of all types of a service that are read."""
    entries = (one for one in catalogue().entries.values() if "list" in one.said and one.service == service)
    return frozenset(noun for one in entries for noun in _nouns(one))


def _turned(properties: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """What requests say, plain, with the properties that this means."""
    found: dict[str, frozenset[str]] = {}
    for name, called in properties.items():
        for one in called:
            found[one] = found.get(one, frozenset()) | {name}
    return found


def _meant(text: str, means: Mapping[str, frozenset[str]]) -> frozenset[str]:
    nothing: frozenset[str] = frozenset()
    return means.get(plain(text), nothing) | means.get(stem(text), nothing) if text else nothing


def _members(
    shape: Shape | None, means: Mapping[str, frozenset[str]], depth: int
) -> Iterator[tuple[str, frozenset[str]]]:
    """The parameters of a request; of one that says no property itself those within it, too."""
    if not isinstance(shape, StructureShape) or depth == 0:
        return
    for name, member in shape.members.items():
        says = _meant(name, means)
        yield plain(name), says
        if isinstance(member, MapShape):
            for one in getattr(member.key, "enum", ()):
                yield plain(one), means.get(plain(one), frozenset())
        elif not says:
            yield from _members(member, means, depth - 1)


def _properties(entry: Entry) -> Iterator[str]:
    yield from dict.fromkeys((*entry.properties, *entry.facts.root.children, *entry.names))


def _called(entry: Entry, name: str, nouns: tuple[str, ...]) -> Iterator[str]:
    """What a property is called in requests: its own name, without the type's noun too, and the members of
    the answers that it is read of."""
    expression = entry.said.get("properties", {}).get(name)
    for said_so in {name, *(_fields(expression) if isinstance(expression, str) else ())}:
        for one in {plain(said_so), stem(said_so), _SWITCH.sub("", plain(said_so))}:
            yield one
            for noun in nouns:
                if one.startswith(noun) and one != noun:
                    yield one[len(noun) :]


def _fields(expression: str) -> Iterator[str]:
    """The first members that an expression reads; of ``item`` those within it."""
    own = {"item", "parent", "account", "region", "partition", "null", "true", "false", "ResponseMetadata"}
    last = ""
    for found in _FIELD.finditer(expression):
        dot, name = found.group(1), found.group(2)
        if name and name not in own and (not dot or last in ("item", "parent")):
            yield name
        last = name or ""


def _nouns(entry: Entry) -> tuple[str, ...]:
    """What requests call a thing of the type, plain: by the type's own name, and by what lists it."""
    listed = words("".join(part.title() for part in str(entry.said["list"]["call"]).split("_")))[1:]
    found = [plain(entry.type.rpartition("::")[2]), *map(plain, said()["nouns"].get(entry.type, ()))]
    if entry.said["list"]["call"] not in said()["lists_all"]:
        found.append(singular("".join(listed)))
    return tuple(dict.fromkeys(found))


def _names(entry: Entry, nouns: tuple[str, ...]) -> Iterator[str]:
    """The members that name a resource of the type."""
    for call in entry.said.get("describe", ()):
        for member, value in (call.get("with") or {}).items():
            if isinstance(value, str) and value.startswith("="):
                yield plain(member)
    for noun in nouns:
        for end in ("", "s", "name", "names", "id", "ids", "arn", "arns", "identifier", "url"):
            yield noun + end
    yield from map(plain, said()["names"].get(entry.type, ()))


def _paired(entry: Entry, nouns: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """What a call that reads some properties alone is named by, with these: BucketCors of GetBucketCors."""
    found: dict[str, frozenset[str]] = {}
    for call in entry.said.get("describe", ()):
        name = "".join(part.title() for part in str(call["call"]).split("_")[1:])
        if call.get("for") and rest_of(f"Get{name}", nouns).text:
            for one in {name.lower(), singular(name.lower())}:
                found[one] = found.get(one, frozenset()) | frozenset(call["for"])
    return found
