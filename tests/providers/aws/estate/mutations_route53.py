"""What people do to the zones and records of ``route53.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_ZONE = "route53-estate.example"


def _zone(clients: Clients, name: str = _ZONE) -> str:
    zones = clients("route53").list_hosted_zones()["HostedZones"]
    return str(next(zone["Id"] for zone in zones if zone["Name"] == f"{name}."))


def _change(action: str, **record: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        change = {"Action": action, "ResourceRecordSet": record}
        clients("route53").change_resource_record_sets(
            HostedZoneId=_zone(clients), ChangeBatch={"Changes": [change]}
        )

    return apply


def _delete(clients: Clients) -> None:
    records = clients("route53").list_resource_record_sets(HostedZoneId=_zone(clients))["ResourceRecordSets"]
    found = next(record for record in records if record["Name"].startswith(("*.", "\\052.")))
    _change("DELETE", **found)(clients)


def _comment(clients: Clients) -> None:
    clients("route53").update_hosted_zone_comment(Id=_zone(clients), Comment="Mine now")


def _tag(clients: Clients) -> None:
    clients("route53").change_tags_for_resource(
        ResourceType="hostedzone",
        ResourceId=_zone(clients).rsplit("/", 1)[-1],
        AddTags=[{"Key": "Owner", "Value": "somebody"}],
    )


def _values(*values: str) -> list[dict[str, str]]:
    return [{"Value": value} for value in values]


_HOSTED_ZONE, _RECORD = "AWS::Route53::HostedZone", "AWS::Route53::RecordSet"

MUTATIONS: list[Mutation] = [
    Mutation("comment", _comment, _HOSTED_ZONE, _ZONE, paths=("/HostedZoneConfig/Comment",)),
    Mutation("tag added", _tag, _HOSTED_ZONE, _ZONE, paths=("/HostedZoneTags/Owner",)),
    Mutation(
        "pointed elsewhere",
        _change(
            "UPSERT",
            Name=f"www.{_ZONE}",
            Type="A",
            TTL=300,
            ResourceRecords=_values("192.0.2.10", "203.0.113.66"),
        ),
        _RECORD,
        f"www.{_ZONE}",
        paths=("/ResourceRecords",),
    ),
    Mutation(
        "weight shifted",
        _change(
            "UPSERT",
            Name=f"api.{_ZONE}",
            Type="CNAME",
            TTL=60,
            SetIdentifier="green",
            Weight=100,
            ResourceRecords=_values("green.example.com"),
        ),
        _RECORD,
        "green",
        paths=("/Weight",),
    ),
    Mutation(
        "record deleted",
        _delete,
        _RECORD,
        f"*.{_ZONE}",
        kind="missing",
    ),
    Mutation(
        "rogue record",
        _change("CREATE", Name=f"login.{_ZONE}", Type="A", TTL=60, ResourceRecords=_values("203.0.113.66")),
        _RECORD,
        f"login.{_ZONE}",
        kind="unmanaged",
    ),
]
