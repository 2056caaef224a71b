"""Argo CD's exceptions: ``ignoreDifferences`` of Applications, of ApplicationSets' templates and of
argocd-cm, and the compare-options annotation.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/ and .../compare-options/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from drift.finding import Finding
from drift.model import Resource
from drift.rule import Note, Rule
from drift.safe_yaml import YamlError, load
from providers.kubernetes import argocd_sets
from providers.kubernetes.exceptions import (
    Managers,
    Parts,
    Whole,
    annotation,
    jq,
    label,
    member,
    pointers,
    texts,
)
from providers.kubernetes.managers import is_person
from providers.kubernetes.names import namespace_of, parse
from providers.kubernetes.ownership import owners_of

OPTIONS = "argocd.argoproj.io/compare-options"
TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "argocd.argoproj.io/instance"
_SETTING = "resource.customizations.ignoreDifferences."
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.S)
_HERE = frozenset(("https://kubernetes.default.svc", "in-cluster", None))
Selects = Callable[[Finding], bool]


def carries_rules(resource: Resource) -> bool:
    """Whether a declared object is an Application, makes or bounds some, or is Argo CD's settings."""
    return _kind(resource) in ("Application", "ApplicationSet", "AppProject") or _is_settings(resource)


def _kind(resource: Resource) -> str:
    """The kind of one of Argo's objects."""
    name = parse(resource.type) if "argoproj.io/" in resource.type else None
    return name.kind if name is not None and name.group == "argoproj.io" else ""


def _is_settings(resource: Resource) -> bool:
    return resource.type == "v1/ConfigMap" and (resource.id or "").endswith("/argocd-cm")


def rules(declared: Iterable[Resource]) -> Iterator[Rule]:
    """The rules in all Applications and settings that are declared, and the one that holds everywhere."""
    several = list(declared)
    generated = {
        one.origin.via[-1]
        for one in several
        if _kind(one) == "Application" and one.origin is not None and one.origin.via
    }
    for resource in several:
        if _kind(resource) == "Application":
            yield from _application(resource, f"Application {resource.id}")
        elif _kind(resource) == "ApplicationSet":
            quiet = resource.name in generated  # whose own rules say the same, exactly
            yield from (_quiet(one) if quiet else one for one in _applications(resource))
            yield from argocd_sets.differences(resource)
        elif _kind(resource) == "AppProject":
            yield from argocd_sets.orphans(resource)
        elif _is_settings(resource):
            yield from _settings(resource)
    note = Note(f"{OPTIONS}: IgnoreExtraneous", "Argo CD leaves it out by its annotation", quiet=True)
    yield Whole(note, "unmanaged", _extraneous)


def _quiet(rule: Parts | Managers) -> Rule:
    note = replace(rule.note, quiet=True)
    return replace(rule, said=note) if isinstance(rule, Parts) else replace(rule, note=note)


def application_names(resource: Resource) -> Iterator[str]:
    """How Argo CD calls a declared Application in its marks, or those that an ApplicationSet makes
    (globs)."""
    namespace, name = namespace_of(resource.id), (resource.id or "").rpartition("/")[2]
    if _kind(resource) == "ApplicationSet":
        template = member(_with_globs(member(resource.attributes, "spec", "template")), "metadata", "name")
        name = template if isinstance(template, str) and template.strip("*") else ""
    if name:
        yield name
        if namespace:
            yield f"{namespace}_{name}"


def is_called(tracked: str, glob: str) -> bool:
    """Whether a mark names an Application of this name; ``_`` stands between a namespace and a name, only."""
    return fnmatchcase(tracked, glob) and tracked.count("_") == glob.count("_")


def tracked_by(live: Resource) -> str | None:
    """The Application that marks a live object as its own; None where none does, or the mark is a copy of
    another object's.

    Source: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
    """
    tracking = annotation(live, TRACKING)
    if tracking:
        app, _, rest = tracking.partition(":")
        type_ = parse(live.type)
        if type_ is None:
            return None
        namespace, name = namespace_of(live.id), (live.id or "").rpartition("/")[2]
        kind, _, placed = rest.partition(":")
        same_kind = kind == f"{type_.group}/{type_.kind}"
        return (
            app
            if same_kind
            and placed.rpartition("/")[2] == name
            and (not namespace or placed.startswith(f"{namespace}/"))
            else None
        )
    return label(live, INSTANCE) or label(live, "app.kubernetes.io/instance") or None


def _extraneous(finding: Finding) -> bool:
    """Whether an object says so itself; not of what a person made, who could hide anything by it."""
    if finding.resource.provider != "kubernetes" or finding.live is None:
        return False
    options = annotation(finding.live, OPTIONS).split(",")
    return "IgnoreExtraneous" in map(str.strip, options) and not any(
        map(is_person, owners_of(finding.live.attributes))
    )


def _application(app: Resource, called: str) -> Iterator[Parts | Managers]:
    said = member(app.attributes, "spec", "ignoreDifferences")
    for index, entry in enumerate(said if isinstance(said, list) else ()):
        if isinstance(entry, Mapping):
            yield from _entry(entry, f"Argo CD {called} ignoreDifferences.{index}", app, _selects(entry, app))


def _applications(several: Resource) -> Iterator[Parts | Managers]:
    """The rules of the Applications that an ApplicationSet makes: of its template, and of its generators'
    own.

    What a generator fills in may be anything.
    """
    spec = member(several.attributes, "spec")
    namespace = namespace_of(several.id)
    for index, template in enumerate(_templates(spec)):
        filled = _with_globs(template)
        name = str(member(filled, "metadata", "name") or "*")
        attributes = {"spec": member(filled, "spec") or {}}
        app = several.but(id=f"{namespace}/{name}" if namespace else name, attributes=attributes)
        called = f"ApplicationSet {several.id}" + (f" generators' template {index}" if index else "")
        yield from _application(app, called)


def _templates(spec: Any) -> Iterator[Any]:
    """An ApplicationSet's template, then those of its generators, at any depth."""
    yield member(spec, "template") or {}
    below = [member(spec, "generators")]
    while below:
        value = below.pop()
        if isinstance(value, list):
            below.extend(value)
        elif isinstance(value, dict):
            if isinstance(value.get("template"), dict):
                yield value["template"]
            below.extend(item for key, item in value.items() if key != "template")


def _with_globs(value: Any) -> Any:
    """A template with ``*`` for what is filled in (``{{name}}``, ``{{ .path.basename }}``)."""
    if isinstance(value, dict):
        return {key: _with_globs(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_globs(item) for item in value]
    return _PLACEHOLDER.sub("*", value) if isinstance(value, str) else value


def _settings(settings: Resource) -> Iterator[Parts | Managers]:
    data = member(settings.attributes, "data")
    for key, text in (data if isinstance(data, Mapping) else {}).items():
        if not str(key).startswith(_SETTING) or not isinstance(text, str):
            continue
        group, _, kind = key.removeprefix(_SETTING).rpartition("_")
        where = {"group": "*", "kind": "*"} if kind == "all" else {"group": group, "kind": kind}
        try:
            entry = load(text)
        except YamlError:
            continue
        if isinstance(entry, Mapping):
            yield from _entry(entry, f"Argo CD {settings.id} {key}", settings, _of_type(where, settings))


def _entry(
    entry: Mapping[str, Any], called: str, origin: Resource, selects: Selects
) -> Iterator[Parts | Managers]:
    if said := texts(entry.get("jsonPointers")):
        yield Parts(_note(f"{called} jsonPointers", said, origin), selects, pointers(said))
    if said := texts(entry.get("jqPathExpressions")):
        find, unusable = jq(said)
        yield Parts(_note(f"{called} jqPathExpressions", said, origin, unusable), selects, find)
    if said := texts(entry.get("managedFieldsManagers")):
        note = _note(f"{called} managedFieldsManagers", said, origin)
        yield Managers(note, selects, frozenset(said))


def _note(called: str, said: list[str], resource: Resource, unusable: str = "") -> Note:
    origin = resource.origin
    file, line = (origin.file, origin.line) if origin else (None, None)
    return Note(called, f"Argo CD ignores {', '.join(said)}", file, line, unusable=unusable)


def _selects(entry: Mapping[str, Any], app: Resource) -> Selects:
    of_type = _of_type(entry, app)

    def selects(finding: Finding) -> bool:
        id_ = finding.resource.id or ""
        return (
            of_type(finding)
            and fnmatchcase(id_.rpartition("/")[2], str(entry.get("name") or "*"))
            and fnmatchcase(namespace_of(id_), str(entry.get("namespace") or "*"))
            and _of_app(finding, app, entry)
        )

    return selects


def _of_type(entry: Mapping[str, Any], origin: Resource) -> Selects:
    said = (member(origin.attributes, "spec", "destination", name) for name in ("server", "name"))
    here = all(one is None or (isinstance(one, str) and one in _HERE) for one in said)

    def selects(finding: Finding) -> bool:
        name = parse(finding.resource.type)
        return (
            finding.resource.provider == "kubernetes"
            and name is not None
            and fnmatchcase(name.group, str(entry.get("group") or ""))
            and fnmatchcase(name.kind, str(entry.get("kind") or ""))
            and (not here or origin.scope in ("", finding.resource.scope))
        )

    return selects


def _of_app(finding: Finding, app: Resource, entry: Mapping[str, Any]) -> bool:
    """Whether an Application made an object: by its tracking mark, else by the namespace that it deploys
    to."""
    name = (app.id or "").rpartition("/")[2]
    names = (name, (app.id or "").replace("/", "_"))
    tracked = annotation(finding.live, TRACKING).partition(":")[0] or label(finding.live, INSTANCE)
    if tracked:
        return any(is_called(tracked, one) for one in names)
    namespace = namespace_of(finding.resource.id)
    target = member(app.attributes, "spec", "destination", "namespace")
    return (
        not namespace
        or not target
        or fnmatchcase(namespace, str(target))
        or namespace == entry.get("namespace")
    )
