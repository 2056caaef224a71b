"""What a resource of a template makes besides itself (a topic its subscriptions), and how such ones are told
live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.kinds.base import Context
from providers.aws.attaching import Makes
from providers.aws.cloudformation.references import ResourceReferences
from providers.aws.kinds.identifiers import ROUTE53_NAME

_RECORD, _ROUTE, _INSTANCE = "AWS::Route53::RecordSet", "AWS::EC2::Route", "AWS::EC2::Instance"


def members(make: Makes, attributes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The properties of each resource that ``attributes`` make."""
    listed = attributes.get(make.members)
    shared = {name: attributes[name] for name in make.share if name in attributes}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping):
            yield {**shared, **one}


def settled(type_: str, attributes: dict[str, Any], references: ResourceReferences) -> dict[str, Any]:
    """The properties in the words of the live side, where only that knows them."""
    if type_ == _ROUTE:
        return _with_interface(attributes, references)
    return with_zone(type_, attributes, references)


def _with_interface(attributes: dict[str, Any], references: ResourceReferences) -> dict[str, Any]:
    """A route to an instance as the route to its first network interface, which EC2 makes of it.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html, ``InstanceId``.
    """
    instance = attributes.get("InstanceId")
    if not isinstance(instance, str) or "NetworkInterfaceId" in attributes:
        return attributes
    found = references.find(_INSTANCE, instance)
    listed = found.attributes.get("NetworkInterfaces") if found else None
    for interface in listed if isinstance(listed, list) else ():
        if str(interface.get("DeviceIndex")) == "0" and interface.get("NetworkInterfaceId"):
            rest = {name: value for name, value in attributes.items() if name != "InstanceId"}
            return {**rest, "NetworkInterfaceId": interface["NetworkInterfaceId"]}
    return attributes


def with_zone(type_: str, attributes: dict[str, Any], references: ResourceReferences) -> dict[str, Any]:
    """The properties of a record with its zone's id in place of the zone's name, where only one zone has that
    name.

    Source: AWS::Route53::RecordSet, ``HostedZoneName``: "If there is more than one hosted zone with the
    specified domain name, CloudFormation doesn't create the stack".
    """
    name = attributes.get("HostedZoneName")
    if type_ != _RECORD or "HostedZoneId" in attributes or not isinstance(name, str):
        return attributes
    zones = references.live.context("aws").get("hosted_zones") or {}
    known = zones.get(references.place.account or "") if isinstance(zones, Mapping) else None
    found = [id_ for id_, called in (known or {}).items() if _spelled(called) == _spelled(name)]
    if len(found) != 1:
        return attributes
    return {
        **{key: value for key, value in attributes.items() if key != "HostedZoneName"},
        "HostedZoneId": found[0],
    }


def _spelled(name: Any) -> Any:
    return ROUTE53_NAME.canonical(name, Context())


def known_as(
    type_: str, attributes: Mapping[str, Any], references: ResourceReferences
) -> tuple[str | None, str | None]:
    """(id, name) of a resource that has no logical id of its own: its joined identifier, else what it is
    called."""
    entry = references.catalogue.entry(type_)
    if entry is None:
        return None, None
    called = entry.called(attributes)
    if entry.natural_key is not None:
        found = references.find(type_, called)
        return (found.id if found else None), called
    optional = {"SetIdentifier": ""}
    parts = [attributes.get(name, optional.get(name)) for name in entry.primary_identifier]
    if all(isinstance(part, str) for part in parts):
        return "|".join(str(part) for part in parts), called
    return None, called
