"""How Pulumi names Kubernetes: the package ``kubernetes``, whose inputs are the objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.dialect import BasePulumi, Foreign
from drift.model import Resource


class KubernetesPulumi(BasePulumi):
    """The dialect of the package ``kubernetes``. Releases of Helm's are none of its objects."""

    packages = frozenset({"kubernetes"})

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        """The object, whose id is its namespace and name."""
        version, kind, metadata = said.get("apiVersion"), said.get("kind"), said.get("metadata")
        id_ = known.attributes.get("id")
        if not isinstance(version, str) or not isinstance(kind, str) or not isinstance(id_, str):
            return None
        namespace, _, name = id_.rpartition("/")
        placed = {**(metadata if isinstance(metadata, Mapping) else {}), "name": name}
        if namespace:
            placed["namespace"] = namespace
        body = {**said, "metadata": placed}
        return [Resource("kubernetes", known.scope or "", f"{version}/{kind}", id_, body, name=name)]
