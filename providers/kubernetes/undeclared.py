"""Decides whether a live value that Git leaves unsaid is a change: it is, unless something tells otherwise.

Who wrote it is no excuse: what a deployer wrote is what Git said then, and Git says it no longer; a name can
be borrowed and an entry of managedFields deleted. What passes is what the API server fills in, what tools
mark their objects with, and what a controller at its work writes where that is harmless (``unsaid.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from drift.facts import TypeFacts
from drift.model import Resource
from drift.pointer import join, split
from drift.redaction import is_secret
from providers.kubernetes import sidecars, unsaid
from providers.kubernetes.defaults import conditional
from providers.kubernetes.edge import LAST_APPLIED
from providers.kubernetes.facts import is_custom
from providers.kubernetes.managers import is_person, named, role
from providers.kubernetes.names import parse
from providers.kubernetes.ownership import Owner, holds, owners_of
from providers.kubernetes.system import is_control_plane

_CA = "/caBundle"
_FINALIZERS = "/metadata/finalizers"


class Judge:
    """One pair's undeclared values. Nothing is parsed before the first question.

    ``learnt``: the cluster itself told the shape of the kind, with its defaults.
    """

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts, *, learnt: bool = False) -> None:
        self.declared, self.live, self.facts, self.learnt = declared, live, facts, learnt
        name = parse(live.type)
        self._kind = live.type if name is None else name.key
        self._custom = name is not None and is_custom(name)
        self._owners: list[Owner] | None = None
        self._deployer: str | None = None

    @property
    def owners(self) -> list[Owner]:
        if self._owners is None:
            self._owners = owners_of(self.live.attributes)
            self._deployer = _deployer(self.declared.attributes, self._owners, self.facts)
        return self._owners

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change; None where it is one."""
        told = conditional(self.declared.attributes, self.live.attributes, path, value)
        if told is not None:
            return told
        key = unsaid.metadata_key(path)
        if key is not None and unsaid.is_request(key, value):
            return "a request to a controller, no setting"
        found = [owner for owner in self.owners if holds(owner, path, self.facts.root)]
        if any(is_person(owner) for owner in found):
            return None
        told = self._evident(path, value, key, found)
        if told is not None:
            return told
        if not found:
            return self._unowned(path, value, key)
        reasons = [self._owned(owner, path, value, key) for owner in found]
        return None if None in reasons else reasons[0]

    def _evident(self, path: str, value: Any, key: str | None, owners: list[Owner]) -> str | None:
        """Why it is a tool's own or filled in, told by where it stands and what it is."""
        if path.startswith(_FINALIZERS):
            return "others wait for its end, too"
        if key is not None and path.startswith("/metadata/") and unsaid.is_mark(key):
            return "a tool's own mark"
        if path.endswith(_CA):
            return self._injected(owners)
        for one in unsaid.filled(self._kind):
            if one.paths.match(path) and self._fits(one, value, owners):
                return f"filled in: {one.why}"
        return sidecars.injected(self.live.attributes, path) if self._kind == "Pod" else None

    def _fits(self, one: unsaid.FilledIn, value: Any, owners: list[Owner]) -> bool:
        deployed = [self._deploys(owner) for owner in owners]
        applied = any(owner.operation == "Apply" for owner in owners)  # then Git asked for it once
        if one.unowned and (applied or not all(deployed)):
            return False
        if one.tended and (not owners or any(deployed)):
            return False
        if one.value:
            pattern = one.value.replace("{name}", re.escape(str(self.live.name)))
            text = "$secret" if is_secret(value) else str(value)
            if not re.fullmatch(pattern, text):
                return False
        if one.marked and one.marked not in _metadata(self.live, "annotations"):
            return False
        if one.label and one.label not in _metadata(self.live, "labels"):
            return False
        return not one.asked or self._asks(one.asked)

    def _asks(self, words: tuple[str, ...]) -> bool:
        """Whether Git declares one of these labels or annotations (NAME or NAME=VALUE)."""
        said = {**_metadata(self.declared, "labels"), **_metadata(self.declared, "annotations")}
        return any(
            name in said and (not sign or said[name] == value)
            for name, sign, value in (word.partition("=") for word in words)
        )

    def _injected(self, owners: list[Owner]) -> str | None:
        """Why a certificate authority is one that a controller puts in."""
        if self._asks(unsaid.injection()):
            return "the certificate authority that it asks for"
        tenders = (
            owner.manager
            for owner in owners
            if not self._deploys(owner) and not is_control_plane(owner.manager)
        )
        tender = next(tenders, None)
        return None if tender is None else f"injected by {tender}"

    def _owned(self, owner: Owner, path: str, value: Any, key: str | None) -> str | None:
        if unsaid.is_dangerous(self._kind, path, value):
            return None
        if self.facts.access and not path.startswith("/metadata/"):
            return None
        what = role(owner, self.owners)
        if self._deploys(owner):
            return self._by_deployer(owner, path)
        if path.startswith("/metadata/"):
            noted = key is not None and "/" in key  # with a domain of its own, as controllers name theirs
            return f"noted by {owner.manager}" if noted or what == "controller" else None
        return f"written by the controller {owner.manager}" if what == "controller" else None

    def _deploys(self, owner: Owner) -> bool:
        return role(owner, self.owners) == "deployer" or owner.manager == self._deployer

    def _by_deployer(self, owner: Owner, path: str) -> str | None:
        """Of what came with a deployment what nobody asked for: the API server or a webhook filled it in.

        What the deployer asked for, Git said once.
        """
        if owner.operation == "Apply":
            return None
        applied = self._last_applied()
        if not applied or _says(applied, path):
            return None
        return f"not asked for by {owner.manager}: filled in by the API server or a webhook"

    def _unowned(self, path: str, value: Any, key: str | None) -> str | None:
        """Of what no entry names an owner: that may be the API server, or somebody who deleted his entry."""
        dangerous = unsaid.is_dangerous(self._kind, path, value)
        if not self.owners and key is not None and "/annotations/" in path:
            return "others annotate it, too" if "/" in key and not dangerous else None
        if not self._custom or path.startswith("/metadata/") or self.learnt or unsaid.is_strict(self._kind):
            return None
        return None if dangerous else "a custom resource's own defaults are not known"

    def _last_applied(self) -> Any:
        """What was applied last; None where nobody can tell (a snapshot keeps it only where it is asked
        for)."""
        text = _metadata(self.live, "annotations").get(LAST_APPLIED)
        if not isinstance(text, str):
            return None
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return None


def _metadata(resource: Resource, place: str) -> Mapping[str, Any]:
    metadata = resource.attributes.get("metadata")
    found = metadata.get(place) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _deployer(declared: Mapping[str, Any], owners: list[Owner], facts: TypeFacts) -> str | None:
    """The manager that wrote most of what Git declares; never a person's."""
    able = [
        owner
        for owner in owners
        if not owner.subresource and not is_person(owner) and named(owner.manager) in ("unknown", "deployer")
    ]
    if not able:
        return None
    paths = list(_said(declared, "", 0))
    scores = {owner.manager: sum(holds(owner, path, facts.root) for path in paths) for owner in able}
    best = max(scores, key=lambda manager: (scores[manager], -[one.manager for one in able].index(manager)))
    return best if scores[best] else None


def _said(value: Any, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value and depth < 4:
        for key, item in value.items():
            if depth or key not in ("apiVersion", "kind"):
                yield from _said(item, join(path, key), depth + 1)
    else:
        yield path


def _says(applied: Any, path: str) -> bool:
    """Whether a configuration has something at a canonical path; lists' members are found by their names."""
    for name in split(path):
        if isinstance(applied, Mapping):
            if name not in applied:
                return False
            applied = applied[name]
        elif isinstance(applied, list):
            found = [one for one in applied if isinstance(one, Mapping) and _named(one, name)]
            if not found:
                return any(one is None for one in applied)
            applied = found[0]
        else:
            return True
    return True


def _named(member: Mapping[str, Any], label: str) -> bool:
    texts = {str(item) for item in member.values() if isinstance(item, (str, int))}
    return bool(texts & {label, *label.split("|")[:1]})
