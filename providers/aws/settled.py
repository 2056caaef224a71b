"""Brings both sides of a pair to one form where a property means what another one makes of it.

What one side alone drops is a change that nobody made; so whatever is dropped because of other properties is
dropped here, of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drift.kinds.base import Context
from drift.model import Resource
from providers.aws.kinds.rds_parameter import RDS_PARAMETER

Attributes = Mapping[str, Any]

_CROSS_ZONE = "load_balancing.cross_zone.enabled"


def settled(side: Resource, live: Resource) -> Resource:
    """A side of a pair without what says nothing beside the rest of the live one; itself where that is all of
    it."""
    settle = _SETTLE.get(side.type)
    attributes = side.attributes if settle is None else settle(side.attributes, live.attributes)
    return side if attributes is side.attributes else side.but(attributes=attributes)


def _targets(said: Attributes, live: Attributes) -> Attributes:
    """A target on the group's own port, in the zone of its address: both are what it has without a word.

    Source: TargetDescription of the Elastic Load Balancing API.
    """
    targets, own = said.get("Targets"), said.get("Port", live.get("Port"))
    if not isinstance(targets, list) or not any(isinstance(one, Mapping) and len(one) > 1 for one in targets):
        return said
    return {**said, "Targets": [_target(one, own) if isinstance(one, Mapping) else one for one in targets]}


def _target(given: Attributes, own: Any) -> dict[str, Any]:
    kept = dict(given)
    if own is not None and str(kept.get("Port")) == str(own):
        del kept["Port"]
    if isinstance(kept.get("AvailabilityZone"), str) and kept["AvailabilityZone"] != "all":
        del kept["AvailabilityZone"]
    return kept


def _balancer(said: Attributes, live: Attributes) -> Attributes:
    """Cross-zone load balancing is always on in an Application Load Balancer.

    Source: LoadBalancerAttribute of the Elastic Load Balancing API.
    """
    attributes = said.get("LoadBalancerAttributes")
    type_ = live.get("Type") or said.get("Type") or "application"
    if type_ != "application" or not isinstance(attributes, list):
        return said
    kept = [one for one in attributes if not _always_on(one)]
    return said if len(kept) == len(attributes) else {**said, "LoadBalancerAttributes": kept}


def _parameters(said: Attributes, live: Attributes) -> Attributes:
    """A declared parameter with the value that the engine has by itself: RDS then tells the engine as its
    source, and not the user.

    Source: Parameter of the Amazon RDS API.
    """
    own, set_, engine = said.get("Parameters"), live.get("Parameters") or {}, live.get("EngineParameters")
    if not isinstance(own, Mapping) or not isinstance(engine, Mapping):
        return said
    kept = {
        name: value
        for name, value in own.items()
        if name in set_ or name not in engine or _parameter(value) != _parameter(engine[name])
    }
    return said if len(kept) == len(own) else {**said, "Parameters": kept}


def _parameter(value: Any) -> Any:
    return RDS_PARAMETER.canonical(value, Context("aws", "", None, ""))


def _always_on(one: Any) -> bool:
    return (
        isinstance(one, Mapping) and one.get("Key") == _CROSS_ZONE and str(one.get("Value")).lower() == "true"
    )


_SETTLE: dict[str, Callable[[Attributes, Attributes], Attributes]] = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _targets,
    "AWS::RDS::DBClusterParameterGroup": _parameters,
    "AWS::RDS::DBParameterGroup": _parameters,
}
