"""Flux's exceptions: ``driftDetection.ignore`` of HelmReleases and Kustomizations, ``ignore`` of
Kustomizations, and the annotations that switch it off.

Source: https://fluxcd.io/flux/components/helm/helmreleases/#ignore-rules and
https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from drift.finding import Finding
from drift.model import Resource
from drift.patterns import PatternError, compiled
from drift.rule import Note, Rule
from providers.kubernetes.exceptions import Parts, Whole, annotation, label, member, pointers
from providers.kubernetes.names import namespace_of, parse

_DOMAINS = {
    "helm.toolkit.fluxcd.io/HelmRelease": "helm.toolkit.fluxcd.io",
    "kustomize.toolkit.fluxcd.io/Kustomization": "kustomize.toolkit.fluxcd.io",
}
_OFF = (
    ("helm.toolkit.fluxcd.io/driftDetection", "disabled"),
    ("kustomize.toolkit.fluxcd.io/reconcile", "disabled"),
    ("kustomize.toolkit.fluxcd.io/ssa", "Ignore"),
    ("kustomize.toolkit.fluxcd.io/ssa", "IfNotPresent"),
)


def carries_rules(resource: Resource) -> bool:
    """Whether a declared object is a release or the like."""
    name = parse(resource.type) if "toolkit.fluxcd.io/" in resource.type else None
    return name is not None and name.key in _DOMAINS


def rules(declared: Iterable[Resource]) -> Iterator[Rule]:
    """The rules in all releases that are declared, and those that hold everywhere."""
    for resource in declared:
        name = parse(resource.type)
        if name is not None and name.key in _DOMAINS:
            yield from _release(resource, name.kind, _DOMAINS[name.key])
    for name_, value in _OFF:
        note = Note(f"{name_}: {value}", "Flux leaves it alone by its annotation", quiet=True)
        yield Whole(note, "changed", _switched_off(name_, value))


def _switched_off(name: str, value: str) -> Callable[[Finding], bool]:
    """Only as Git declares it: an annotation that somebody sets by hand must not hide what else was done by
    hand."""
    return lambda finding: annotation(finding.declared, name).lower() == value.lower()


def _release(release: Resource, kind: str, domain: str) -> Iterator[Rule]:
    yield from _ignores(release, kind, domain, ("driftDetection", "ignore"))
    if kind == "Kustomization":
        yield from _ignores(release, kind, domain, ("ignore",))


def _ignores(release: Resource, kind: str, domain: str, place: tuple[str, ...]) -> Iterator[Rule]:
    """The rules of one list of an object."""
    said = member(release.attributes, "spec", *place)
    origin = release.origin
    file, line = (origin.file, origin.line) if origin else (None, None)
    for index, entry in enumerate(said if isinstance(said, list) else ()):
        paths = member(entry, "paths")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            continue
        target = member(entry, "target")
        target = target if isinstance(target, Mapping) else {}
        note = Note(
            f"Flux {kind} {release.id} {'.'.join(place)}.{index}",
            f"Flux ignores {', '.join(path or 'the whole' for path in paths)}",
            file,
            line,
            unusable=_unusable(target),
        )
        yield Parts(note, _selects(release, domain, target), pointers(paths))


def _selects(release: Resource, domain: str, target: Mapping[str, Any]) -> Callable[[Finding], bool]:
    def selects(finding: Finding) -> bool:
        resource = finding.resource
        name = parse(resource.type)
        if resource.provider != "kubernetes" or name is None or release.scope not in ("", resource.scope):
            return False
        said = {
            "group": name.group,
            "version": name.version,
            "kind": name.kind,
            "name": (resource.id or "").rpartition("/")[2],
            "namespace": namespace_of(resource.id),
        }
        return (
            all(compiled(str(target[key])).fullmatch(text) for key, text in said.items() if target.get(key))
            and _chosen(target.get("labelSelector"), finding.live, label)
            and _chosen(target.get("annotationSelector"), finding.live, annotation)
            and _made_by(release, domain, finding)
        )

    return selects


def _made_by(release: Resource, domain: str, finding: Finding) -> bool:
    """Whether a release made an object: by its mark, else by the namespace that it deploys to."""
    marked = label(finding.live, f"{domain}/name")
    if marked:
        made = (label(finding.live, f"{domain}/namespace"), marked)
        return made == (namespace_of(release.id), (release.id or "").rpartition("/")[2])
    namespace = namespace_of(finding.resource.id)
    target = member(release.attributes, "spec", "targetNamespace")
    return not namespace or namespace == (target or namespace_of(release.id))


def _chosen(selector: Any, resource: Resource | None, of: Callable[[Resource | None, str], str]) -> bool:
    """Whether an equality selector (``a=b,c!=d``) holds."""
    for term in str(selector or "").split(","):
        name, sign, value = _term(term)
        if name and (of(resource, name) == value) == (sign == "!="):
            return False
    return True


def _term(term: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"\s*([^\s!=]+)\s*(==|!=|=)\s*(\S*)\s*", term)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _unusable(target: Mapping[str, Any]) -> str:
    for key in ("labelSelector", "annotationSelector"):
        for term in str(target.get(key) or "").split(","):
            if term.strip() and not _term(term)[0]:
                return f"{key}: {target[key]!r}: only comparisons (a=b, a!=b) are known"
    for key in ("group", "version", "kind", "name", "namespace"):
        try:
            compiled(str(target.get(key) or ""))
        except PatternError as error:
            return f"{key}: {target[key]!r} is no regular expression: {error}"
    return ""
