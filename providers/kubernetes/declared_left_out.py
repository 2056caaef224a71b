"""The rule for what is declared and left out on purpose (hooks, generated names): what came of it is not
unmanaged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from drift.finding import Finding
from drift.rule import Again, Note
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.names import namespace_of, parse
from providers.kubernetes.powers import powers

#: What the API server puts behind a generated name. Source: k8s.io/apiserver, pkg/storage/names/generate.go.
_SUFFIX = re.compile(r"[bcdfghjklmnpqrstvwxz2456789]{5}|[a-z0-9]{5}")
#: A name's prefix is cut to this length first.
_LONGEST = 58


@dataclass(slots=True)
class LeftOut:
    """Objects that a manifest that is left out may have made; not where they can do more than it says."""

    scope: str | None
    namespace: str
    note: Note = Note("declared and left out", "Git declares it as a step, or without a name", quiet=True)
    named: dict[tuple[str, str], list[Manifest]] = field(default_factory=dict)
    generated: dict[str, list[Manifest]] = field(default_factory=dict)

    def add(self, manifests: Iterable[Manifest]) -> None:
        """Notes the manifests that are left out."""
        for one in manifests:
            if one.name:
                self.named.setdefault((one.type.key, one.name), []).append(one)
            else:
                self.generated.setdefault(one.type.key, []).append(one)

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        live = finding.live
        if finding.kind != "unmanaged" or live is None or live.provider != "kubernetes":
            return finding
        type_ = parse(live.type)
        if type_ is None or self.scope not in (None, live.scope):
            return finding
        name, namespace = (live.id or "").rpartition("/")[2], namespace_of(live.id)
        candidates = self.named.get((type_.key, name), [])
        for one in self.generated.get(type_.key, ()):
            if _is_generated(name, str(one.metadata.get("generateName") or "")):
                candidates = [*candidates, one]
        may = powers(live.attributes) if candidates else frozenset()
        made = any(
            namespace in (one.namespace or self.namespace, "") and may <= powers(one.body)
            for one in candidates
        )
        return None if made else finding


def _is_generated(name: str, prefix: str) -> bool:
    prefix = prefix[:_LONGEST]
    return bool(prefix) and name.startswith(prefix) and bool(_SUFFIX.fullmatch(name[len(prefix) :]))
