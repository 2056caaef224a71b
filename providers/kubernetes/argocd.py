"""Argo CD's exceptions: ``ignoreDifferences`` of Applications and of argocd-cm, and the compare-options
annotation.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/ and .../compare-options/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from drift.model import Finding, Resource
from drift.rule import Note, Rule
from drift.safe_yaml import YamlError, load
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
from providers.kubernetes.names import namespace_of, parse

OPTIONS = "argocd.argoproj.io/compare-options"
TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "argocd.argoproj.io/instance"
_SETTING = "resource.customizations.ignoreDifferences."
_HERE = frozenset(("https://kubernetes.default.svc", "in-cluster", None))
Selects = Callable[[Finding], bool]


def carries_rules(resource: Resource) -> bool:
    """Whether a declared object is an Application, or Argo CD's settings."""
    return _is_application(resource) or _is_settings(resource)


def _is_application(resource: Resource) -> bool:
    name = parse(resource.type) if "argoproj.io/" in resource.type else None
    return name is not None and name.key == "argoproj.io/Application"


def _is_settings(resource: Resource) -> bool:
    return resource.type == "v1/ConfigMap" and (resource.id or "").endswith("/argocd-cm")


def rules(declared: Iterable[Resource]) -> Iterator[Rule]:
    """The rules in all Applications and settings that are declared, and the one that holds everywhere."""
    for resource in declared:
        if _is_application(resource):
            yield from _application(resource)
        elif _is_settings(resource):
            yield from _settings(resource)
    note = Note(f"{OPTIONS}: IgnoreExtraneous", "Argo CD leaves it out by its annotation", quiet=True)
    yield Whole(note, "unmanaged", _extraneous)


def _extraneous(finding: Finding) -> bool:
    options = annotation(finding.live, OPTIONS).split(",")
    return finding.resource.provider == "kubernetes" and "IgnoreExtraneous" in map(str.strip, options)


def _application(app: Resource) -> Iterator[Rule]:
    said = member(app.attributes, "spec", "ignoreDifferences")
    for index, entry in enumerate(said if isinstance(said, list) else ()):
        if isinstance(entry, Mapping):
            called = f"Argo CD Application {app.id} ignoreDifferences.{index}"
            yield from _entry(entry, called, app, _selects(entry, app))


def _settings(settings: Resource) -> Iterator[Rule]:
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


def _entry(entry: Mapping[str, Any], called: str, origin: Resource, selects: Selects) -> Iterator[Rule]:
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
            and entry.get("name") in (None, "", id_.rpartition("/")[2])
            and entry.get("namespace") in (None, "", namespace_of(id_))
            and _of_app(finding, app, entry)
        )

    return selects


def _of_type(entry: Mapping[str, Any], origin: Resource) -> Selects:
    destination = member(origin.attributes, "spec", "destination") or {}
    here = destination.get("server") in _HERE and destination.get("name") in _HERE

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
    if tracked := annotation(finding.live, TRACKING):
        return tracked.partition(":")[0] in names
    if tracked := label(finding.live, INSTANCE):
        return tracked in names
    namespace = namespace_of(finding.resource.id)
    target = member(app.attributes, "spec", "destination", "namespace")
    return not namespace or not target or namespace == target or namespace == entry.get("namespace")
