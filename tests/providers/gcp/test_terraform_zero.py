"""False and zero in a Terraform state are what the API said: they are declared, and what an answer leaves
out is zero."""

from __future__ import annotations

from typing import Any

import pytest

from drift.dialect import Foreign
from drift.model import Resource
from providers.gcp.terraform import GcpTerraform
from tests.comparing import told
from tests.providers.gcp.test_terraform_recordings import judged

CLUSTER = {"id": "projects/p/locations/l/clusters/c", "name": "c", "project": "p", "location": "l"}
INSTANCE = {"id": "db", "name": "db", "project": "p"}
BACKEND = {"id": "projects/p/global/backendServices/b", "name": "b", "project": "p"}
NETWORK = {"id": "projects/p/global/networks/n", "name": "n", "project": "p"}


def differs(terraform: str, attributes: dict[str, Any], live: dict[str, Any]) -> set[str]:
    made = GcpTerraform().translate(Foreign(terraform, "a.b", attributes, scope="p"))
    assert made
    return set(told(judged(made[0], Resource("gcp", made[0].scope, made[0].type, made[0].id, live))))


@pytest.mark.parametrize(
    ("terraform", "said", "zero", "other", "path"),
    [
        (
            "google_sql_database_instance",
            {**INSTANCE, "settings": [{"ip_configuration": [{"ipv4_enabled": False}]}]},
            {"settings": {"ipConfiguration": {"ipv4Enabled": False}}},
            {"settings": {"ipConfiguration": {"ipv4Enabled": True}}},
            "/settings/ipConfiguration/ipv4Enabled",
        ),
        (
            "google_container_cluster",
            {**CLUSTER, "enable_legacy_abac": False},
            {"legacyAbac": {"enabled": False}},
            {"legacyAbac": {"enabled": True}},
            "/legacyAbac/enabled",
        ),
        (
            "google_container_cluster",
            {**CLUSTER, "enable_shielded_nodes": False},
            {"shieldedNodes": {"enabled": False}},
            {"shieldedNodes": {"enabled": True}},
            "/shieldedNodes/enabled",
        ),
        (
            "google_compute_backend_service",
            {**BACKEND, "connection_draining_timeout_sec": 0},
            {"connectionDraining": {"drainingTimeoutSec": 0}},
            {"connectionDraining": {"drainingTimeoutSec": 300}},
            "/connectionDraining/drainingTimeoutSec",
        ),
        (
            "google_compute_network",
            {**NETWORK, "auto_create_subnetworks": False},
            {"autoCreateSubnetworks": False},
            {"autoCreateSubnetworks": True},
            "/autoCreateSubnetworks",
        ),
    ],
)
def test_a_zero_is_declared(
    terraform: str, said: dict[str, Any], zero: dict[str, Any], other: dict[str, Any], path: str
) -> None:
    assert differs(terraform, said, zero) == set()
    assert differs(terraform, said, {}) == set()  # zeros are left out of answers
    assert differs(terraform, said, other) == {path}


def test_an_empty_text_is_no_choice_where_the_service_makes_one() -> None:
    disk = {"source": "projects/p/zones/z/disks/d", "interface": "", "auto_delete": True, "device_name": "x"}
    said = {
        "id": "projects/p/zones/z/instances/i",
        "name": "i",
        "project": "p",
        "zone": "z",
        "boot_disk": [disk],
    }
    live = {
        "source": "projects/p/zones/z/disks/d",
        "interface": "SCSI",
        "autoDelete": True,
        "boot": True,
        "deviceName": "x",
    }
    assert differs("google_compute_instance", said, {"disks": [live]}) == set()
    assert differs("google_compute_backend_service", {**BACKEND, "compression_mode": ""},
                   {"compressionMode": "AUTOMATIC"}) == {"/compressionMode"}  # fmt: skip


def test_texts_for_objects_of_one_text() -> None:
    disk = {
        "source": "projects/p/zones/z/disks/d",
        "guest_os_features": ["UEFI_COMPATIBLE", "GVNIC"],
        "auto_delete": True,
    }
    said = {
        "id": "projects/p/zones/z/instances/i",
        "name": "i",
        "project": "p",
        "zone": "z",
        "boot_disk": [disk],
    }
    live = {"source": "projects/p/zones/z/disks/d", "boot": True, "autoDelete": True}
    one, two, three = ({"type": name} for name in ("GVNIC", "UEFI_COMPATIBLE", "SECURE_BOOT"))
    assert (
        differs("google_compute_instance", said, {"disks": [{**live, "guestOsFeatures": [one, two]}]})
        == set()
    )
    assert (
        differs("google_compute_instance", said, {"disks": [{**live, "guestOsFeatures": [one, three]}]})
        != set()
    )


@pytest.mark.parametrize(
    ("terraform", "attributes", "type_", "name"),
    [
        (
            "google_cloudbuild_trigger",
            {"id": "projects/p/locations/l/triggers/1"},
            "cloudbuild.googleapis.com/BuildTrigger",
            "//cloudbuild.googleapis.com/projects/p/locations/l/triggers/1",
        ),
        (
            "google_iam_workload_identity_pool_provider",
            {"id": "projects/p/locations/global/workloadIdentityPools/w/providers/x"},
            "iam.googleapis.com/WorkloadIdentityPoolProvider",
            "//iam.googleapis.com/projects/p/locations/global/workloadIdentityPools/w/providers/x",
        ),
        (
            "google_iam_workforce_pool_provider",
            {"id": "locations/global/workforcePools/w/providers/x"},
            "iam.googleapis.com/WorkforcePoolProvider",
            "//iam.googleapis.com/locations/global/workforcePools/w/providers/x",
        ),
        (
            "google_logging_folder_bucket_config",
            {"id": "folders/1/locations/global/buckets/b"},
            "logging.googleapis.com/LogBucket",
            "//logging.googleapis.com/folders/1/locations/global/buckets/b",
        ),
        (
            "google_logging_organization_exclusion",
            {"id": "organizations/1/exclusions/e"},
            "logging.googleapis.com/LogExclusion",
            "//logging.googleapis.com/organizations/1/exclusions/e",
        ),
        (
            "google_logging_billing_account_exclusion",
            {"id": "billingAccounts/A-1/exclusions/e"},
            "logging.googleapis.com/LogExclusion",
            "//logging.googleapis.com/billingAccounts/A-1/exclusions/e",
        ),
        (
            "google_dns_response_policy_rule",
            {"id": "projects/p/responsePolicies/r/rules/x"},
            "dns.googleapis.com/ResponsePolicyRule",
            "//dns.googleapis.com/projects/p/responsePolicies/r/rules/x",
        ),
        (
            "google_memorystore_instance",
            {"id": "projects/p/locations/l/instances/i"},
            "memorystore.googleapis.com/Instance",
            "//memorystore.googleapis.com/projects/p/locations/l/instances/i",
        ),
        (
            "google_logging_metric",
            {"id": "web/errors", "name": "web/errors", "project": "p"},
            "logging.googleapis.com/LogMetric",
            "//logging.googleapis.com/projects/p/metrics/web/errors",
        ),
    ],
)
def test_types_and_names_are_those_of_cloud_asset(
    terraform: str, attributes: dict[str, Any], type_: str, name: str
) -> None:
    made = GcpTerraform().translate(Foreign(terraform, "a.b", attributes, scope="p"))
    assert made
    assert (made[0].type, made[0].id) == (type_, name)
