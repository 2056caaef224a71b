"""Reading Google Cloud: which projects, what of each, over REST and gRPC; and how names and grants come
out."""

from __future__ import annotations

from typing import Any

import pytest

from drift.errors import CredentialsError
from drift.live import collect
from drift.live.estate import Estate
from drift.live.write_snapshot import header
from drift.records import snapshot
from drift.redaction.redact import Redactor
from providers.gcp import GcpProvider
from providers.gcp.loopback import Faults, cloud
from tests.providers.gcp.live_reading import (
    BINDING,
    BOTH,
    KEY,
    PUBSUB,
    TOPIC,
    declared,
    ids,
    policy,
    project,
    read,
    row,
    settings,
    told,
    topic,
    verdict,
)

TREE: list[dict[str, Any]] = [
    {"name": "organizations/1", "iamPolicy": policy("roles/browser", "domain:example.com")},
    {"name": "folders/10", "parent": "organizations/1", "iamPolicy": policy("roles/viewer", "group:a@b.c")},
    {"name": "folders/11", "parent": "folders/10"},
    {"name": "folders/12", "parent": "folders/10", "state": "DELETE_REQUESTED"},
    project("top", 100, parent="organizations/1"),
    project("shop", 101, parent="folders/10", iamPolicy=policy("roles/owner", "user:o@b.c")),
    project("deep", 102, parent="folders/11"),
    project("gone", 103, parent="folders/11", state="DELETE_REQUESTED"),
    topic("top", "t"),
    topic("shop", "t", labels={"a": "b"}),
    topic("deep", "t"),
    {
        "name": "//logging.googleapis.com/folders/10/sinks/audit",
        "assetType": "logging.googleapis.com/LogSink",
        "data": {"name": "audit", "destination": "logging.googleapis.com/projects/shop"},
    },
]


@pytest.mark.parametrize("where", BOTH)
def test_all_projects_that_the_credential_sees(where: str) -> None:
    with cloud(TREE, faults=Faults(hidden=frozenset({"top"}))) as server:
        estate = read(settings(server, where))
        assert ids(estate, TOPIC) == [f"{PUBSUB}/deep/topics/t", f"{PUBSUB}/shop/topics/t"]
        assert row(estate, "gone").status == "skipped" and "DELETE_REQUESTED" in row(estate, "gone").message
        assert estate.contexts["gcp"]["projects"] == {"101": "shop", "102": "deep", "103": "gone"}
        shop = next(one for one in estate if one.id == f"{PUBSUB}/shop/topics/t")
        assert (shop.scope, shop.region, shop.name) == ("shop", None, "t")
        assert shop.attributes == {"name": "projects/shop/topics/t", "labels": {"a": "b"}}


@pytest.mark.parametrize("where", BOTH)
def test_an_organization_is_read_with_all_folders_and_what_belongs_to_them(where: str) -> None:
    with cloud(TREE) as server:
        estate = read(settings(server, where, organizations=[1]))
    assert ids(estate, TOPIC) == [f"{PUBSUB}/{one}/topics/t" for one in ("deep", "shop", "top")]
    assert [(one.scope, one.id) for one in estate if one.type == "logging.googleapis.com/LogSink"] == [
        ("folders/10", "//logging.googleapis.com/folders/10/sinks/audit")
    ]
    manager = "//cloudresourcemanager.googleapis.com"
    assert sorted((one.scope, str(one.id)) for one in estate if one.type == BINDING) == [
        ("folders/10", f"{manager}/folders/10|roles/viewer|group:a@b.c"),
        ("organizations/1", f"{manager}/organizations/1|roles/browser|domain:example.com"),
        ("shop", f"{manager}/projects/shop|roles/owner|user:o@b.c"),
    ]
    assert row(estate, "folders/12").message == "the folder folders/12 is DELETE_REQUESTED"
    assert row(estate, "organizations/1", "compute.googleapis.com/FirewallPolicy").status == "checked"


def test_a_folder_is_read_with_what_is_below_it() -> None:
    with cloud(TREE) as server:
        estate = read(settings(server, folders=["folders/11"]))
        assert ids(estate, TOPIC) == [f"{PUBSUB}/deep/topics/t"]
        assert {cell.scope for cell in estate.coverage} == {"folders/11", "deep", "gone"}


def test_projects_by_id_number_and_glob() -> None:
    with cloud(TREE) as server:
        estate = read(settings(server, projects=["to*", 101, "deep"], exclude_projects=["d*"]))
        assert ids(estate, TOPIC) == [f"{PUBSUB}/shop/topics/t", f"{PUBSUB}/top/topics/t"]
        assert row(estate, "deep").message == "left out by live.gcp.exclude_projects"


def test_a_glob_that_fits_nothing_is_said() -> None:
    with cloud(TREE) as server:
        assert (
            "no project that the credential sees is called x*"
            in row(read(settings(server, projects=["x*"])), "*").message
        )


def test_a_project_that_resource_manager_hides_is_read_all_the_same() -> None:
    with cloud(TREE, faults=Faults(hidden=frozenset({"shop"}))) as server:
        estate = read(settings(server, projects=["shop"]))
        assert ids(estate, TOPIC) == [f"{PUBSUB}/shop/topics/t"]
        assert estate.contexts["gcp"]["projects"] == {"101": "shop"}  # told by the assets' ancestors
        row_of_number = row(read(settings(server, projects=["101"])), "101")
        assert row_of_number.status == "denied" and "could not be looked up" in row_of_number.message


@pytest.mark.parametrize("where", BOTH)
def test_pages_are_joined(where: str) -> None:
    documents = [project("p", 1), *(topic("p", f"t{n:03}") for n in range(95))]
    with cloud(documents) as server:
        assert len(ids(read(settings(server, where, page_size=10)), TOPIC)) == 95
        asked = [
            told for name, told in server.calls if name == "ListAssets" and told["contentType"] == "RESOURCE"
        ]
        assert len(asked) == 10 and all(told["pageSize"] == 10 for told in asked)


@pytest.mark.parametrize("where", BOTH)
def test_values_come_out_as_json_has_them(where: str) -> None:
    data = {
        "n": 3,
        "big": "9007199254740993",
        "half": 0.5,
        "none": None,
        "list": [1, {"a": []}],
        "no": False,
        "e": {},
    }
    with cloud([project("p", 1), topic("p", "t", **data)]) as server:
        body = next(one for one in read(settings(server, where)) if one.type == TOPIC).attributes
    assert body == {"name": "projects/p/topics/t", **data}
    assert type(body["n"]) is int and type(body["no"]) is bool


def test_numbers_of_projects_become_ids_where_they_are_known() -> None:
    secret = {"assetType": "secretmanager.googleapis.com/Secret", "data": {"replication": {"automatic": {}}}}
    documents = [
        project("p", 1),
        {"name": "//secretmanager.googleapis.com/projects/1/secrets/s", **secret, "in": "p"},
        {"name": "//secretmanager.googleapis.com/projects/2/secrets/s", **secret, "in": "p"},
    ]
    with cloud(documents) as server:
        assert ids(read(settings(server)), secret["assetType"]) == [
            "//secretmanager.googleapis.com/projects/2/secrets/s",
            "//secretmanager.googleapis.com/projects/p/secrets/s",
        ]


def test_grants_are_told_one_by_one_with_their_condition() -> None:
    condition = {"title": "soon", "expression": "request.time < now"}
    bindings = [
        {"role": "roles/viewer", "members": ["user:a@b.c", "user:d@b.c"]},
        {"role": "roles/viewer", "members": ["user:a@b.c"], "condition": condition},
    ]
    logs = [{"logType": "DATA_READ", "exemptedMembers": ["user:a@b.c"]}, {"logType": "ADMIN_READ"}]
    audit = [{"service": "allServices", "auditLogConfigs": logs}]
    topic_ = {**topic("p", "t"), "iamPolicy": {"bindings": bindings, "auditConfigs": audit}}
    with cloud([project("p", 1), topic_]) as server:
        estate = read(settings(server))
    name = f"{PUBSUB}/p/topics/t"
    assert ids(estate, BINDING) == [
        f"{name}|roles/viewer|user:a@b.c",
        f"{name}|roles/viewer|user:a@b.c|soon:request.time < now",
        f"{name}|roles/viewer|user:d@b.c",
    ]
    conditional = next(one for one in estate if "soon" in str(one.id))
    assert conditional.attributes == {
        "resource": name,
        "role": "roles/viewer",
        "member": "user:a@b.c",
        "condition": condition,
    }
    assert [one.attributes for one in estate if one.type == "iam.googleapis.com/AuditConfig"] == [
        {"resource": name, "service": "allServices", "auditLogConfigs": logs}
    ]


def test_service_accounts_are_called_by_their_address() -> None:
    address, number = "robot@p.iam.gserviceaccount.com", "117729038846215530118"
    accounts = "//iam.googleapis.com/projects/p/serviceAccounts"
    documents = [
        project("p", 1),
        {
            "name": f"{accounts}/{number}",
            "assetType": "iam.googleapis.com/ServiceAccount",
            "data": {"uniqueId": number, "email": address},
            "iamPolicy": policy("roles/iam.serviceAccountUser", "user:a@b.c"),
        },
        {
            "name": f"{accounts}/{number}/keys/k",
            "assetType": "iam.googleapis.com/ServiceAccountKey",
            "data": {"name": f"projects/p/serviceAccounts/{address}/keys/k", "keyType": "USER_MANAGED"},
        },
    ]
    with cloud(documents) as server:
        estate = read(settings(server))
    assert ids(estate, "iam.googleapis.com/ServiceAccount") == [f"{accounts}/{address}"]
    assert ids(estate, "iam.googleapis.com/ServiceAccountKey") == [f"{accounts}/{address}/keys/k"]
    assert ids(estate, BINDING) == [f"{accounts}/{address}|roles/iam.serviceAccountUser|user:a@b.c"]
    assert estate.contexts["gcp"]["accounts"] == {number: address}


def test_what_a_service_numbers_is_called_by_its_name() -> None:
    zones, zone, record = (
        "//dns.googleapis.com/projects/1/managedZones",
        "dns.googleapis.com/ManagedZone",
        "dns.googleapis.com/ResourceRecordSet",
    )
    documents = [
        project("p", 1),
        {
            "name": f"{zones}/77/rrsets/www.b.c./A",
            "assetType": record,
            "data": {"name": "www.b.c.", "type": "A"},
        },
        {
            "name": f"{zones}/78/rrsets/old.b.c./A",
            "assetType": record,
            "data": {"name": "old.b.c.", "type": "A"},
        },
        {"name": f"{zones}/77", "assetType": zone, "data": {"id": "77", "name": "public", "dnsName": "b.c."}},
    ]
    with cloud(documents) as server:
        estate = read(settings(server))
    assert ids(estate, zone) == ["//dns.googleapis.com/projects/p/managedZones/public"]
    assert ids(estate, record) == ["//dns.googleapis.com/projects/p/managedZones/public/rrsets/www.b.c./A"]
    assert row(estate, "p", record).resources == 1


@pytest.mark.parametrize("where", BOTH)
def test_a_type_that_cloud_asset_does_not_list_is_unsupported_never_missing(where: str) -> None:
    notification = {"name": "//storage.googleapis.com/b/notificationConfigs/1", "data": {}}
    unknown = declared({**notification, "assetType": "storage.googleapis.com/Notification"}, "p")
    absent = declared({**topic("p", "t")}, "p")
    with cloud([project("p", 1)]) as server:
        estate = read(settings(server, where), [unknown.type, absent.type])
    assert row(estate, "p", unknown.type).status == "unsupported"
    judgement = verdict(estate, [unknown, absent])
    assert told(judgement) == [("missing", str(absent.id), ())]
    assert [one.type for one in judgement.unverifiable] == [unknown.type]


SQL = "//cloudsql.googleapis.com/projects/p/instances"
DATABASE, USER = "sqladmin.googleapis.com/Database", "sqladmin.googleapis.com/User"
DATABASES: list[dict[str, Any]] = [
    project("p", 1),
    {"name": f"{SQL}/i", "assetType": "sqladmin.googleapis.com/Instance", "data": {"name": "i"}},
    *(
        {
            "name": f"{SQL}/i/databases/d{n}",
            "assetType": DATABASE,
            "data": {"name": f"d{n}", "charset": "UTF8"},
            "listed": False,
        }
        for n in range(101)
    ),
    {"name": f"{SQL}/i/users/u", "assetType": USER, "data": {"name": "u", "instance": "i"}, "listed": False},
]


def test_what_cloud_asset_does_not_list_is_read_from_its_own_api_where_it_is_declared() -> None:
    with cloud(DATABASES) as server:
        assert ids(read(settings(server, "url")), DATABASE) == []
        assert [name for name, _ in server.calls].count("GET") == 0
        estate = read(settings(server, "url"), [DATABASE])
        assert len(ids(estate, DATABASE)) == 101 and f"{SQL}/i/databases/d7" in ids(estate, DATABASE)
        assert row(estate, "p", DATABASE).message == "read from sqladmin.googleapis.com"
        assert ids(estate, USER) == []
        only = read(settings(server, "url"), [DATABASE], selects=lambda type_: type_ == DATABASE)
        assert {one.type for one in only} == {DATABASE} and len(only) == 101
        wanted = [declared({**DATABASES[2], "data": {"name": "d0", "charset": "LATIN1"}}, "p")]
        assert told(verdict(estate, wanted)) == [("changed", f"{SQL}/i/databases/d0", ("/charset",))]


def test_a_buckets_managed_folders_are_read_where_they_are_declared() -> None:
    bucket, folder = "//storage.googleapis.com/shop", "storage.googleapis.com/ManagedFolder"
    documents: list[dict[str, Any]] = [
        project("p", 1),
        {
            "name": bucket,
            "assetType": "storage.googleapis.com/Bucket",
            "in": "p",
            "data": {"name": "shop"},
        },
        {
            "name": f"{bucket}/managedFolders/reports/",
            "assetType": folder,
            "in": "p",
            "data": {"name": "reports/", "bucket": "shop"},
            "listed": False,
        },
    ]
    gone = {**documents[2], "name": f"{bucket}/managedFolders/old/"}
    with cloud(documents) as server:
        estate = read(settings(server, "url"), [folder])
        wanted = [declared(documents[2], "p"), declared(gone, "p")]
        assert told(verdict(estate, wanted)) == [("missing", f"{bucket}/managedFolders/old", ())]


def test_what_no_api_can_be_asked_for_is_unsupported() -> None:
    with cloud(DATABASES) as server:
        estate = read(settings(server, "grpc_url"), [USER])
    assert row(estate, "p", USER).status == "unsupported"
    assert told(verdict(estate, [declared(DATABASES[-1], "p")])) == []


def test_what_is_told_without_its_settings_is_unsupported() -> None:
    with cloud([project("p", 1), {**topic("p", "t"), "data": None}]) as server:
        estate = read(settings(server), [TOPIC])
    assert row(estate, "p", TOPIC).status == "unsupported" and ids(estate, TOPIC) == []
    judgement = verdict(estate, [declared(topic("p", "t"), "p")])
    assert told(judgement) == [] and len(judgement.unverifiable) == 1


def test_types_that_are_left_out_are_skipped_never_missing() -> None:
    pod = {
        "name": "//container.googleapis.com/projects/p/clusters/c/k8s/pods/x",
        "assetType": "k8s.io/Pod",
        "data": {},
    }
    with cloud(
        [project("p", 1), {**topic("p", "t"), "iamPolicy": policy("roles/viewer", "user:a@b.c")}, pod]
    ) as server:
        estate = read(settings(server, exclude=["pubsub.*", "iam.*"]), [TOPIC])
        assert [one.type for one in estate] == ["cloudresourcemanager.googleapis.com/Project"]
        assert row(estate, "p", TOPIC).status == "skipped" and row(estate, "p", BINDING).status == "skipped"
        assert "live.kubernetes reads them" in row(estate, "p", "k8s.io/Pod").message
        assert told(verdict(estate, [declared(topic("p", "other"), "p")])) == []
        selected = read(settings(server), selects=lambda type_: type_ == BINDING)
        assert {one.type for one in selected} == {BINDING}
        assert "left out by --only" in row(selected, "p", TOPIC).message


def test_a_snapshot_is_judged_offline_like_the_cloud(tmp_path: Any) -> None:
    with cloud([project("p", 1), topic("p", "t", labels={"a": "c"})]) as server:
        estate = read(settings(server))
    redactor = Redactor(KEY)
    snapshot.write(tmp_path / "live.jsonl.zst", estate, header(estate, redactor))
    offline = Estate({"gcp": GcpProvider()})
    assert collect.from_files(offline, [tmp_path / "live.jsonl.zst"], redactor) == []
    resources = [declared(topic("p", "t", labels={"a": "b"}), "p"), declared(topic("p", "u"), "p")]
    assert told(verdict(estate, resources)) == told(verdict(offline, resources))
    assert sorted(told(verdict(offline, resources))) == [
        ("changed", f"{PUBSUB}/p/topics/t", ("/labels/a",)),
        ("missing", f"{PUBSUB}/p/topics/u", ()),
    ]


def test_an_endpoint_of_no_known_form_is_refused() -> None:
    from providers.gcp.settings import Settings

    with pytest.raises(CredentialsError, match="endpoint: expected https://HOST"):
        read(Settings(endpoint="ftp://x"))


def test_without_credentials_nothing_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from providers.gcp.settings import Settings

    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nowhere.json"))
    with pytest.raises(CredentialsError, match="nowhere.json"):
        read(Settings())
