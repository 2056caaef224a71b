"""What one event of CloudTrail says: who, and which properties of a resource it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from drift.testimony import Touch
from providers.aws.cloudtrail_model import ANY, Model, Operation, operation_of
from providers.aws.cloudtrail_names import plain


@dataclass(frozen=True, slots=True)
class Event:
    """One event that changed something: who did it, how the actor is named otherwise, its parameters, and the
    ``resources`` that the log has it under."""

    id: str
    name: str
    time: str
    source: str
    actor: str
    names: tuple[str, ...]
    kind: Literal["person", "service"] | None
    parameters: Mapping[str, Any]
    region: str
    resources: tuple[str, ...] = ()


def event(told: Mapping[str, Any]) -> Event | None:
    """The event that LookupEvents tells; None where it only read, failed, or says nobody."""
    try:
        record = orjson.loads(str(told.get("CloudTrailEvent", "")))
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
        tuple(str(one.get("ResourceName")) for one in told.get("Resources") or () if one.get("ResourceName")),
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


@dataclass(frozen=True, slots=True)
class Meant:
    """A resource as events may name it: its type's model, what it is called, and its id."""

    model: Model
    names: tuple[str, ...]
    id: str

    def speaks(self, one: Event) -> Operation | None:
        """What an event is to this resource; None where it is of another service, type or resource."""
        source = one.source.partition(".")[0]
        if source == _TAGGING:
            return operation_of(one.name, self.model)
        known = self.model.operation(one.name)
        if source not in self.model.sources or (known is not None and not known.about):
            return None
        if known is None:
            return operation_of(one.name, self.model)
        if self.model.type == RECORD:
            return known if next(_records(one.parameters, self.id), None) else None
        naming = self.model.names | ANY
        said = [value for key, value in _parameters(one.parameters) if key in naming]
        named = [text for value in said for text in texts(value)]
        return None if named and not any(_called(text, self.names) for text in named) else known

    def makes(self, one: Event, known: Operation) -> bool:
        """Whether the event made the resource."""
        return known.makes or self._did(one, "CREATE")

    def ends(self, one: Event, known: Operation) -> bool:
        """Whether it ended it."""
        return known.ends or self._did(one, "DELETE")

    def _did(self, one: Event, action: str) -> bool:
        return self.model.type == RECORD and action in _records(one.parameters, self.id)

    def touch(self, one: Event, known: Operation, path: str) -> Touch:
        """Whether an event touches a changed path.

        It does where its own name or its parameters say the property, and where it wrote the whole. It does
        not where the property is said by other requests, and not by this one; where what it leaves out stays
        as it was; or where all that it says is something else. Else nobody knows.
        """
        wanted = path.split("/")[1] if path.startswith("/") else path
        if known.tags:
            return "touches" if plain(wanted).endswith("tags") else "elsewhere"
        if known.makes or known.whole or self.model.type == RECORD:
            return "touches"
        if wanted in known.named:
            return "touches"
        called = self.model.properties.get(wanted, frozenset({plain(wanted)}))
        found = _parameters(one.parameters, lambda name: bool(known.members.get(name)))
        said = {key: value for key, value in found if key not in self.model.names and key not in ANY}
        if any(wanted in known.members.get(key, ()) or key in called for key in said):
            return "touches"
        set_ = [plain(value) for key, value in said.items() if key in _ATTRIBUTE and isinstance(value, str)]
        if set_ and any(set_[0] in names for names in self.model.properties.values()):
            return "elsewhere"
        if known.strange:
            return "elsewhere" if known.named else "unknown"
        if known.named and wanted not in known.writes:
            return "elsewhere"
        if said and (known.partial or known.patch) and (known.patch or wanted in known.writes):
            return "elsewhere"
        if known.harmless:
            return "elsewhere"
        # Of a request of which nothing is known nobody knows what it writes.
        if wanted in known.writes or known.patch or not known.writes:
            return "unknown"
        if known.says and wanted in self.model.written:
            return "elsewhere"
        if said and all(known.members.get(key) for key in said):
            return "elsewhere"
        return "unknown"


#: The type whose events name its zone, and itself in a batch.
RECORD = "AWS::Route53::RecordSet"
_DEPTH = 3
#: What tags resources of any service: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/.
_TAGGING = "tagging"
#: Members whose value is the name of what is set (SetTopicAttributes, ModifyInstanceAttribute).
_ATTRIBUTE = frozenset({"attributename", "attribute"})


def _parameters(
    parameters: Any, whole: Callable[[str], bool] = lambda _: False, depth: int = _DEPTH
) -> Iterator[tuple[str, Any]]:
    """Each parameter, plain, with those within it where it is not ``whole``, and those that it names by its
    value or by a path."""
    if not isinstance(parameters, Mapping) or depth == 0:
        return
    for key, value in parameters.items():
        name = plain(str(key))
        yield name, value
        if name in _ATTRIBUTE and isinstance(value, str):
            yield plain(value), value
        if name == "patchoperations" and isinstance(value, list):
            paths = [str(one.get("path", "")) for one in value if isinstance(one, Mapping)]
            yield from ((plain(path.strip("/").partition("/")[0]), value) for path in paths)
        if not whole(name):
            yield from _parameters(value, whole, depth - 1)


def _records(parameters: Mapping[str, Any], id_: str) -> Iterator[str]:
    """What a batch of changes did to a record (``NAME|ZONE|TYPE|SET``): CREATE, UPSERT or DELETE."""
    name, _, type_, identifier = (*id_.split("|"), "", "", "")[:4]
    batch = parameters.get("changeBatch")
    changes = batch.get("changes") if isinstance(batch, Mapping) else None
    for change in changes if isinstance(changes, list) else ():
        record = change.get("resourceRecordSet") if isinstance(change, Mapping) else None
        if not isinstance(record, Mapping):
            continue
        said = str(record.get("name", "")).replace("\\052", "*").rstrip(".").lower()
        kind, own = str(record.get("type", "")).lower(), str(record.get("setIdentifier") or "").lower()
        if (said, kind, own) == (name.rstrip("."), type_, identifier):
            yield str(change.get("action", ""))


def texts(value: Any) -> Iterator[str]:
    """The texts of a parameter, in lists too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts(one)


def _called(value: str, names: Iterable[str]) -> bool:
    """Whether a parameter says the resource by one of its names; an ARN by its own."""
    value, called = value.lower(), [name.lower() for name in names]
    arns = [name for name in called if name.startswith("arn:")]
    if value.startswith("arn:") and arns:
        return any(value == arn or value.startswith((f"{arn}:", f"{arn}/")) for arn in arns)
    return any(value == name or value.endswith((f"/{name}", f":{name}")) for name in called)
