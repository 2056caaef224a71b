"""The stages that delete what others deployed, so that it is not missing where it is gone.

Source: spinnaker/clouddriver, KubernetesDeleteManifestDescription and KubernetesSelector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.engines.spinnaker.expressions import is_expression


@dataclass(frozen=True, slots=True)
class Deletion:
    """What one stage deletes: an object by kind and name, or those of some kinds that bear labels, each with
    the values that it may have; none of which stands for any."""

    stage: str
    account: str
    namespace: str
    kinds: frozenset[str]
    name: str | None
    labels: tuple[tuple[str, frozenset[str]], ...] = ()

    def takes(self, one: Manifest, namespace: str, account: str | None) -> bool:
        """Whether it deletes an object that is deployed to an account; None where nobody says which."""
        if account not in (None, self.account) or one.type.kind.lower() not in self.kinds:
            return False
        if self.namespace != namespace or self.name not in (None, one.name):
            return False
        labels = one.metadata.get("labels") or {}
        return all(key in labels and (not values or labels[key] in values) for key, values in self.labels)


def deletion(said: Mapping[str, Any]) -> Deletion | None:
    """What a deleteManifest stage deletes; None where only an execution knows."""
    place = str(said.get("name")), str(said.get("account") or ""), str(said.get("location") or "")
    name = said.get("manifestName")
    if any(map(is_expression, (*place, name))):
        return None
    if said.get("mode", "static") == "static" and isinstance(name, str) and " " in name:
        kind, _, own = name.partition(" ")
        return Deletion(*place, frozenset((_bare(kind),)), own.strip())
    kinds, told = said.get("kinds"), said.get("labelSelectors")
    selectors = told.get("selectors") if isinstance(told, Mapping) else None
    if said.get("mode") != "label" or not isinstance(kinds, list) or not isinstance(selectors, list):
        return None
    labels = []
    for one in selectors:
        if not isinstance(one, Mapping) or one.get("kind") not in ("EQUALS", "CONTAINS", "EXISTS", "ANY"):
            return None
        values = [] if one["kind"] in ("EXISTS", "ANY") else one.get("values") or []
        if any(map(is_expression, (one.get("key"), *values))):
            return None
        if one["kind"] != "ANY":
            labels.append((str(one.get("key")), frozenset(map(str, values))))
    return Deletion(*place, frozenset(_bare(str(kind)) for kind in kinds), None, tuple(labels))


def _bare(kind: str) -> str:
    """A kind without its group."""
    return kind.partition(".")[0].lower()
