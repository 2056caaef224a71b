"""Makes an ARM body of a Terraform resource's attributes, as the type's entry says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drift.model import Sensitive, Unresolved
from drift.values import is_unset
from providers.azure.terraform_entries import Entry, Field, Fields
from providers.terraform_words import camel, parsed

#: Terraform's own attributes, on any type, and the parts of a name, which the id says.
_LEAVE = frozenset("id name timeouts resource_group_name resource_manager_id resource_versionless_id".split())
#: Attributes that Azure computes: what they are called on any type. An entry's fields come first.
_COMPUTED = re.compile(
    r"(?:default_)?(?:primary|secondary)_\w*(?:key|connection_string|endpoint|host|location|string|blob|value)\w*"
    r"|(?:\w+_)?fqdns?|(?:\w+_)?guid|principal_id|\w+_fingerprint|(?:default|read|write)_\w*(?:endpoints?|host_?name|key)"
)
_SECRET = re.compile(
    r"(?:\w+_)?(?:password|passphrase|secret|client_secret|shared_key|access_key|storage_account_access_key|sas_url"
    r"|connection_string|private_key|api_key|custom_data|user_data|protected_settings|token)",
)
NO_ANSWER = "Azure takes this secret and never gives it back"

#: What is said in the same words on every type; an entry's own fields come first.
_IDENTITY = "identity"


class Body:
    """One resource's translation."""

    def __init__(self, entry: Entry, id: str) -> None:
        self.entry, self.id = entry, id
        self.root: dict[str, Any] = {}

    def of(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The body that the attributes declare; what is null, empty or 0 is unsaid."""
        for path, value in self.entry.set.items():
            put(self.root, path, value)
        said = {name: value for name, value in attributes.items() if name not in self.entry.also}
        self._walk(common(said, self.entry.fields), self.entry.fields, self.root, "")
        return self.root

    def _walk(self, said: Mapping[str, Any], fields: Fields, out: dict[str, Any], at: str) -> None:
        for name, value in said.items():
            path = f"{at}{name}"
            known = fields.get(name)
            if known is None:
                if name in COMMON and not at:
                    put(self.root, name, value)
                elif not (path in self.entry.leave or _left(name, at) or _unsaid(value)):
                    self._unknown(name, path, out, bool(at))
                continue
            for one in known:
                if _have(said, one.says("when")):
                    self._say(one, value, out, path, said)

    def _unknown(self, name: str, path: str, out: dict[str, Any], nested: bool) -> None:
        secret = _SECRET.fullmatch(name) is not None
        why = NO_ANSWER if secret else f"what ARM calls Terraform's {path} is not known"
        put(out, camel(name) if nested else f"properties/{camel(name)}", Unresolved(why), keep=True)

    def _say(
        self, field: Field, value: Any, out: dict[str, Any], path: str, beside: Mapping[str, Any]
    ) -> None:
        target, to = (self.root, field.to[1:]) if field.to.startswith("/") else (out, field.to)
        if value is None or (_unsaid(value) and not self._meant(field, value)) or value in _skipped(field):
            return
        if field.says("unread"):
            put(target, to, Unresolved(str(field.says("unread"))), keep=True)
            return
        if field.says("add"):
            _add(target, to, [field.says("add")] if value is True else [])
            return
        if field.block is not None:
            self._block(field.block, value, target, to, path)
            return
        if field.each is not None:
            self._each(field, value, target, to, path)
            return
        secret = isinstance(value, Sensitive) or field.says("secret")
        plain = value.value if isinstance(value, Sensitive) else value
        found = plain if isinstance(plain, Unresolved) else converted(field, plain, path, beside)
        if field.says("child"):
            found = self._child(field.says("child"), found)
        if field.says("more") and isinstance(found, list):
            members = [{**one, **(field.says("append") or {})} for one in found]
            _add(target, to, [{field.says("within"): members}] if field.says("within") else members)
        else:
            put(target, to, Sensitive(found) if secret else found)

    def _child(self, collection: str, named: Any) -> Any:
        """The id, or ids, of members of a collection of the resource itself."""
        if isinstance(named, list):
            return [{"id": f"{self.id}/{collection}/{one}"} for one in named]
        return f"{self.id}/{collection}/{named}"

    def _meant(self, field: Field, value: Any) -> bool:
        zero = field.says("zero") and not isinstance(value, bool) and value == 0
        return bool(zero or (field.says("empty") and value in ("", [], {})))

    def _block(self, fields: Fields, value: Any, target: dict[str, Any], to: str, path: str) -> None:
        inner = value[0] if isinstance(value, list) and value else value
        if not isinstance(inner, Mapping):
            return
        below: dict[str, Any] = {}
        self._walk(inner, fields, below, f"{path}/")
        for name, one in below.items():
            put(target, name if to == "." else f"{to}/{name}", one)

    def _each(self, field: Field, value: Any, target: dict[str, Any], to: str, path: str) -> None:
        assert field.each is not None
        found: list[dict[str, Any]] = []
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping) and _have(one, field.says("where")):
                below: dict[str, Any] = {}
                self._walk(one, field.each, below, f"{path}/")
                if field.says("numbered"):
                    below["name"] = field.says("numbered").format(len(found) + 1)
                found.append({**below, **(field.says("append") or {})})
        if not found:
            return
        if key := field.says("keyed"):
            put(target, to, {str(one.pop(key)): one for one in found if key in one})
        else:
            _add(target, to, found)


COMMON = frozenset({"location", "tags", "zones", _IDENTITY, "extendedLocation"})


def common(said: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """The attributes with what every type says alike in ARM's words, where ``fields`` does not say it
    otherwise."""
    found = dict(said)
    for name in ("location", "tags", "zones"):
        if name in said and name not in fields and _unsaid(said[name]):
            del found[name]
    if said.get("zone") and "zone" not in fields:
        found["zones"] = [found.pop("zone")]
    if said.get("edge_zone") and "edge_zone" not in fields:
        found["extendedLocation"] = {"type": "EdgeZone", "name": found.pop("edge_zone")}
    if _IDENTITY not in fields and _IDENTITY in said:
        identity = identity_of(found.pop(_IDENTITY))
        if identity:
            found[_IDENTITY] = identity
    return found


def identity_of(said: Any) -> dict[str, Any]:
    """ARM's ``identity`` of Terraform's block; empty where none is declared."""
    block = said[0] if isinstance(said, list) and said else said
    if not isinstance(block, Mapping) or not block.get("type"):
        return {}
    found: dict[str, Any] = {"type": block["type"]}
    ids = block.get("identity_ids") or []
    if isinstance(ids, list) and (ids or "UserAssigned" in str(block["type"])):
        found["userAssignedIdentities"] = {str(one): {} for one in ids}
    return found


def converted(field: Field, value: Any, path: str, beside: Mapping[str, Any]) -> Any:
    """An attribute's value in the words of the body."""
    if field.says("value") is not None:
        return field.says("value")
    if field.says("json"):
        return parsed(value, path)
    if field.says("switch") and isinstance(value, bool):
        return field.says("switch")[0 if value else 1]
    if field.says("invert"):
        return not value
    if field.says("keyed") and isinstance(value, list):
        return {str(one): {} for one in value}
    if field.says("pairs") and isinstance(value, Mapping):
        key, named = field.says("pairs")
        return [{key: one, named: said} for one, said in value.items()]
    if field.says("split") and isinstance(value, str):
        value = value.split(field.says("split"))
        if field.says("names"):
            return dict(zip(field.says("names"), value, strict=False))
    if field.says("first") and isinstance(value, list):
        value = value[0]
    if field.says("list") and not isinstance(value, list):
        value = [value]
    if isinstance(value, list):
        members = [_scalar(field, one, beside) for one in value]
        if field.says("join"):
            order = field.says("order") or []
            members.sort(key=lambda one: order.index(one) if one in order else len(order))
            return field.says("join").join(str(one) for one in members)
        return [_wrapped(field, one) for one in members] if field.says("wrap") else members
    return _scalar(field, value, beside)


def _wrapped(field: Field, value: Any) -> dict[str, Any]:
    member: dict[str, Any] = {}
    if field.says("named"):
        member["name"] = str(value).rpartition("/")[2]
    put(member, field.says("wrap"), value)
    return member


def _scalar(field: Field, value: Any, beside: Mapping[str, Any]) -> Any:
    if field.says("before"):
        value = str(value).partition(field.says("before"))[0]
    if field.says("after"):
        value = str(value).partition(field.says("after"))[2]
    if field.says("times") and isinstance(value, int | float):
        value = value * field.says("times")
        value = int(value) if value == int(value) else value
    if field.says("map") is not None and isinstance(value, str | int | bool):
        value = field.says("map").get(value, value)
    if field.says("tail"):
        return str(value).rpartition("/")[2]
    if field.says("format"):
        try:
            return field.says("format").format(value, beside=beside)
        except KeyError as missing:
            return Unresolved(f"Terraform's state does not say {missing}")
    if field.says("text") and isinstance(value, int | float):
        return str(value).lower()
    return value


def _skipped(field: Field) -> Iterator[Any] | list[Any]:
    return field.says("skip") or []


def _have(said: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> bool:
    """Whether attributes have the values that are wanted, or one of a list of them."""
    return all(
        said.get(name) in (one if isinstance(one, list) else [one]) for name, one in (wanted or {}).items()
    )


def _left(name: str, at: str) -> bool:
    return (not at and name in _LEAVE) or (name == "id") or _COMPUTED.fullmatch(name) is not None


def _unsaid(value: Any) -> bool:
    return is_unset(value) or value == [None]


def put(out: dict[str, Any], path: str, value: Any, *, keep: bool = False) -> None:
    """Sets what is at ``path``, objects added to what stands there; with ``keep`` what stands there stays."""
    *parents, last = path.split("/")
    for name in parents:
        below = _inside(out, name)
        if below is None:
            return
        out = below
    if keep and last in out:
        return
    if isinstance(value, dict) and isinstance(out.get(last), dict):
        out[last] = joined(out[last], value)
    else:
        out[last] = value


def _inside(out: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The object ``name``, or the first member of the list ``name[]``, made where it is missing; None where
    something else is."""
    if name.endswith("[]"):
        many = out.setdefault(name[:-2], [{}])
        return many[0] if isinstance(many, list) and isinstance(many[0], dict) else None
    below = out.setdefault(name, {})
    return below if isinstance(below, dict) else None


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two objects as one."""
    found = dict(one)
    for name, value in other.items():
        known = found.get(name)
        found[name] = joined(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return found


def _add(out: dict[str, Any], path: str, members: list[Any]) -> None:
    """Adds members to the list at ``path``."""
    *parents, last = path.split("/")
    for name in parents:
        below = _inside(out, name)
        if below is None:
            return
        out = below
    out[last] = [*out.get(last, ()), *members]
