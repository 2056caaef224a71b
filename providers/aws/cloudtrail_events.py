"""What one event of CloudTrail says: who, and which properties of a resource it touches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson

from drift.safe_yaml import data
from drift.testimony import Touch

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_VERSION = re.compile(r"\d{8}(v\d+)?$")
_TAGS = re.compile(r"^(?:Tag|Untag|CreateTags|DeleteTags|AddTags|RemoveTags)|Tagging$|Tags$")
_FILLING = frozenset({"configuration", "config", "specification", "settings", "attributes", "attribute"})


@cache
def said() -> Mapping[str, Any]:
    """The facts beside the general rule."""
    found: Mapping[str, Any] = data(Path(__file__).with_name("cloudtrail.yaml"))
    return found


@dataclass(frozen=True, slots=True)
class Event:
    """One event that changed something: who did it, how the actor is named otherwise, and its parameters."""

    id: str
    name: str
    time: str
    source: str
    actor: str
    names: tuple[str, ...]
    kind: Literal["person", "service"] | None
    parameters: Mapping[str, Any]
    region: str

    def makes(self, type_: str) -> bool:
        """Whether it makes a thing of this type (CreateBucket), and not a part of one."""
        return self.name.startswith(tuple(said()["makes"])) and self._whole(type_)

    def ends(self, type_: str) -> bool:
        """Whether it ends a thing of this type (DeleteBucket), and not a part of one (DeleteBucketPolicy)."""
        return self.name.startswith(tuple(said()["ends"])) and self._whole(type_)

    def _whole(self, type_: str) -> bool:
        """Whether the event's name says no more than the type's: versions and plurals (RunInstances,
        CreateFunction20150331) are no more."""
        return _VERSION.sub("", _rest(self.name, type_)) == ""


def event(raw: str) -> Event | None:
    """The event of a record; None where it only read, failed, or says nobody."""
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or record.get("readOnly") is not False or record.get("errorCode"):
        return None
    who = record.get("userIdentity")
    actor, names, kind = _actor(who if isinstance(who, dict) else {})
    if not actor or not record.get("eventID") or not record.get("eventTime"):
        return None
    parameters = record.get("requestParameters")
    return Event(
        str(record["eventID"]),
        str(record.get("eventName", "")),
        str(record["eventTime"]),
        str(record.get("eventSource", "")),
        actor,
        names,
        kind,
        parameters if isinstance(parameters, dict) else {},
        str(record.get("awsRegion", "")),
    )


def _actor(who: Mapping[str, Any]) -> tuple[str, tuple[str, ...], Literal["person", "service"] | None]:
    """How an identity is called, by what other names it may be known, and what it is."""
    arn, type_ = str(who.get("arn") or ""), who.get("type")
    context = who.get("sessionContext")
    issuer = context.get("sessionIssuer") if isinstance(context, dict) else None
    issuer = issuer if isinstance(issuer, dict) else {}
    role, role_arn = str(issuer.get("userName") or ""), str(issuer.get("arn") or "")
    if type_ == "AWSService":
        name = str(who.get("invokedBy") or "")
        return name, (name,), "service"
    if type_ == "Root":
        return f"root of {who.get('accountId')}", (arn,), "person"
    if type_ == "IAMUser":
        return str(who.get("userName") or arn), (arn, str(who.get("userName") or "")), None
    if type_ == "AssumedRole" or role:
        session = arn.rsplit("/", 1)[-1] if "/" in arn else ""
        role = role or (arn.split("/")[1] if arn.count("/") > 1 else arn)
        names = (arn, role, role_arn, f"{role}/{session}")
        actor = f"{role}/{session}" if session and session != role else role
        if "/aws-service-role/" in role_arn:
            return actor, names, "service"
        return actor, names, "person" if role.startswith("AWSReservedSSO_") else None
    name = str(who.get("userName") or arn or who.get("principalId") or who.get("accountId") or "")
    return name, (name, arn), "person" if type_ in ("SAMLUser", "IdentityCenterUser") else None


def touch(event: Event, type_: str, path: str, known: Iterable[str], identity: Iterable[str]) -> Touch:
    """Whether an event touches a changed path of a type with these properties, and these names of the thing.

    In this order: what the facts say; tags; the rest of the event's name ("Versioning"); what the parameters
    name. A parameter that is no known property and no name of the thing leaves it unknown.
    """
    properties = {_plain(name): name for name in known}
    wanted = path.split("/")[1] if path.startswith("/") else path
    own = said()["writes"].get(type_, {}).get(event.name)
    if own:
        return "touches" if wanted in own else "elsewhere"
    if _TAGS.search(event.name):
        return "touches" if _plain(wanted).endswith("tags") else "elsewhere"
    if event.makes(type_):
        return "touches"
    rest = _rest(event.name, type_)
    if rest:
        for plain in sorted(properties, key=len, reverse=True):
            if rest in (plain, _stripped(properties[plain], type_)):
                return "touches" if properties[plain] == wanted else "elsewhere"
    said_names = tuple(identity)
    found: set[str] = set()
    strange = False
    for key, value in _keys(event.parameters):
        if _plain(key) in properties:
            found.add(_plain(key))
        elif not (isinstance(value, str) and _called(value, said_names)):
            strange = True
    if _plain(wanted) in found:
        return "touches"
    return "elsewhere" if found and not strange else "unknown"


def _keys(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each parameter, with those of ``attributes`` and its like, whose own name says nothing."""
    for key, value in parameters.items():
        if isinstance(value, Mapping) and _plain(key) in _FILLING:
            yield from value.items()
        else:
            yield key, value


def _called(value: str, names: Iterable[str]) -> bool:
    """Whether a parameter only says which thing is meant."""
    return any(value == name or value.endswith((f"/{name}", f":{name}")) for name in names)


def _rest(name: str, type_: str) -> str:
    """What an event's name says beside its verb and the type's own noun: PutBucketVersioning, versioning."""
    return _stripped("".join(_WORD.findall(name)[1:]), type_)


def _stripped(name: str, type_: str) -> str:
    """A name without the type's own noun in front, and without words that say nothing."""
    noun = [word.lower() for word in _WORD.findall(type_.rsplit("::", 1)[-1])]
    words = [word.lower() for word in _WORD.findall(name)]
    if len(words) >= len(noun) and words[len(noun) - 1] == f"{noun[-1]}s":
        words[len(noun) - 1] = noun[-1]
    left = words[len(noun) :] if words[: len(noun)] == noun else words
    return "".join(word for word in left if word not in _FILLING)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
