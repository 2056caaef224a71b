"""Google Cloud as the core sees it: names in one spelling, what Google makes by itself, who is let in,
settings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from drift.finding import Finding
from drift.model import Resource
from drift.provider import Provider
from drift.rules.severity import rate
from providers.gcp import names
from providers.gcp.provider import provider
from providers.gcp.settings import Settings

CONTEXT = {"projects": {"123": "p"}, "accounts": {"1057": "a@p.iam.gserviceaccount.com"}}
PROJECT = "//cloudresourcemanager.googleapis.com/projects/p"
NETWORK = "https://www.googleapis.com/compute/v1/projects/p/global/networks/default"


def live(type_: str, name: str = "//x/projects/p/y/n", **attributes: Any) -> Resource:
    return Resource("gcp", "p", type_, name, attributes)


def grant(member: str, role: str, resource: str = PROJECT) -> Resource:
    return names.binding(resource, role, member, scope="p")


def test_it_is_a_provider() -> None:
    told: Provider = provider
    assert told.name == "gcp"
    assert told.terraform is not None
    assert told.terraform.owns("google_compute_network")


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        (
            "https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/i",
            "//compute.googleapis.com/projects/p/zones/z/instances/i",
        ),
        (
            "https://compute.googleapis.com/compute/beta/projects/p/global/networks/n",
            "//compute.googleapis.com/projects/p/global/networks/n",
        ),
        ("//storage.googleapis.com/projects/_/buckets/b", "//storage.googleapis.com/b"),
        (
            "//sqladmin.googleapis.com/projects/p/instances/i",
            "//cloudsql.googleapis.com/projects/p/instances/i",
        ),
        ("//pubsub.googleapis.com/projects/p//topics/t", "//pubsub.googleapis.com/projects/p/topics/t"),
        (f"{PROJECT}|roles/viewer|user:Jane@Example.com", f"{PROJECT}|roles/viewer|user:jane@example.com"),
        (
            f"{PROJECT}|roles/viewer|principal://iam.googleapis.com/X/Y|t:A",
            f"{PROJECT}|roles/viewer|principal://iam.googleapis.com/X/Y|t:A",
        ),
    ],
)
def test_names_have_one_spelling(spelled: str, name: str) -> None:
    assert names.canonical(spelled) == name
    assert names.canonical(name) == name


def test_numbers_are_known_only_where_the_snapshot_tells_them() -> None:
    known = provider.hooks.known_id
    one = live("pubsub.googleapis.com/Topic", "//pubsub.googleapis.com/projects/123/topics/t")
    other = live("pubsub.googleapis.com/Topic", "//pubsub.googleapis.com/projects/456/topics/t")
    assert known(one, CONTEXT) == "//pubsub.googleapis.com/projects/p/topics/t"
    assert known(other, CONTEXT) == other.id
    account = live(
        "iam.googleapis.com/ServiceAccount", "//iam.googleapis.com/projects/p/serviceAccounts/1057"
    )
    assert (
        known(account, CONTEXT)
        == "//iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com"
    )
    assert known(
        grant("user:x@y.z", "roles/x", "//iam.googleapis.com/projects/123/serviceAccounts/1057"), CONTEXT
    ) == ("//iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com|roles/x|user:x@y.z")


def test_an_account_is_called_by_its_address() -> None:
    one = live(
        "iam.googleapis.com/ServiceAccount",
        "//iam.googleapis.com/projects/p/serviceAccounts/1057",
        email="a@p.iam.gserviceaccount.com",
    )
    assert (
        provider.canonical_id(one)
        == "//iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com"
    )


def test_a_condition_is_part_of_what_a_grant_is() -> None:
    plain = names.binding(PROJECT, "roles/x", "user:a@b.c", scope="p")
    bound = names.binding(PROJECT, "roles/x", "user:a@b.c", {"title": "t", "expression": "e"}, scope="p")
    assert plain.id != bound.id
    assert bound.attributes["condition"] == {"title": "t", "expression": "e"}


@pytest.mark.parametrize(
    "resource",
    [
        live(
            "compute.googleapis.com/Network",
            "//c/projects/p/global/networks/default",
            description="Default network for the project",
        ),
        live(
            "compute.googleapis.com/Firewall",
            "//c/f/default-allow-ssh",
            network=NETWORK,
            priority=65534,
            sourceRanges=["0.0.0.0/0"],
            allowed=[{"IPProtocol": "tcp", "ports": ["22"]}],
        ),
        live("compute.googleapis.com/Firewall", "//c/f/gke-shop-1a2b3c4d-all"),
        live(
            "compute.googleapis.com/Instance",
            metadata={
                "items": [{"key": "created-by", "value": "projects/123/zones/z/instanceGroupManagers/m"}]
            },
        ),
        live("compute.googleapis.com/Disk", labels={"goog-gke-volume": ""}),
        live("iam.googleapis.com/ServiceAccount", email="123-compute@developer.gserviceaccount.com"),
        live("iam.googleapis.com/ServiceAccountKey", keyType="SYSTEM_MANAGED"),
        live("storage.googleapis.com/Bucket", "//storage.googleapis.com/gcf-v2-sources-123-europe-west1"),
        live("logging.googleapis.com/LogSink", "//logging.googleapis.com/projects/p/sinks/_Default"),
        live(
            "dns.googleapis.com/ResourceRecordSet",
            type="NS",
            rrdatas=["ns-cloud-a1.googledomains.com.", "ns-cloud-a2.googledomains.com."],
        ),
        live(
            "serviceusage.googleapis.com/Service",
            "//serviceusage.googleapis.com/projects/p/services/storage.googleapis.com",
        ),
        grant(
            "serviceAccount:service-123@gcp-sa-artifactregistry.iam.gserviceaccount.com",
            "roles/artifactregistry.serviceAgent",
        ),
        grant(
            "serviceAccount:service-123@compute-system.iam.gserviceaccount.com", "roles/compute.serviceAgent"
        ),
        grant("serviceAccount:123@cloudservices.gserviceaccount.com", "roles/editor"),
        grant("projectOwner:p", "roles/storage.legacyBucketOwner", "//storage.googleapis.com/b"),
    ],
)
def test_what_google_makes_is_nobodys(resource: Resource) -> None:
    assert provider.system(resource, CONTEXT) is not None


@pytest.mark.parametrize(
    "resource",
    [
        live("compute.googleapis.com/Network", "//c/projects/p/global/networks/shop"),
        live(
            "compute.googleapis.com/Firewall",
            "//c/f/default-allow-internal",
            network=NETWORK,
            priority=65534,
            sourceRanges=["0.0.0.0/0"],
        ),
        live(
            "compute.googleapis.com/Firewall",
            "//c/f/default-allow-ssh",
            network=NETWORK,
            priority=65534,
            allowed=[{"IPProtocol": "all"}],
        ),
        live("compute.googleapis.com/Disk", labels={"goog-terraform-provisioned": "true"}),
        live("iam.googleapis.com/ServiceAccount", email="456-compute@developer.gserviceaccount.com"),
        live("iam.googleapis.com/ServiceAccountKey", keyType="USER_MANAGED"),
        live("dns.googleapis.com/ResourceRecordSet", type="NS", rrdatas=["ns1.elsewhere.example."]),
        grant(
            "serviceAccount:service-456@gcp-sa-artifactregistry.iam.gserviceaccount.com",
            "roles/artifactregistry.serviceAgent",
        ),
        grant("serviceAccount:service-123@gcp-sa-artifactregistry.iam.gserviceaccount.com", "roles/owner"),
        grant("projectOwner:q", "roles/storage.legacyBucketOwner", "//storage.googleapis.com/b"),
        grant("allUsers", "roles/storage.objectViewer", "//storage.googleapis.com/b"),
    ],
)
def test_what_people_make_is_theirs(resource: Resource) -> None:
    assert provider.system(resource, CONTEXT) is None


def test_what_gives_access_is_listed_wherever_it_stands() -> None:
    def gives(resource: Resource) -> bool:
        facts = provider.facts(resource.type)
        assert facts is not None
        return provider.hooks.gives_access(resource, facts)

    assert gives(grant("user:a@b.c", "roles/viewer"))
    assert gives(live("iam.googleapis.com/ServiceAccountKey"))
    assert gives(live("compute.googleapis.com/Firewall", allowed=[{"IPProtocol": "all"}]))
    assert not gives(live("compute.googleapis.com/Firewall", denied=[{"IPProtocol": "all"}]))
    assert not gives(
        live("compute.googleapis.com/Firewall", direction="EGRESS", allowed=[{"IPProtocol": "all"}])
    )
    assert not gives(live("pubsub.googleapis.com/Topic"))


@pytest.mark.parametrize(
    ("resource", "severity"),
    [
        (grant("allUsers", "roles/viewer"), "critical"),
        (grant("user:a@b.c", "roles/owner"), "critical"),
        (grant("user:a@b.c", "roles/viewer"), "high"),
        (
            live(
                "compute.googleapis.com/Firewall", allowed=[{"IPProtocol": "all"}], sourceRanges=["0.0.0.0/0"]
            ),
            "critical",
        ),
        (
            live(
                "compute.googleapis.com/Firewall",
                allowed=[{"IPProtocol": "all"}],
                sourceRanges=["10.0.0.0/8"],
            ),
            "high",
        ),
        (live("pubsub.googleapis.com/Topic"), "medium"),
    ],
)
def test_severity_of_what_nobody_declares(resource: Resource, severity: str) -> None:
    assert rate(Finding("unmanaged", None, resource), provider.severity_rules())[0] == severity


def test_settings_take_numbers_and_names() -> None:
    told = Settings.model_validate(
        {"projects": ["shop", 123, "projects/x-*"], "folders": [4, "folders/5"], "organizations": ["6"]}
    )
    assert told.projects == ["shop", "123", "x-*"]
    assert told.folders == ["4", "5"]
    assert told.organizations == ["6"]


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"projetcs": ["a"]}, "projetcs"),
        ({"projects": ["A b"]}, "projects"),
        ({"projects": []}, "projects"),
        ({"folders": ["shop"]}, "folders"),
        ({"organizations": ["example.com"]}, "organizations"),
        ({"concurrency": 0}, "concurrency"),
    ],
)
def test_a_wrong_key_is_one_error_that_names_it(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(ValidationError) as told:
        Settings.model_validate(settings)
    assert [error["loc"][0] for error in told.value.errors()] == [key]
