"""What happens to an object as soon as it is read: bookkeeping is made small, and nothing of a secret is kept
beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from drift.model import Resource
from drift.redaction import may_hold_random, may_hold_secret, may_hold_variables
from drift.safe_yaml import data
from providers.kubernetes.managers import CLIENT_SIDE, named
from providers.kubernetes.names import TypeName, object_id

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KEPT, _KEPT_PARTS = 1000, 100_000
#: Members that name an entry of a list, by which it is found again.
_NAMES = frozenset(
    (
        "name",
        "key",
        "type",
        "kind",
        "namespace",
        "port",
        "containerPort",
        "protocol",
        "mountPath",
        "ip",
        "topologyKey",
    )
)


def resource(cluster: str, type_: TypeName, body: dict[str, Any]) -> Resource | None:
    """One object as a live resource, see :meth:`Reader.resource`."""
    return Reader(cluster, type_).resource(body)


class Reader:
    """Makes live resources of the pages of one kind's list. What pages have in common is looked at and kept
    once."""

    def __init__(self, cluster: str, type_: TypeName) -> None:
        self.cluster, self.type = cluster, type_
        self._name = str(type_)
        self._head = {"apiVersion": type_.api_version, "kind": type_.kind}
        self._innocent: set[bytes] = set()
        self._fields: dict[bytes, str] = {}
        self._status = _statuses().get(type_.key)

    def resources(self, items: Iterable[dict[str, Any]], text: bytes) -> Iterator[Resource]:
        """The objects of a page that have a name. ``text`` is what the items were parsed from."""
        searched = self._holds_no_secret(text)
        for body in items:
            found = self.resource(body, searched=searched)
            if found is not None:
                yield found

    def resource(self, body: dict[str, Any], *, searched: bool = False) -> Resource | None:
        """A listed object as a live resource; None where it has no name.

        The body stays as the API server gave it, but for ``status`` (no desired state; ``status.yaml`` says
        what is kept of it), field names as text (they are looked at only where something differs), and a last
        applied configuration that may hold a secret without its values. ``searched``: nothing in it looks
        like a secret.
        """
        metadata = body.get("metadata")
        if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
            return None
        status = body.pop("status", None)
        if self._status and isinstance(status, dict) and (kept := _kept(status, self._status)):
            body["status"] = kept
        self._shorten(metadata, searched)
        name = metadata["name"]
        id_ = object_id(metadata.get("namespace") or None, name)
        attributes = {**self._head, **body}
        return Resource("kubernetes", self.cluster, self._name, id_, attributes, name=name, searched=searched)

    def _shorten(self, metadata: dict[str, Any], searched: bool) -> None:
        applied = False
        managed = [entry for entry in metadata.get("managedFields") or () if isinstance(entry, dict)]
        if managed:
            metadata["managedFields"] = managed
        for entry in managed:
            entry.pop("fieldsType", None)
            fields = entry.get("fieldsV1")
            if isinstance(fields, dict):
                entry["fieldsV1"] = self._text(fields)
            applied = applied or _applies(entry)
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict) and isinstance(annotations.get(LAST_APPLIED), str):
            if not applied:
                annotations[LAST_APPLIED] = "{}"  # nothing is asked of it
            elif self.type.key == "Secret" or not searched:
                annotations[LAST_APPLIED] = _without_secrets(
                    annotations[LAST_APPLIED], self.type.key == "Secret"
                )

    def _text(self, fields: dict[str, Any]) -> str:
        """Field names as text; the same text is one object, as most of a kind have the same fields."""
        told = orjson.dumps(fields)
        known = self._fields.get(told)
        if known is None:
            if len(self._fields) >= _KEPT:
                self._fields.clear()
            known = self._fields[told] = told.decode()
        return known

    def _holds_no_secret(self, text: bytes) -> bool:
        """Whether nothing in a page looks like a secret, told from what stands between its quotation marks.

        What was innocent in an earlier page is so again, but for what goes on behind an escaped quotation
        mark: there, two parts may be a secret only together.
        """
        if may_hold_variables(text):
            return False
        parts = set(text.split(b'"'))
        parts -= self._innocent
        # Joined as names are, which may be telling; then as values are, whose randomness is.
        if may_hold_secret(b'":'.join(parts).lower()):
            return False
        if may_hold_random(b'" '.join(parts)) and may_hold_random(text):
            return False
        if len(self._innocent) >= _KEPT_PARTS:
            self._innocent.clear()
        self._innocent.update(part for part in parts if part[-1:] != b"\\")
        return True


@cache
def _statuses() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By kind the members of a status that are kept, each with the names that are kept of its entries; none
    where all is."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for kind, paths in data(Path(__file__).with_name("status.yaml")).items():
        members = found[kind] = {}
        for path in paths:
            member, _, name = path.partition("/")
            members[member] = members.get(member, frozenset()) | ({name} if name else frozenset())
    return found


def _kept(status: Mapping[str, Any], members: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """What is kept of a status."""
    found: dict[str, Any] = {}
    for member, names in members.items():
        said = status.get(member)
        if names:
            entries = said if isinstance(said, list) else ()
            said = [
                {name: one[name] for name in sorted(names) if name in one}
                for one in entries
                if isinstance(one, dict)
            ]
        if said:
            found[member] = said
    return found


def _applies(entry: Mapping[str, Any]) -> bool:
    """Whether a last applied configuration is asked of what an entry's manager wrote."""
    manager = str(entry.get("manager"))
    return entry.get("operation") != "Apply" and (manager == CLIENT_SIDE or named(manager) == "deployer")


def _without_secrets(text: str, secret: bool) -> str:
    raw = text.encode()
    return skeleton(text) if secret or may_hold_secret(raw.lower()) or may_hold_random(raw) else text


def skeleton(text: str) -> str:
    """A configuration without its values, as text: which fields it has, and the names that find a list's
    entries."""
    try:
        return orjson.dumps(_bare(orjson.loads(text))).decode()
    except orjson.JSONDecodeError:
        return "{}"


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: item if key in _NAMES and isinstance(item, (str, int)) else _bare(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return None
