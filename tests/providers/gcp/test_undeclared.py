"""What live resources hold beyond what Git declares: what people add is told, what services fill in is
not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource, Unresolved
from drift.redaction.redact import Redactor
from providers.gcp.provider import provider
from tests.reading import read_yaml

REDACTOR = Redactor("a key for tests")
CONTEXT = {"projects": {"123": "p"}, "accounts": {}}
LINK = "https://www.googleapis.com/compute/v1/projects/p"


def changed(type_: str, declared: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """The paths that a run reports."""
    facts = provider.facts(type_)
    assert facts is not None
    context = Context("gcp", "p", None, type_, CONTEXT)
    want = REDACTOR.resource(Resource("gcp", "p", type_, "//x/y", declared), facts.root)
    have = REDACTOR.resource(Resource("gcp", "p", type_, "//x/y", live), facts.root)
    accept = provider.hooks.undeclared(want, have, facts, context)
    return [one.path for one in compare(want, have, facts, context, REDACTOR, accept=accept).changes]


FIREWALL = (
    {
        "name": "f",
        "network": "projects/p/global/networks/n",
        "allowed": [{"IPProtocol": "TCP", "ports": ["443", "80"]}],
        "sourceTags": ["web"],
    },
    {
        "kind": "compute#firewall",
        "id": "77",
        "name": "f",
        "selfLink": f"{LINK}/global/firewalls/f",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "network": f"{LINK}/global/networks/n",
        "allowed": [{"IPProtocol": "tcp", "ports": ["80", "443"]}],
        "sourceTags": ["web"],
        "direction": "INGRESS",
        "priority": 1000,
        "disabled": False,
        "logConfig": {"enable": False},
    },
)
BUCKET = (
    {"name": "b", "location": "eu", "labels": {"team": "a"}, "versioning": {"enabled": True}},
    {
        "name": "b",
        "id": "b",
        "kind": "storage#bucket",
        "location": "EU",
        "locationType": "multi-region",
        "storageClass": "STANDARD",
        "rpo": "DEFAULT",
        "labels": {"team": "a", "goog-managed": "x"},
        "versioning": {"enabled": True},
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": "2026-01-01T00:00:00Z"},
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": False},
            "bucketPolicyOnly": {"enabled": False},
            "publicAccessPrevention": "inherited",
        },
        "acl": [{"entity": "project-owners-123", "role": "OWNER"}],
        "projectNumber": "123",
        "metageneration": "3",
        "timeCreated": "2026-01-01T00:00:00Z",
        "updated": "2026-01-01T00:00:00Z",
        "etag": "CAE=",
    },
)
SUBSCRIPTION = (
    {"name": "projects/p/subscriptions/s", "topic": "projects/p/topics/t"},
    {
        "name": "projects/p/subscriptions/s",
        "topic": "projects/p/topics/t",
        "ackDeadlineSeconds": 10,
        "messageRetentionDuration": "604800s",
        "expirationPolicy": {"ttl": "2678400s"},
        "pushConfig": {},
        "state": "ACTIVE",
    },
)
#: A type of which nobody has written facts.
UNKNOWN = (
    {"displayName": "d", "labels": {"a": "b"}, "settings": {"size": 3}},
    {
        "displayName": "d",
        "labels": {"a": "b"},
        "settings": {"size": 3, "mode": "FAST"},
        "state": "READY",
        "etag": "x",
    },
)


def put(live: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed_ = copy.deepcopy(live)
    *above, last = path.strip("/").split("/")
    node: Any = changed_
    for name in above:
        node = node[int(name)] if isinstance(node, list) else node.setdefault(name, {})
    if isinstance(node.get(last), list):
        node[last] = [*node[last], *value]
    else:
        node[last] = value
    return changed_


@pytest.mark.parametrize(
    ("type_", "pair"),
    [
        ("compute.googleapis.com/Firewall", FIREWALL),
        ("storage.googleapis.com/Bucket", BUCKET),
        ("pubsub.googleapis.com/Subscription", SUBSCRIPTION),
        ("new.googleapis.com/Thing", UNKNOWN),
    ],
)
def test_what_services_fill_in_is_silent(type_: str, pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert changed(type_, *pair) == []


@pytest.mark.parametrize(
    ("type_", "pair", "path", "value", "told"),
    [
        ("compute.googleapis.com/Firewall", FIREWALL, "sourceRanges", ["0.0.0.0/0"], "/sourceRanges"),
        ("compute.googleapis.com/Firewall", FIREWALL, "targetTags", ["db"], "/targetTags"),
        ("compute.googleapis.com/Firewall", FIREWALL, "allowed", [{"IPProtocol": "all"}], "/allowed"),
        ("compute.googleapis.com/Firewall", FIREWALL, "priority", 1, "/priority"),
        ("compute.googleapis.com/Firewall", FIREWALL, "disabled", True, "/disabled"),
        ("compute.googleapis.com/Firewall", FIREWALL, "description", "by hand", "/description"),
        ("storage.googleapis.com/Bucket", BUCKET, "labels/owner", "me", "/labels/owner"),
        (
            "storage.googleapis.com/Bucket",
            BUCKET,
            "acl",
            [{"entity": "allUsers", "role": "READER"}],
            "/acl/allUsers",
        ),
        ("storage.googleapis.com/Bucket", BUCKET, "retentionPolicy/retentionPeriod", "9", "/retentionPolicy"),
        ("storage.googleapis.com/Bucket", BUCKET, "website/mainPageSuffix", "index.html", "/website"),
        (
            "storage.googleapis.com/Bucket",
            BUCKET,
            "encryption/defaultKmsKeyName",
            "projects/p/x/y",
            "/encryption",
        ),
        (
            "storage.googleapis.com/Bucket",
            BUCKET,
            "softDeletePolicy/retentionDurationSeconds",
            "0",
            "/softDeletePolicy",
        ),
        (
            "pubsub.googleapis.com/Subscription",
            SUBSCRIPTION,
            "pushConfig/pushEndpoint",
            "https://x.example",
            "/pushConfig",
        ),
        ("pubsub.googleapis.com/Subscription", SUBSCRIPTION, "ackDeadlineSeconds", 60, "/ackDeadlineSeconds"),
        ("new.googleapis.com/Thing", UNKNOWN, "allowedRanges", ["0.0.0.0/0"], "/allowedRanges"),
        ("new.googleapis.com/Thing", UNKNOWN, "settings/public", True, "/settings/public"),
        ("new.googleapis.com/Thing", UNKNOWN, "description", "by hand", "/description"),
        ("new.googleapis.com/Thing", UNKNOWN, "labels/owner", "me", "/labels/owner"),
    ],
)
def test_what_people_add_is_told(
    type_: str, pair: tuple[dict[str, Any], dict[str, Any]], path: str, value: Any, told: str
) -> None:
    found = changed(type_, pair[0], put(pair[1], path, value))
    assert len(found) == 1
    assert found[0].startswith(told)


def test_a_rule_that_names_nobody_is_about_everybody_and_only_then() -> None:
    declared = {**FIREWALL[0], "sourceTags": []}
    live = {**FIREWALL[1], "sourceTags": [], "sourceRanges": ["0.0.0.0/0"]}
    assert changed("compute.googleapis.com/Firewall", declared, live) == []
    live["destinationRanges"] = ["0.0.0.0/0"]
    assert changed("compute.googleapis.com/Firewall", declared, live) == ["/destinationRanges"]


def test_a_dataset_without_declared_access_is_its_creators() -> None:
    access = [
        {"role": "WRITER", "specialGroup": "projectWriters"},
        {"role": "OWNER", "specialGroup": "projectOwners"},
        {"role": "OWNER", "userByEmail": "ci@p.iam.gserviceaccount.com"},
        {"role": "READER", "specialGroup": "projectReaders"},
    ]
    live = {"datasetReference": {"datasetId": "d", "projectId": "p"}, "access": access, "location": "US"}
    declared = {"datasetReference": {"datasetId": "d"}}
    assert changed("bigquery.googleapis.com/Dataset", declared, live) == []
    live["access"] = [*access, {"role": "READER", "specialGroup": "allAuthenticatedUsers"}]
    assert changed("bigquery.googleapis.com/Dataset", declared, live) == ["/access"]


def test_a_role_has_two_names_in_a_dataset() -> None:
    declared = {"access": [{"role": "roles/bigquery.dataOwner", "userByEmail": "a@example.com"}]}
    live = {"access": [{"role": "OWNER", "userByEmail": "a@example.com"}]}
    assert changed("bigquery.googleapis.com/Dataset", declared, live) == []


def test_the_order_of_columns_counts() -> None:
    fields = [{"name": "a", "type": "STRING"}, {"name": "b", "type": "STRING"}]
    declared, live = {"schema": {"fields": fields}}, {"schema": {"fields": fields[::-1]}}
    assert changed("bigquery.googleapis.com/Table", declared, live) != []


def test_a_key_means_its_version_in_use_and_no_other_keys() -> None:
    key = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    disk = "compute.googleapis.com/Disk"

    def with_key(name: str) -> dict[str, Any]:
        return {"diskEncryptionKey": {"kmsKeyName": name}}

    assert changed(disk, with_key(key), with_key(f"{key}/cryptoKeyVersions/3")) == []
    assert changed(disk, with_key(key), with_key(f"{key}2/cryptoKeyVersions/3")) != []
    assert changed(disk, with_key(f"{key}/cryptoKeyVersions/2"), with_key(f"{key}/cryptoKeyVersions/3")) != []


def test_a_load_balancers_security_policy_counts_though_it_is_called_output_only() -> None:
    service = "compute.googleapis.com/BackendService"
    policy = {"securityPolicy": f"{LINK}/global/securityPolicies/s"}
    assert changed(service, {"name": "b"}, {"name": "b", **policy}) == ["/securityPolicy"]
    assert changed(service, {"name": "b", **policy}, {"name": "b"}) == ["/securityPolicy"]


def test_a_project_is_one_in_two_versions_of_its_api() -> None:
    project = "cloudresourcemanager.googleapis.com/Project"
    old = {
        "projectId": "p",
        "name": "Shop",
        "parent": {"type": "folder", "id": "1"},
        "lifecycleState": "ACTIVE",
        "projectNumber": "123",
    }
    new = {
        "projectId": "p",
        "displayName": "Shop",
        "parent": "folders/1",
        "state": "ACTIVE",
        "name": "projects/123",
    }
    assert changed(project, {"name": "Shop", "parent": "folders/1"}, old) == []
    assert changed(project, {"displayName": "Shop", "parent": "folders/1"}, old) == []
    assert changed(project, {"displayName": "Shop", "parent": "folders/1"}, new) == []
    assert changed(project, {"displayName": "Shop", "parent": "folders/2"}, old) == ["/parent"]
    assert changed(project, {"displayName": "Store", "parent": "folders/1"}, old) == ["/displayName"]


def test_a_field_that_the_published_form_lacks_is_nobodys() -> None:
    live = {**FIREWALL[1], "shieldedThing": {"enabled": True, "list": [1]}}
    assert changed("compute.googleapis.com/Firewall", FIREWALL[0], live) == []


def test_beside_a_declared_field_without_a_place_only_members_are_somebodys() -> None:
    declared = {**BUCKET[0], "newThing": Unresolved("spec/newThing: the API's Bucket has no field for it")}
    live = put(BUCKET[1], "newerThing", [1])
    assert (
        changed("storage.googleapis.com/Bucket", declared, put(BUCKET[1], "cors", [{"origin": ["*"]}])) == []
    )
    assert changed("storage.googleapis.com/Bucket", declared, put(live, "labels/owner", "me")) == [
        "/labels/owner"
    ]


def test_an_address_is_the_range_of_it_alone() -> None:
    rule = "compute.googleapis.com/Firewall"
    declared, live = (
        {**FIREWALL[0], "sourceRanges": ["10.0.0.5"]},
        {**FIREWALL[1], "sourceRanges": ["10.0.0.5/32"]},
    )
    assert changed(rule, declared, live) == []
    assert changed(rule, declared, {**live, "sourceRanges": ["10.0.0.5/31"]}) == ["/sourceRanges"]
    instance = "sqladmin.googleapis.com/Instance"

    def open_to(value: str) -> dict[str, Any]:
        return {"settings": {"ipConfiguration": {"authorizedNetworks": [{"value": value}]}}}

    assert changed(instance, open_to("1.2.3.4"), open_to("1.2.3.4/32")) == []
    assert len(changed(instance, open_to("1.2.3.4"), open_to("0.0.0.0/0"))) == 2


UNTOUCHED = read_yaml(Path(__file__).with_name("untouched.yaml"))


@pytest.mark.parametrize("case", UNTOUCHED, ids=lambda case: case["type"])
def test_what_nobody_touched_is_silent(case: dict[str, Any]) -> None:
    assert changed(case["type"], case["declared"], case["live"]) == []


@pytest.mark.parametrize(
    ("case", "done"),
    [(case, done) for case in UNTOUCHED for done in case["people"]],
    ids=lambda value: value.get("type") or next(iter(value["set"])),
)
def test_what_a_person_does_to_it_is_told(case: dict[str, Any], done: dict[str, Any]) -> None:
    live = case["live"]
    for path, value in done["set"].items():
        live = put(live, path, value)
    found = changed(case["type"], case["declared"], live)
    assert len(found) == 1
    assert found[0].startswith(done["told"])


def test_zero_false_and_empty_are_absent() -> None:
    for type_ in ("new.googleapis.com/Thing", "pubsub.googleapis.com/Subscription"):
        declared = {"ackDeadlineSeconds": 0, "retainAckedMessages": False, "filter": "", "pushConfig": {}}
        wanted = [] if type_.startswith("new") else ["/ackDeadlineSeconds"]  # whose default is another number
        assert changed(type_, declared, {}) == []
        assert changed(type_, {}, declared) == wanted
    job = "run.googleapis.com/Job"
    assert changed(job, {"template": {"parallelism": 0}}, {"template": {}}) == []
    assert changed(job, {"template": {}}, {"template": {"parallelism": 0}}) == []
    assert changed(job, {"template": {"parallelism": 0}}, {"template": {"parallelism": 2}}) == [
        "/template/parallelism"
    ]


def test_a_successor_says_what_its_predecessor_says() -> None:
    cluster = "container.googleapis.com/Cluster"
    declared = {"privateClusterConfig": {"enablePrivateNodes": True}}
    live = {**declared, "networkConfig": {"defaultEnablePrivateNodes": True}}
    assert changed(cluster, declared, live) == []
    assert changed(cluster, {"privateClusterConfig": {"enablePrivateNodes": False}}, live) == [
        "/privateClusterConfig/enablePrivateNodes"
    ]


def test_what_is_switched_off_says_nothing_by_its_settings() -> None:
    instance = "alloydb.googleapis.com/Instance"
    settings = {"trackWaitEvents": True, "maxQueryStringLength": 10240}
    assert changed(instance, {}, {"observabilityConfig": {"enabled": False, **settings}}) == []
    assert changed(instance, {}, {"observabilityConfig": {"enabled": True, **settings}}) == [
        "/observabilityConfig"
    ]


def test_a_declared_zero_may_be_left_out_and_no_other_value() -> None:
    reservation = "bigqueryreservation.googleapis.com/Reservation"
    assert changed(reservation, {"slotCapacity": 0, "concurrency": "0"}, {"edition": "ENTERPRISE"}) == []
    assert changed(reservation, {"slotCapacity": 0}, {"slotCapacity": "100"}) == ["/slotCapacity"]
    index = "firestore.googleapis.com/Index"
    assert changed(index, {"apiScope": "ANY_API"}, {}) == []
    assert changed(index, {"apiScope": "DATASTORE_MODE_API"}, {}) == ["/apiScope"]


def test_what_a_cluster_says_twice_is_judged_once() -> None:
    blocks = [{"cidrBlock": "203.0.113.0/24", "displayName": "office"}]
    old = {
        "privateClusterConfig": {
            "enablePrivateEndpoint": True,
            "masterGlobalAccessConfig": {"enabled": True},
        },
        "masterAuthorizedNetworksConfig": {"enabled": True, "cidrBlocks": blocks},
    }
    networks = {"enabled": True, "cidrBlocks": blocks}
    endpoints = {
        "enabled": True,
        "enablePublicEndpoint": False,
        "globalAccess": True,
        "authorizedNetworksConfig": networks,
    }
    new = {"controlPlaneEndpointsConfig": {"ipEndpointsConfig": endpoints}}
    cluster = "container.googleapis.com/Cluster"
    assert changed(cluster, old, {**old, **new}) == []
    assert changed(cluster, new, {**old, **new}) == []
    opened = {**networks, "cidrBlocks": [*blocks, {"cidrBlock": "0.0.0.0/0", "displayName": "all"}]}
    live = {
        **old,
        "masterAuthorizedNetworksConfig": opened,
        "controlPlaneEndpointsConfig": {
            "ipEndpointsConfig": {**endpoints, "authorizedNetworksConfig": opened}
        },
    }
    below = "masterAuthorizedNetworksConfig/cidrBlocks/0.0.0.0~10"
    assert changed(cluster, old, live) == [f"/{below}"]
    assert changed(cluster, {}, live) != []
    assert len(changed(cluster, new, live)) == 1


def test_what_documents_call_a_default_is_listed_apart_and_a_person_s_list_is_not() -> None:
    """A list of where the service places something; and a switch and a list that are people's."""
    job, zones = "batch.googleapis.com/Job", ["regions/r", "zones/r-a"]
    assert changed(job, {}, {"allocationPolicy": {"location": {"allowedLocations": zones}}}) == []
    config = "workstations.googleapis.com/WorkstationConfig"
    assert changed(config, {}, {"allowedPorts": [{"first": 1, "last": 65535}]}) == ["/allowedPorts"]
    live = {"host": {"gceInstance": {"poolSize": 1, "enableNestedVirtualization": True}}}
    assert changed(config, {"host": {"gceInstance": {"poolSize": 1}}}, live) == [
        "/host/gceInstance/enableNestedVirtualization"
    ]
