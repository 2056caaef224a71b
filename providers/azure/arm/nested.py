"""Nested and linked deployments: the template of one, where it is deployed, and what its file is."""

from __future__ import annotations

import os.path
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from drift.lined import Map
from drift.model import Unresolved
from drift.source import Location
from providers.azure.arm import template as templates
from providers.azure.arm.evaluate import Evaluator
from providers.azure.arm.place import Place
from providers.azure.arm.references import References
from providers.azure.arm.template import Template
from providers.azure.arm.values import Unknown, text


@dataclass(frozen=True, slots=True)
class Around:
    """The template that a deployment stands in: where it goes, what its expressions mean, where it lies."""

    template: Template
    place: Place
    evaluator: Evaluator
    references: References
    location: Location


def linked_parameters(of: Around, said: Map) -> dict[str, Any]:
    """What the parameter file that a deployment links gives, where it is a local one."""
    link = said.get("parametersLink")
    uri = of.evaluator.value(link.get("uri")) if isinstance(link, Mapping) else None
    path = local(of, uri) if isinstance(uri, str) else None
    return templates.given(str(path[0]), path[1], path[0].parent) if path else {}


def passed(of: Around, said: Map) -> dict[str, Any]:
    """What a deployment gives to the parameters of its template."""
    words = said.get("parameters")
    if isinstance(words, str):
        words = of.evaluator.value(words)
    return {name: _passed(of, name, one) for name, one in words.items()} if isinstance(words, Mapping) else {}


def _passed(of: Around, name: str, words: Any) -> Any:
    given = of.evaluator.value(words) if isinstance(words, str) else words
    if isinstance(given, Mapping) and "reference" in given:
        return Unresolved(f"the parameter {name} is a Key Vault secret, which is not read")
    if isinstance(given, Mapping):
        return (
            of.evaluator.value(words["value"]) if given is words and "value" in words else given.get("value")
        )
    return given


def template_of(of: Around, said: Map) -> Template:
    """The template of a nested or linked deployment. Raises Unknown or DeclaredError."""
    if isinstance(said.get("template"), Map):
        return templates.of(said["template"], of.template.path, of.template.file, inner_scope(said))
    link = said.get("templateLink")
    if not isinstance(link, Mapping):
        raise Unknown("it has neither a template nor a link to one")
    uri = link.get("relativePath", link.get("uri"))
    if uri is None:
        raise Unknown("its template is not a local file, so what it declares is not known")
    uri = link_of(of, uri)
    found = local(of, uri)
    if found is None:
        named = uri.split("?")[0][:200] if not uri.startswith("file://") else posixpath.basename(uri)
        raise Unknown(f"its template {named} is not a local file beside {of.template.file}")
    return templates.read(*found)


def link_of(of: Around, said: Any) -> str:
    """A template link; one relative to where this template was deployed from is taken from where it lies."""
    try:
        return text(of.evaluator.plain(said))
    except Unknown:
        of.references.here = of.template.path.resolve().as_uri()
        try:
            with of.evaluator.names.afresh():
                link = text(of.evaluator.plain(said))
        finally:
            of.references.here = None
        if not link.startswith("file://"):
            raise
        return link


def local(of: Around, uri: str) -> tuple[Path, str] | None:
    """The file of a relative path or file URI inside the location's repository or folder."""
    home = of.template.path.parent.resolve()
    plain = unquote(uri.removeprefix("file://").split("?")[0])
    if "://" in plain or "\0" in plain:
        return None
    path = (home / plain).resolve()
    location = of.location
    top = location.root or (location.path if location.path.is_dir() else location.path.parent)
    if not path.is_file() or not path.is_relative_to(top.resolve()):
        return None
    relative = os.path.relpath(path, home).replace(os.sep, "/")
    return path, posixpath.normpath(posixpath.join(posixpath.dirname(of.template.file), relative))


def place_of(of: Around, words: Map, template: Template, called: str | None) -> Place:
    """Where a nested deployment's resources go. Raises Unknown."""
    place = target_of(of, words, replace(of.place, deployment=called))
    if place.level != "resourceGroup":
        said = of.evaluator.value(words.get("location"))
        return replace(place, location=said if isinstance(said, str) else place.location)
    same = of.place.level == "resourceGroup" and _same(place, of.place)
    return place if same else replace(place, location=None)


def _same(one: Place, other: Place) -> bool:
    group, of = one.resource_group or "", other.resource_group or ""
    return one.subscription == other.subscription and group.lower() == of.lower()


def target_of(of: Around, words: Map, place: Place) -> Place:
    """``place``, moved to where a nested deployment's words say that it goes. Raises Unknown."""
    scope = words.get("scope")
    if scope is not None:
        said = text(of.evaluator.plain(scope))
        if said in ("/", ""):
            return replace(place, level="tenant")
        parts = said.strip("/").split("/")
        low = [part.lower() for part in parts]
        if "managementgroups" in low:
            return replace(place, level="managementGroup", management_group=parts[-1])
        if low[0] == "subscriptions" and len(parts) == 2:
            return replace(place, level="subscription", subscription=low[1], resource_group=None)
        if low[0] == "subscriptions" and len(parts) == 4:
            return replace(place, level="resourceGroup", subscription=low[1], resource_group=parts[3])
    if "subscriptionId" in words:
        said = text(of.evaluator.plain(words["subscriptionId"])).lower()
        place = replace(place, level="subscription", subscription=said, resource_group=None)
    if "resourceGroup" in words:
        group = text(of.evaluator.plain(words["resourceGroup"]))
        return replace(place, level="resourceGroup", resource_group=group)
    return place


def inner_scope(said: Mapping[str, Any]) -> bool:
    """Whether a nested template's expressions see its own parameters, not those of the template around it."""
    options = said.get("expressionEvaluationOptions")
    return isinstance(options, Mapping) and str(options.get("scope")).lower() == "inner"
