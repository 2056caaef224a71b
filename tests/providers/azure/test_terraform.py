"""What azurerm's and azapi's states declare: ids, associations, children, secrets, and what drift does not
know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.declared.terraform.state import TerraformState
from drift.dialect import Foreign
from drift.model import Resource, Unresolved
from drift.source import Loader, Location
from providers.azure import AzureProvider
from providers.azure.ids import canonical
from providers.azure.terraform import AzureTerraform
from providers.azure.terraform_entries import entries
from tests import shared
from tests.comparing import told
from tests.providers.azure.test_terraform_pairs import GROUP, PAIRS, judged

RECORDING = "recordings/terraform-state"
DIALECT = AzureTerraform()
SUBSCRIPTION = "/subscriptions/0A1B2C3D-0000-4000-8000-000000000000"


class Unread:
    """A live side of which nothing was read."""

    def context(self, provider: str) -> Mapping[str, Any]:
        return {}

    def scopes(self, provider: str) -> frozenset[str]:
        return frozenset()

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return None

    def types(self, provider: str) -> set[tuple[str, str]]:
        return set()

    def every(self, provider: str, type: str) -> list[Resource]:
        return []


def made(terraform: str, /, **attributes: Any) -> list[Resource]:
    found = DIALECT.translate(Foreign(terraform, "a.b", attributes))
    assert found is not None
    return found


def state(
    tmp_path: Path, *resources: tuple[str, Mapping[str, Any]], sensitive: list[Any] | None = None
) -> list[Any]:
    """What the Terraform source yields of a state with these resources."""
    said = {
        "version": 4,
        "terraform_version": "1.9.0",
        "lineage": "x",
        "resources": [
            {
                "mode": "managed",
                "type": type,
                "name": f"r{at}",
                "provider": 'provider["registry.terraform.io/hashicorp/azurerm"]',
                "instances": [{"attributes": attributes, "sensitive_attributes": sensitive or []}],
            }
            for at, (type, attributes) in enumerate(resources)
        ],
    }
    file = tmp_path / "terraform.tfstate"
    file.write_text(json.dumps(said))
    loader = Loader({"azure": AzureProvider()})
    return list(TerraformState().load(Location(file, "terraform.tfstate"), loader).resources(Unread()))


# --- who it is
# --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "attributes", "expected", "id"),
    [
        (
            "azurerm_resource_group",
            {"id": f"{SUBSCRIPTION}/resourceGroups/rg"},
            "Microsoft.Resources/resourceGroups",
            f"{SUBSCRIPTION}/resourceGroups/rg",
        ),
        (
            "azurerm_storage_container",
            {
                "id": "https://store.blob.core.windows.net/c",
                "resource_manager_id": (
                    f"{GROUP}/Microsoft.Storage/storageAccounts/store/blobServices/default/containers/c"
                ),
            },
            "Microsoft.Storage/storageAccounts/blobServices/containers",
            f"{GROUP}/Microsoft.Storage/storageAccounts/store/blobServices/default/containers/c",
        ),
        (
            "azurerm_storage_container",
            {"id": f"{GROUP}/Microsoft.Storage/storageAccounts/store/blobServices/default/containers/c"},
            "Microsoft.Storage/storageAccounts/blobServices/containers",
            f"{GROUP}/Microsoft.Storage/storageAccounts/store/blobServices/default/containers/c",
        ),
        (
            "azurerm_storage_share",
            {
                "id": "https://store.file.core.windows.net/s",
                "resource_manager_id": (
                    f"{GROUP}/Microsoft.Storage/storageAccounts/store/fileServices/default/fileshares/s"
                ),
            },
            "Microsoft.Storage/storageAccounts/fileServices/shares",
            f"{GROUP}/Microsoft.Storage/storageAccounts/store/fileServices/default/shares/s",
        ),
        (
            "azurerm_key_vault_secret",
            {
                "id": "https://kv.vault.azure.net/secrets/s/1",
                "resource_versionless_id": f"{GROUP}/Microsoft.KeyVault/vaults/kv/secrets/s",
                "value": "hunter2",
            },
            "Microsoft.KeyVault/vaults/secrets",
            f"{GROUP}/Microsoft.KeyVault/vaults/kv/secrets/s",
        ),
        (
            "azurerm_monitor_diagnostic_setting",
            {"id": f"{GROUP}/Microsoft.KeyVault/vaults/kv|audit"},
            "Microsoft.Insights/diagnosticSettings",
            f"{GROUP}/Microsoft.KeyVault/vaults/kv/providers/Microsoft.Insights/diagnosticSettings/audit",
        ),
        (
            "azurerm_role_definition",
            {"id": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/g|{SUBSCRIPTION}"},
            "Microsoft.Authorization/roleDefinitions",
            f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/g",
        ),
        (
            "azurerm_management_group_policy_assignment",
            {
                "id": (
                    "/providers/Microsoft.Management/managementGroups/MG/providers/Microsoft.Authorization/policyAssignments/a"
                )
            },
            "Microsoft.Authorization/policyAssignments",
            "/providers/Microsoft.Management/managementGroups/MG/providers/Microsoft.Authorization/policyAssignments/a",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("azurerm") else "",
)
def test_arm_id_and_type(type: str, attributes: dict[str, Any], expected: str, id: str) -> None:
    (found,) = made(type, **attributes)
    assert (found.type, canonical(str(found.id))) == (expected, canonical(id))
    assert "hunter2" not in repr(found)


def test_scope_is_the_subscription_or_the_management_group() -> None:
    assert DIALECT.place({"id": f"{GROUP}/Microsoft.Sql/servers/a"}) == (
        "0a1b2c3d-0000-4000-8000-000000000000",
        None,
    )
    group = "/providers/Microsoft.Management/managementGroups/MG"
    assert DIALECT.place({"id": f"{group}/providers/Microsoft.Authorization/locks/l"}) == (
        "managementGroups/mg",
        None,
    )
    assert DIALECT.place({"id": "https://x.example"}) == (None, None)


def test_names_of_a_type_are_found_in_any_case() -> None:
    assert set(DIALECT.names("microsoft.compute/virtualmachines")) >= {
        "azurerm_linux_virtual_machine",
        "azurerm_windows_virtual_machine",
    }
    assert len(entries()) > 150


def test_an_id_that_is_none_of_arms_is_unsupported() -> None:
    assert (
        DIALECT.translate(
            Foreign("azurerm_app_configuration_key", "a.b", {"id": "https://x.azconfig.io/kv/a"})
        )
        is None
    )


# --- parts of other resources
# -----------------------------------------------------------------------------------------


def test_a_subnet_is_a_part_of_its_network() -> None:
    network = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet"
    (subnet,) = made("azurerm_subnet", id=f"{network}/subnets/a", name="a", address_prefixes=["10.0.0.0/24"])
    (guard,) = made(
        "azurerm_subnet_network_security_group_association",
        id=f"{network}/subnets/a",
        network_security_group_id="nsg",
    )
    for one in (subnet, guard):
        assert (one.type, one.id, one.partial) == ("Microsoft.Network/virtualNetworks", network, True)
        assert one.shared == {"properties/subnets"}
    assert subnet.attributes == {
        "properties": {"subnets": [{"name": "a", "properties": {"addressPrefixes": ["10.0.0.0/24"]}}]}
    }
    assert guard.attributes == {
        "properties": {"subnets": [{"name": "a", "properties": {"networkSecurityGroup": {"id": "nsg"}}}]}
    }


def test_an_access_policy_is_a_part_of_its_vault() -> None:
    vault = f"{GROUP}/Microsoft.KeyVault/vaults/kv"
    (found,) = made(
        "azurerm_key_vault_access_policy",
        id=f"{vault}/objectId/o",
        key_vault_id=vault,
        object_id="o",
        tenant_id="t",
        secret_permissions=["Get"],
    )
    assert (found.id, found.partial, found.shared) == (vault, True, {"properties/accessPolicies"})
    assert found.attributes == {
        "properties": {
            "accessPolicies": [{"objectId": "o", "tenantId": "t", "permissions": {"secrets": ["Get"]}}]
        }
    }


def test_blocks_that_are_resources_of_their_own() -> None:
    store = f"{GROUP}/Microsoft.Storage/storageAccounts/store"
    account, blobs = made(
        "azurerm_storage_account",
        id=store,
        account_tier="Standard",
        account_replication_type="LRS",
        blob_properties=[{"versioning_enabled": True}],
    )
    assert account.attributes == {"sku": {"name": "Standard_LRS"}}
    assert (blobs.type, blobs.id, blobs.partial) == (
        "Microsoft.Storage/storageAccounts/blobServices",
        f"{store}/blobServices/default",
        True,
    )
    assert blobs.attributes == {"properties": {"isVersioningEnabled": True}}


@pytest.mark.parametrize(
    ("type", "arm", "attributes", "below", "body"),
    [
        (
            "azurerm_private_endpoint",
            "Microsoft.Network/privateEndpoints",
            {
                "private_dns_zone_group": [
                    {
                        "name": "default",
                        "id": "x",
                        "private_dns_zone_ids": [f"{GROUP}/Microsoft.Network/privateDnsZones/a.org"],
                    }
                ]
            },
            "privateDnsZoneGroups/default",
            {
                "privateDnsZoneConfigs": [
                    {
                        "name": "a.org",
                        "properties": {
                            "privateDnsZoneId": f"{GROUP}/Microsoft.Network/privateDnsZones/a.org"
                        },
                    }
                ]
            },
        ),
        (
            "azurerm_container_registry",
            "Microsoft.ContainerRegistry/registries",
            {
                "georeplications": [
                    {
                        "location": "northeurope",
                        "regional_endpoint_enabled": True,
                        "tags": {},
                        "zone_redundancy_enabled": False,
                    }
                ]
            },
            "replications/northeurope",
            {"regionEndpointEnabled": True, "zoneRedundancy": "Disabled"},
        ),
        (
            "azurerm_servicebus_namespace",
            "Microsoft.ServiceBus/namespaces",
            {
                "network_rule_set": [
                    {
                        "default_action": "Deny",
                        "ip_rules": ["192.0.2.1"],
                        "network_rules": [],
                        "trusted_services_allowed": True,
                    }
                ]
            },
            "networkRuleSets/default",
            {
                "defaultAction": "Deny",
                "ipRules": [{"ipMask": "192.0.2.1"}],
                "trustedServiceAccessEnabled": True,
            },
        ),
        (
            "azurerm_private_dns_zone",
            "Microsoft.Network/privateDnsZones",
            {
                "soa_record": [
                    {
                        "email": "a.example.org",
                        "expire_time": 60,
                        "fqdn": "x",
                        "host_name": "h",
                        "minimum_ttl": 10,
                        "serial_number": 1,
                        "tags": {},
                        "ttl": 60,
                    }
                ]
            },
            "SOA/@",
            {
                "soaRecord": {"email": "a.example.org", "expireTime": 60, "host": "h", "minimumTtl": 10},
                "ttl": 60,
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("azurerm") else "",
)
def test_a_block_below_a_resource(
    type: str, arm: str, attributes: dict[str, Any], below: str, body: dict[str, Any]
) -> None:
    id_ = f"{GROUP}/{arm}/n"
    whole, part = made(type, id=id_, name="n", **attributes)
    assert (whole.id, whole.partial, part.id, part.partial) == (id_, False, f"{id_}/{below}", True)
    assert part.attributes["properties"] == body


# --- what drift does not know
# -----------------------------------------------------------------------------------------


STOPS = "/properties/enableAutoStop"


def test_a_type_without_a_map_is_compared_where_names_lead_and_the_rest_is_unverifiable() -> None:
    id_ = f"{GROUP}/Microsoft.Kusto/clusters/c"
    said = {"location": "westeurope", "tags": {"a": "b"}}
    (found,) = made("azurerm_kusto_cluster", id=id_, name="c", auto_stop_enabled=True, **said)
    body = {"location": "West Europe", "tags": {"a": "b"}, "sku": {"name": "x"}}
    verdict = judged(found, {**body, "properties": {"enableAutoStop": False}})
    assert told(verdict) == {}
    assert [path for path, _ in verdict.unverifiable] == [STOPS]
    assert judged(found, {**said, "properties": {"enableAutoStop": True}}).unverifiable == ()
    verdict = judged(found, {"location": "northeurope", "tags": {"a": "c"}, "properties": {}})
    assert set(told(verdict)) == {"/location", "/tags/a"}


def test_a_setting_without_a_map_leaves_the_resource_it_is_about_alone() -> None:
    store = f"{GROUP}/Microsoft.Storage/storageAccounts/store"
    (found,) = made(
        "azurerm_storage_account_static_website", id=store, storage_account_id=store, index_document="i"
    )
    assert (found.id, found.partial) == (store, True)
    assert set(found.attributes) == {"azurerm_storage_account_static_website"}
    assert told(judged(found, {"location": "westeurope", "properties": {"accessTier": "Hot"}})) == {}


def test_a_certificate_is_nothing_that_arm_knows() -> None:
    said = {
        "id": "https://kv.vault.azure.net/certificates/c/1",
        "resource_manager_id": f"{GROUP}/Microsoft.KeyVault/vaults/kv/certificates/c",
    }
    assert DIALECT.translate(Foreign("azurerm_key_vault_certificate", "a.b", said)) is None


def test_an_attribute_without_a_map_is_unverifiable_and_a_computed_one_is_nothing() -> None:
    id_ = f"{GROUP}/Microsoft.Network/natGateways/n"
    (found,) = made(
        "azurerm_nat_gateway",
        id=id_,
        sku_name="Standard",
        brand_new_setting="x",
        primary_access_key="hunter2",
        fqdn="f",
    )
    assert set(found.attributes["properties"]) == {"brandNewSetting"}
    assert isinstance(found.attributes["properties"]["brandNewSetting"], Unresolved)
    assert "hunter2" not in repr(found)


def test_a_secret_attribute_without_a_map_never_passes() -> None:
    (found,) = made(
        "azurerm_nat_gateway", id=f"{GROUP}/Microsoft.Network/natGateways/n", new_password="hunter2"
    )
    assert "hunter2" not in repr(found)
    assert "never gives it back" in found.attributes["properties"]["newPassword"].reason


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["terraform"])
def test_no_secret_of_a_state_passes(pair: dict[str, Any]) -> None:
    assert "hunter2" not in repr(DIALECT.translate(Foreign(pair["terraform"], "a.b", pair["attributes"])))


def test_what_the_state_calls_sensitive_is_wrapped(tmp_path: Path) -> None:
    attributes = {
        "id": f"{GROUP}/Microsoft.KeyVault/vaults/kv",
        "sku_name": "standard",
        "tenant_id": "sensitive-tenant",
    }
    path = [[{"type": "get_attr", "value": "tenant_id"}]]
    (found,) = state(tmp_path, ("azurerm_key_vault", attributes), sensitive=path)
    assert "Sensitive" in repr(found.attributes["properties"]["tenantId"])


# --- azapi
# ------------------------------------------------------------------------------------------------------------

BODY = {"properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}


@pytest.mark.parametrize(
    "body", [BODY, json.dumps(BODY), {"value": BODY, "type": ["object", {}]}], ids=["object", "text", "typed"]
)
def test_azapi_body_in_each_of_its_forms(body: Any) -> None:
    network = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet"
    said = {
        "id": network,
        "type": "Microsoft.Network/virtualNetworks@2023-11-01",
        "body": body,
        "location": "westeurope",
        "tags": {"a": "b"},
        "identity": [{"type": "UserAssigned", "identity_ids": ["i"], "principal_id": "p"}],
        "output": {"value": {"properties": {"x": 1}}, "type": "dynamic"},
    }
    (found,) = made("azapi_resource", **said)
    assert found.attributes == {
        **BODY,
        "location": "westeurope",
        "tags": {"a": "b"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"i": {}}},
    }
    assert (found.id, found.type, found.partial) == (network, "Microsoft.Network/virtualNetworks", False)
    assert DIALECT.version(Foreign("azapi_resource", "a.b", said)) == (
        "Microsoft.Network/virtualNetworks",
        "2023-11-01",
    )


def test_azapi_child_is_a_part_of_its_parent() -> None:
    network = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet"
    said = {
        "id": f"{network}/subnets/a",
        "type": "Microsoft.Network/virtualNetworks/subnets@2023-11-01",
        "body": {"properties": {"addressPrefix": "10.0.0.0/24"}},
    }
    (found,) = made("azapi_resource", **said)
    assert (found.id, found.partial, found.shared) == (network, True, {"properties/subnets"})


def test_azapi_update_resource_speaks_only_of_what_it_names() -> None:
    site = f"{GROUP}/Microsoft.Web/sites/web"
    (found,) = made(
        "azapi_update_resource",
        id=site,
        resource_id=site,
        type="Microsoft.Web/sites@2023-12-01",
        body={"properties": {"httpsOnly": True}},
    )
    assert found.partial
    assert (
        told(judged(found, {"location": "westeurope", "properties": {"httpsOnly": True, "enabled": False}}))
        == {}
    )
    assert set(told(judged(found, {"properties": {"httpsOnly": False}}))) == {"/properties/httpsOnly"}


def test_azapi_leaves_out_what_it_was_told_to_and_calls_no_action() -> None:
    said = {
        "id": f"{GROUP}/Microsoft.Web/sites/web",
        "type": "Microsoft.Web/sites@2023-12-01",
        "body": {"properties": {"a": 1, "b": 2}},
    }
    (found,) = made("azapi_resource", **said, ignore_body_changes=["properties.b"])
    assert isinstance(found.attributes["properties"]["b"], Unresolved)
    assert made("azapi_resource_action", id=said["id"], type=said["type"]) == []
    (found,) = made("azapi_resource", **{**said, "body": "{not json"})
    assert isinstance(found.attributes["properties"], Unresolved)


# --- states that another tool's tests recorded
# ------------------------------------------------------------------------


@shared.needs(RECORDING)
@pytest.mark.parametrize(
    "folder", ["azurerm_image", "azurerm_lb", "azurerm_lb_rule", "azurerm_private_dns_zone"]
)
def test_recorded_state_says_what_the_other_tool_read(folder: str) -> None:
    said = json.loads((shared.path(RECORDING) / folder / "terraform.tfstate").read_text())
    for one in said["resources"]:
        for instance in one["instances"]:
            found = made(one["type"], **instance["attributes"])
            assert str(instance["attributes"]["id"]).startswith(str(found[0].id))
            assert "what ARM calls" not in repr(found)
    first = made(said["resources"][0]["type"], **said["resources"][0]["instances"][0]["attributes"])[0]
    assert first.attributes == EXPECTED[folder](first)


LB = (
    "/subscriptions/8cb43347-a79f-4bb2-a8b4-c838b41fa5a5/resourceGroups/raphael-dev"
    "/providers/Microsoft.Network/loadBalancers/TestLoadBalancer"
)
EXPECTED: Mapping[str, Any] = {
    "azurerm_image": lambda _: {
        "location": "westeurope",
        "properties": {
            "hyperVGeneration": "V1",
            "storageProfile": {
                "zoneResilient": False,
                "osDisk": {
                    "managedDisk": {
                        "id": (
                            "/subscriptions/7bfb2c5c-7308-46ed-8ae4-fffa356eb406/resourceGroups/tfvmex-resources/providers/Microsoft.Compute/disks/acctestmd"
                        )
                    },
                    "caching": "None",
                    "diskSizeGB": 30,
                    "osState": "Generalized",
                    "osType": "Linux",
                },
            },
        },
    },
    "azurerm_lb": lambda found: {
        "location": "westus",
        "sku": {"name": "Basic"},
        "properties": {
            "frontendIPConfigurations": [
                {
                    "name": "PublicIPAddress",
                    "properties": {
                        "privateIPAllocationMethod": "Dynamic",
                        "publicIPAddress": {
                            "id": (
                                str(found.id).replace(
                                    "loadBalancers/TestLoadBalancer", "publicIPAddresses/PublicIPForLB"
                                )
                            )
                        },
                    },
                }
            ]
        },
    },
    "azurerm_lb_rule": lambda _: {
        "properties": {
            "loadBalancingRules": [
                {
                    "name": "LBRule2",
                    "properties": {
                        "backendPort": 80,
                        "disableOutboundSnat": False,
                        "enableFloatingIP": False,
                        "enableTcpReset": False,
                        "frontendIPConfiguration": {"id": f"{LB}/frontendIPConfigurations/PublicIPAddress"},
                        "frontendPort": 80,
                        "idleTimeoutInMinutes": 4,
                        "loadDistribution": "Default",
                        "protocol": "Tcp",
                    },
                }
            ]
        }
    },
    "azurerm_private_dns_zone": lambda _: {},
}
