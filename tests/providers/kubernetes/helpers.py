"""Reads a loopback cluster through the core's own path, and judges bodies that Git declares."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drift.config.model import Config
from drift.finding import Finding
from drift.judge import Judgement, Terms, judge
from drift.live import collect
from drift.live.estate import Estate
from drift.match.pairing import match
from drift.model import Origin, Resource
from drift.redaction.redact import Redactor
from drift.task import Wanted
from providers.kubernetes import KubernetesProvider
from providers.kubernetes.names import object_id, of_object
from providers.kubernetes.settings import Settings

KEY = "a key for tests"


def read(settings: Settings, wanted: Iterable[str] = ()) -> Estate:
    """Everything that the settings name."""
    estate = Estate({"kubernetes": KubernetesProvider()})
    collect.from_clouds(
        estate, {"kubernetes": settings}, {"kubernetes": Wanted(frozenset(wanted))}, Redactor(KEY), 8
    )
    return estate


def of(kubeconfig: Path, **more: Any) -> Settings:
    return Settings.model_validate({"kubeconfig": kubeconfig, **more})


def declared(bodies: Iterable[Mapping[str, Any]], scope: str = "loopback") -> list[Resource]:
    """What a manifest reader makes of bodies."""
    found = []
    for body in bodies:
        type_ = of_object(body)
        assert type_ is not None
        metadata = body["metadata"]
        id_ = object_id(metadata.get("namespace"), metadata["name"])
        origin = Origin("manifests", "objects.yaml", address=f"{type_.kind}/{id_}")
        attributes = copy.deepcopy(dict(body))
        found.append(
            Resource("kubernetes", scope, str(type_), id_, attributes, name=metadata["name"], origin=origin)
        )
    return found


def verdict(estate: Estate, resources: Iterable[Resource]) -> Judgement:
    """The judgement on everything."""
    matches = match(resources, estate)
    return judge(matches, Terms(estate, Config.model_validate({"version": 1}), Redactor(KEY)))


def told(finding: Finding) -> tuple[str, str, tuple[str, ...]]:
    """(kind, what it is, paths) of a finding."""
    resource = finding.resource
    return finding.kind, f"{resource.type} {resource.id}", tuple(change.path for change in finding.changes)
