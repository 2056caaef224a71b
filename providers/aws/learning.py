"""What other resources are compared with of a few types: which key an alias means, which zone a name; and how
a run that goes on with another one's reading is told it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drift.model import Resource

KMS_ALIAS = "AWS::KMS::Alias"
HOSTED_ZONE = "AWS::Route53::HostedZone"
#: Of what others are compared with, the properties that tell it.
TELLING: Mapping[str, tuple[str, ...]] = {
    KMS_ALIAS: ("AliasName", "TargetKeyId"),
    HOSTED_ZONE: ("Name",),
}


class Lessons:
    """What one task has learnt of its resources; ``learn`` is told of each."""

    def __init__(self, learn: Callable[[Resource], None]) -> None:
        self._learn = learn
        self._kept: list[dict[str, Any]] = []

    def see(self, resource: Resource) -> None:
        """Learns of a resource that was read."""
        self._learn(resource)
        names = TELLING.get(resource.type)
        if names is not None:
            said = {name: resource.attributes[name] for name in names if name in resource.attributes}
            place = resource.scope, resource.region, resource.type, resource.id
            self._kept.append({"place": place, "attributes": said})

    def told(self) -> list[dict[str, Any]]:
        """All that was learnt, as plain JSON."""
        return self._kept

    def again(self, told: Iterable[Mapping[str, Any]]) -> None:
        """Learns what another run's task had."""
        for one in told:
            scope, region, type_, id_ = one["place"]
            self.see(Resource("aws", scope, type_, id_, one["attributes"], region))


def digest(said: Iterable[str]) -> str:
    """What a task is asked for by name, as one text (:meth:`drift.task.Resumable.asks`)."""
    return hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:16]
