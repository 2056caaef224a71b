"""Kinds that are made of Terraform's resources: each field has its place in the API's body, parts go into
what they are a part of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drift.finding import Unverifiable
from drift.live.estate import Estate
from drift.model import Resource, Sensitive, Unresolved
from providers.gcp.provider import provider
from tests.providers.gcp.config_connector.translating import declaration, declared, first, manifest

LINK = "projects/shop/zones/z/disks/d2"


@pytest.mark.parametrize(
    ("group", "kind", "spec", "body"),
    [
        (
            "compute",
            "ComputeFirewall",
            "{allow: [{protocol: tcp, ports: ['80']}], disabled: false}",
            {"allowed": [{"IPProtocol": "tcp", "ports": ["80"]}], "disabled": False},
        ),
        (
            "compute",
            "ComputeNetwork",
            "{autoCreateSubnetworks: false, routingMode: GLOBAL}",
            {"autoCreateSubnetworks": False, "routingConfig": {"routingMode": "GLOBAL"}},
        ),
        (
            "compute",
            "ComputeDisk",
            "{location: a-b1-c, size: 10, imageRef: {external: debian-cloud/debian-12}}",
            {"sizeGb": "10", "sourceImage": "debian-cloud/debian-12"},
        ),
        (
            "storage",
            "StorageBucket",
            (
                "{uniformBucketLevelAccess: true, lifecycleRule: [{action: {type: Delete}, condition: {age: "
                "7}}]}"
            ),
            {
                "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
                "lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 7}}]},
            },
        ),
        (
            "sql",
            "SQLInstance",
            (
                "{settings: {tier: t, diskSize: 20, diskAutoresize: false, ipConfiguration: {ipv4Enabled: "
                "false}}}"
            ),
            {
                "settings": {
                    "tier": "t",
                    "dataDiskSizeGb": "20",
                    "storageAutoResize": False,
                    "ipConfiguration": {"ipv4Enabled": False},
                }
            },
        ),
        (
            "container",
            "ContainerNodePool",
            (
                "{location: l, clusterRef: {external: c}, nodeConfig: {machineType: m, serviceAccountRef: "
                "{external: a@b}}}"
            ),
            {"config": {"machineType": "m", "serviceAccount": "a@b"}},
        ),
        (
            "container",
            "ContainerCluster",
            "{location: l, enableShieldedNodes: true, loggingConfig: {enableComponents: [WORKLOADS]}}",
            {
                "shieldedNodes": {"enabled": True},
                "loggingConfig": {"componentConfig": {"enableComponents": ["WORKLOADS"]}},
            },
        ),
        (
            "logging",
            "LoggingLogSink",
            "{projectRef: {external: shop}, destination: {storageBucketRef: {external: logs}}}",
            {"destination": "storage.googleapis.com/logs"},
        ),
    ],
)
def test_terraform_s_names_have_their_place(
    tmp_path: Path, group: str, kind: str, spec: str, body: dict[str, Any]
) -> None:
    assert first(tmp_path, manifest(group, kind, "x", spec)).attributes == body


def test_a_machine_with_its_disks_accounts_and_metadata(tmp_path: Path) -> None:
    spec = (
        """{zone: a-b1-c, machineType: e2-small, bootDisk: {sourceDiskRef: {name: d1}, autoDelete: false},
      attachedDisk: [{sourceDiskRef: {external: LINK}}], metadata: [{key: foo, value: bar}],
      metadataStartupScript: run,
      networkInterface: [{networkRef: {external: projects/shop/global/networks/n},
        accessConfig: [{natIpRef: {external: 1.2.3.4}}]}],
      serviceAccount: {serviceAccountRef: {external: a@b}, scopes: [cloud-platform]}, tags: [web]}"""
    ).replace("LINK", LINK)
    text = manifest("compute", "ComputeInstance", "vm", spec)
    text += manifest("compute", "ComputeDisk", "d1", "{location: a-b1-c}")
    assert first(tmp_path, text).attributes == {
        "machineType": "e2-small",
        "disks": [
            {"boot": True, "source": "projects/shop/zones/a-b1-c/disks/d1", "autoDelete": False},
            {"source": LINK},
        ],
        "metadata": {"items": [{"key": "foo", "value": "bar"}, {"key": "startup-script", "value": "run"}]},
        "networkInterfaces": [
            {"network": "projects/shop/global/networks/n", "accessConfigs": [{"natIP": "1.2.3.4"}]}
        ],
        "serviceAccounts": [{"email": "a@b", "scopes": ["cloud-platform"]}],
        "tags": {"items": ["web"]},
    }


def test_a_password_stays_a_secret(tmp_path: Path) -> None:
    spec = "{rootPassword: {value: hunter2}, settings: {tier: t, diskSize: 20}}"
    found = first(tmp_path, manifest("sql", "SQLInstance", "x", spec))
    assert found.attributes["rootPassword"] == Sensitive("hunter2")


def test_what_is_global_has_its_own_type(tmp_path: Path) -> None:
    text = manifest("compute", "ComputeAddress", "a", "{location: global}")
    text += manifest("compute", "ComputeAddress", "b", "{location: r1}")
    text += manifest("compute", "ComputeBackendService", "c", "{location: r1}")
    assert [one.type for one in declared(tmp_path, text)] == [
        "compute.googleapis.com/GlobalAddress",
        "compute.googleapis.com/Address",
        "compute.googleapis.com/RegionBackendService",
    ]


def test_records_are_named_by_zone_name_and_type(tmp_path: Path) -> None:
    spec = "{name: www.example.com., type: A, ttl: 300, managedZoneRef: {external: z}, rrdatas: [8.8.8.8]}"
    found = first(tmp_path, manifest("dns", "DNSRecordSet", "x", spec))
    assert found.id == "//dns.googleapis.com/projects/shop/managedZones/z/rrsets/www.example.com./A"
    assert found.attributes == {"name": "www.example.com.", "type": "A", "ttl": 300, "rrdatas": ["8.8.8.8"]}


def test_a_nat_is_a_part_of_its_router(tmp_path: Path) -> None:
    spec = "{region: r1, routerRef: {external: r}, natIpAllocateOption: AUTO_ONLY}"
    found = first(tmp_path, manifest("compute", "ComputeRouterNAT", "nat", spec))
    assert found.id == "//compute.googleapis.com/projects/shop/regions/r1/routers/r"
    assert found.partial
    assert found.shared == frozenset({"nats"})
    assert found.attributes == {"nats": [{"name": "nat", "natIpAllocateOption": "AUTO_ONLY"}]}
    assert found.origin is not None
    assert found.origin.line == 2


def test_what_the_inventory_does_not_tell_is_unverifiable_and_never_missing(tmp_path: Path) -> None:
    found = declared(tmp_path, manifest("storage", "StorageNotification", "n", "{bucketRef: {external: b}}"))
    assert [type(one) for one in found] == [Unverifiable]
    assert not any(isinstance(one, Resource) for one in found)


def test_a_reserved_address_is_what_is_read_there(tmp_path: Path) -> None:
    spec = (
        "{location: global, target: {targetHTTPProxyRef: {external: t}}, ipAddress: {addressRef: {name: a}}}"
    )
    text = manifest("compute", "ComputeForwardingRule", "f", spec)
    text += manifest("compute", "ComputeAddress", "a", "{location: global}")
    estate = Estate({"gcp": provider})
    rule = list(declaration(tmp_path, text, scope="shop").resources(estate))[0]
    assert isinstance(rule, Resource)
    assert isinstance(rule.attributes["IPAddress"], Unresolved)
    name = "//compute.googleapis.com/projects/shop/global/addresses/a"
    estate.add(Resource("gcp", "shop", "compute.googleapis.com/GlobalAddress", name, {"address": "34.1.2.3"}))
    rule = list(declaration(tmp_path, text, scope="shop").resources(estate))[0]
    assert isinstance(rule, Resource)
    assert rule.attributes["IPAddress"] == "34.1.2.3"
