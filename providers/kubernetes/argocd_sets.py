"""More of Argo CD's exceptions: what an ApplicationSet leaves as it is in its Applications, and what an
AppProject does not take for orphaned.

Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Controlling-Resource-Modification/
and .../user-guide/orphaned-resources/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from drift.finding import Finding
from drift.model import Resource
from drift.rule import Note, Rule
from providers.kubernetes.exceptions import Parts, Whole, jq, member, pointers, texts
from providers.kubernetes.names import namespace_of, parse

_APPLICATION = "argoproj.io/Application"


def differences(several: Resource) -> Iterator[Rule]:
    """The rules for the Applications that an ApplicationSet makes: ``ignoreApplicationDifferences`` and
    ``preservedFields``."""
    called = f"Argo CD ApplicationSet {several.id}"
    entries = member(several.attributes, "spec", "ignoreApplicationDifferences")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, Mapping):
            continue
        selects = _made_by(several, entry.get("name"))
        where = f"{called} ignoreApplicationDifferences.{index}"
        if said := texts(entry.get("jsonPointers")):
            yield Parts(_note(f"{where} jsonPointers", said, several), selects, pointers(said))
        if said := texts(entry.get("jqPathExpressions")):
            find, unusable = jq(said)
            note = _note(f"{where} jqPathExpressions", said, several, unusable)
            yield Parts(note, selects, find)
    for name in ("annotations", "labels"):
        kept = texts(member(several.attributes, "spec", "preservedFields", name))
        if kept:
            paths = [f"/metadata/{name}/{_escaped(one)}" for one in kept]
            note = _note(f"{called} preservedFields.{name}", kept, several)
            yield Parts(note, _made_by(several, None), pointers(paths))


def orphans(project: Resource) -> Iterator[Rule]:
    """The rules for what lies in a project's namespaces and is not taken for orphaned."""
    entries = member(project.attributes, "spec", "orphanedResources", "ignore")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping):
            called = f"Argo CD AppProject {project.id} orphanedResources.ignore.{index}"
            said = [str(entry[key]) for key in ("group", "kind", "name") if entry.get(key)]
            yield Whole(_note(called, said, project), "unmanaged", _orphan(entry, project))


def _orphan(entry: Mapping[str, Any], project: Resource) -> Callable[[Finding], bool]:
    said = member(project.attributes, "spec", "destinations")
    places = [
        str(one["namespace"])
        for one in (said if isinstance(said, list) else ())
        if isinstance(one, Mapping) and isinstance(one.get("namespace"), str)
    ]

    def selects(finding: Finding) -> bool:
        type_, id_ = parse(finding.resource.type), finding.resource.id or ""
        namespace = namespace_of(id_)
        return (
            finding.resource.provider == "kubernetes"
            and type_ is not None
            and bool(namespace)
            and any(fnmatchcase(namespace, place) for place in places)
            and fnmatchcase(type_.group, str(entry.get("group") or ""))
            and fnmatchcase(type_.kind, str(entry.get("kind") or "*"))
            and fnmatchcase(id_.rpartition("/")[2], str(entry.get("name") or "*"))
        )

    return selects


def _made_by(several: Resource, name: Any) -> Callable[[Finding], bool]:
    """Whether a finding is on an Application that the ApplicationSet made."""

    def selects(finding: Finding) -> bool:
        type_ = parse(finding.resource.type)
        if finding.live is None or type_ is None or type_.key != _APPLICATION:
            return False
        if namespace_of(finding.resource.id) != namespace_of(several.id):
            return False
        owners = member(finding.live.attributes, "metadata", "ownerReferences")
        made = any(
            isinstance(one, Mapping)
            and one.get("kind") == "ApplicationSet"
            and one.get("name") == several.name
            for one in (owners if isinstance(owners, list) else ())
        )
        return made and (not isinstance(name, str) or not name or finding.resource.name == name)

    return selects


def _note(called: str, said: list[str], origin: Resource, unusable: str = "") -> Note:
    place = origin.origin
    file, line = (place.file, place.line) if place else (None, None)
    return Note(called, f"Argo CD ignores {', '.join(said)}", file, line, unusable=unusable)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
