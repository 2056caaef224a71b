"""Who a declared resource is: its full type, its names, and its id at the place of the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from drift.lined import Map
from providers.azure.arm.evaluate import Evaluator
from providers.azure.arm.place import Place, extend, split_extension
from providers.azure.arm.values import Unknown, text

DEPLOYMENTS = "microsoft.resources/deployments"


class Identity(NamedTuple):
    """A resource's id, type and names; no id, and perhaps no names, where ``why`` tells the reason."""

    id: str | None
    type: str
    names: list[str]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """The resource that children are nested in."""

    type: str
    names: list[str]
    id: str | None


@dataclass(frozen=True, slots=True)
class Identifier:
    """Identifies the resources of one template. ``symbols`` tells the ids that symbolic names stand for."""

    evaluator: Evaluator
    place: Place
    symbols: Mapping[str, str]

    def identify(self, words: Map, parent: Parent | None) -> Identity:
        """Who the resource with these words is."""
        try:
            type_ = text(self.evaluator.plain(words["type"])).strip("/")
            name = text(self.evaluator.plain(words["name"])).strip("/")
        except Unknown as reason:
            return Identity(None, full_type(words["type"].strip("/"), parent), [], str(reason))
        below = parent is not None and not _is_full(type_)
        if parent is not None and below:
            type_ = f"{parent.type}/{type_}"
            if not parent.names:
                return Identity(None, type_, [], "its parent's name is not known")
            if name.count("/") + 2 != type_.count("/") + 1 or "/" not in name:
                name = "/".join((*parent.names, name))
        parts, fits = split_extension(type_, name)
        last, names = parts[-1]
        if not all(names):
            return Identity(None, last, [], "its name is empty")
        if not fits:
            return Identity(None, last, names, f"type {type_} and name {name} don't fit")
        if parent is not None and below:
            if parent.id is None:
                return Identity(None, last, names, "its parent's id is not known")
            if len(parts) == 1:
                return Identity(f"{parent.id}/{last.rsplit('/', 1)[1]}/{names[-1]}", last, names)
            return Identity(extend(parent.id, last, names), last, names)
        try:
            extends = parent is not None and "scope" not in words and not _is_child(type_, parent)
            id_ = parent.id if parent is not None and parent.id and extends else self.base(words, type_)
            for kind, said in parts:
                id_ = extend(id_, kind, said)
        except Unknown as reason:
            return Identity(None, last, names, str(reason))
        return Identity(id_, last, names)

    def base(self, words: Map, type_: str) -> str:
        """The id of what the resource lies in or extends. Raises Unknown."""
        if words.get("existing") is True and ("resourceGroup" in words or "subscriptionId" in words):
            return self._elsewhere(words)
        if "scope" not in words or type_.lower() == DEPLOYMENTS:
            return self.place.base()
        scope = text(self.evaluator.plain(words["scope"]))
        if scope in ("", "/"):
            return ""
        if scope.lower().startswith(("/subscriptions/", "/providers/")):
            return scope.rstrip("/")
        if scope.lower().startswith("microsoft.management/managementgroups/"):
            return f"/providers/{scope}"
        if self.symbols.get(scope.lower()):
            return self.symbols[scope.lower()]
        return f"{self.place.base()}/providers/{scope.strip('/')}"

    def _elsewhere(self, words: Map) -> str:
        """The place of an existing resource that says its own subscription or resource group."""
        base = self.place.subscription_base() if "subscriptionId" not in words else ""
        if not base:
            base = f"/subscriptions/{text(self.evaluator.plain(words['subscriptionId']))}"
        if "resourceGroup" not in words:
            return base
        return f"{base}/resourceGroups/{text(self.evaluator.plain(words['resourceGroup']))}"


def full_type(type_: str, parent: Parent | None) -> str:
    """The type of a resource nested in ``parent``, with the parent's."""
    return type_ if parent is None or _is_full(type_) else f"{parent.type}/{type_}"


def _is_child(type_: str, parent: Parent) -> bool:
    return type_.lower().startswith(f"{parent.type.lower()}/")


def _is_full(type_: str) -> bool:
    return "." in type_.split("/")[0] and "/" in type_
