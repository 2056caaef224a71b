"""The labels and annotations that Spinnaker adds to what it deploys, and the labels by which it lets Services
find it.

Source: spinnaker/clouddriver, KubernetesManifestAnnotater and KubernetesManifestLabeler (what is there is
kept, but for ``managed-by`` and the sequence), KubernetesServiceHandler.attach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from providers.kubernetes.engines.spinnaker.binding import mapping
from providers.kubernetes.exceptions import member

LOAD_BALANCERS = "traffic.spinnaker.io/load-balancers"
_OWN = ("moniker.spinnaker.io/", "artifact.spinnaker.io/")
_APPLICATION = "moniker.spinnaker.io/application"
_APP, _BY, _SEQUENCE = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/managed-by",
    "moniker.spinnaker.io/sequence",
)
_SPINNAKER = re.compile(r"spinnaker(-.+)?")

#: Gives the selector of a Service of the same namespace by its name; empty where nobody knows it.
Selector = Callable[[str], Mapping[str, Any]]


def marked(
    body: dict[str, Any], live: Mapping[str, Any], services: Sequence[str], selector: Selector
) -> None:
    """Adds to a manifest, in place, the marks that the live object bears and that Spinnaker would have put
    there. ``services`` are those that its stage names."""
    metadata = body.setdefault("metadata", {})
    there = mapping(live.get("metadata"))
    listed = [*services, *_listed(mapping(metadata.get("annotations")).get(LOAD_BALANCERS))]
    _annotated(metadata, there)
    _labelled(metadata, there, there)
    wanted = orjson.dumps(list(services)).decode()
    if services and _same_list(mapping(there.get("annotations")).get(LOAD_BALANCERS), wanted):
        annotations = _own(metadata, "annotations")
        annotations.setdefault(LOAD_BALANCERS, there["annotations"][LOAD_BALANCERS])
    template, beside = member(body, "spec", "template"), member(live, "spec", "template")
    if not isinstance(template, dict) or not isinstance(beside, Mapping):
        return
    below, above = _own(template, "metadata"), mapping(beside.get("metadata"))
    _annotated(below, above)
    _labelled(below, above, there)
    labels = mapping(above.get("labels"))
    for name in listed:
        kind, _, service = name.strip().partition(" ")
        for key, value in selector(service).items() if kind.lower() == "service" else ():
            if labels.get(key) == value:
                _own(below, "labels").setdefault(key, value)


def _annotated(said: dict[str, Any], live: Mapping[str, Any]) -> None:
    for key, value in mapping(live.get("annotations")).items():
        if key.startswith(_OWN):
            _own(said, "annotations").setdefault(key, value)


def _labelled(said: dict[str, Any], live: Mapping[str, Any], top: Mapping[str, Any]) -> None:
    """``top`` is the live object's own metadata, which tells the application."""
    labels = mapping(live.get("labels"))
    application = mapping(top.get("annotations")).get(_APPLICATION)
    if application is not None and labels.get(_APP) == str(application).strip('"'):
        _own(said, "labels").setdefault(_APP, labels[_APP])
    if _SPINNAKER.fullmatch(str(labels.get(_BY))):
        _own(said, "labels")[_BY] = labels[_BY]
    if str(labels.get(_SEQUENCE, "")).isdigit():
        _own(said, "labels")[_SEQUENCE] = labels[_SEQUENCE]


def _own(metadata: dict[str, Any], place: str) -> dict[str, Any]:
    """A mapping of the manifest that may be added to; one apart where the manifest's is none."""
    said = metadata.get(place)
    if isinstance(said, dict):
        return said
    made: dict[str, Any] = {}
    if said is None:
        metadata[place] = made
    return made


def _listed(said: Any) -> list[str]:
    try:
        found = orjson.loads(said) if isinstance(said, str) else []
    except orjson.JSONDecodeError:
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _same_list(live: Any, wanted: str) -> bool:
    return bool(live) and _listed(live) == _listed(wanted)
