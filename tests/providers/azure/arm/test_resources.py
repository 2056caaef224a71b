"""Which resources templates of odd forms declare: children, extensions, loops, repeated ones, and what is
known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .support import GROUP, account, arm, declared, load, tags
from .test_translate import nested

VAULTS = "Microsoft.KeyVault/vaults"


def test_extensions_other_than_azure_are_said_and_not_dropped(tmp_path: Path) -> None:
    template = arm(extensions={"az": {"name": "AzureResourceManager"}, "k8s": {"name": "Kubernetes"}})
    template["resources"] = {
        "store": {**account(), "extension": "az"},
        "app": {"extension": "k8s", "type": "apps/Deployment@v1", "properties": {"metadata": {"name": "x"}}},
    }
    resources, unverifiable, problems = declared(load(tmp_path, template))
    assert ([one.name for one in resources], problems) == (["a"], [])
    assert "extension" not in resources[0].attributes
    assert [one.reason for one in unverifiable] == [
        "it belongs to the extension Kubernetes, of which Azure tells nothing"
    ]


def test_a_condition_does_not_hold_for_children(tmp_path: Path) -> None:
    child = {"type": "blobServices", "name": "default", "properties": {}}
    resources, _, _ = declared(load(tmp_path, arm(account(condition=False, resources=[child]))))
    assert [one.type for one in resources] == ["Microsoft.Storage/storageAccounts/blobServices"]


def test_access_policies_that_are_added_are_a_part_of_the_vault(tmp_path: Path) -> None:
    policy = {"tenantId": "t", "objectId": "o", "permissions": {"secrets": ["get"]}}

    def said(name: str) -> Mapping[str, Any]:
        return {
            "type": f"{VAULTS}/accessPolicies",
            "name": f"kv/{name}",
            "properties": {"accessPolicies": [policy]},
        }

    loaded = load(tmp_path, arm(said("add"), said("replace"), said("remove")))
    assert loaded.types() == {("azure", VAULTS)}
    (adds, replaces), (removes,), _ = declared(loaded)
    for one in (adds, replaces):
        assert (one.type, one.name, one.partial) == (VAULTS, "kv", True)
        assert one.id == f"{GROUP}/providers/{VAULTS}/kv"
        assert one.attributes == {"properties": {"accessPolicies": [policy]}}
    assert adds.shared == {"properties/accessPolicies"}
    assert not replaces.shared
    assert removes.reason == "it takes access policies away, which leaves no trace"


def test_a_loop_of_properties_leaves_copy_index_to_the_resource(tmp_path: Path) -> None:
    loop = {"name": "subs", "count": 2, "input": "[format('{0}-{1}', copyIndex(), copyIndex('subs'))]"}
    store = account(
        "[format('a{0}', copyIndex())]", copy={"name": "l", "count": 2}, properties={"copy": [loop]}
    )
    resources, _, _ = declared(load(tmp_path, arm(store)))
    assert [one.attributes["properties"]["subs"] for one in resources] == [["0-0", "0-1"], ["1-0", "1-1"]]


def test_keys_are_expressions_or_escaped_as_values_are(tmp_path: Path) -> None:
    said = {"[concat('a', 'b')]": 1, "[[resourceGroup().location]": "[[x]"}
    assert tags(tmp_path, arm(account(tags=said))) == {"ab": 1, "[resourceGroup().location]": "[x]"}


def test_a_type_may_end_with_a_slash(tmp_path: Path) -> None:
    said = {"i": "[resourceId('Microsoft.Sql/servers/', 's')]"}
    assert tags(tmp_path, arm(account(tags=said))) == {"i": f"{GROUP}/providers/Microsoft.Sql/servers/s"}


def test_nested_children_by_full_type_and_nested_extensions(tmp_path: Path) -> None:
    store = "Microsoft.Storage/storageAccounts"
    children = [
        {"type": f"{store}/blobServices", "name": "a/default"},
        {"type": "providers/locks", "name": "/Microsoft.Authorization/keep"},
        {"type": "Microsoft.Insights/diagnosticSettings", "name": "logs"},
    ]
    resources, unverifiable, _ = declared(load(tmp_path, arm(account(resources=children))))
    assert not unverifiable
    parent = f"{GROUP}/providers/{store}/a"
    assert [(one.type, one.id) for one in resources[1:]] == [
        (f"{store}/blobServices", f"{parent}/blobServices/default"),
        ("Microsoft.Authorization/locks", f"{parent}/providers/Microsoft.Authorization/locks/keep"),
        (
            "Microsoft.Insights/diagnosticSettings",
            f"{parent}/providers/Microsoft.Insights/diagnosticSettings/logs",
        ),
    ]


def test_versions_are_known_beforehand_also_by_variable_and_default(tmp_path: Path) -> None:
    template = arm(
        account(apiVersion="[variables('version')]"),
        {"type": "Microsoft.Web/sites", "name": "s", "apiVersion": "[parameters('web')]"},
        variables={"Version": "2015-06-15"},
        parameters={"web": {"type": "string", "defaultValue": "2020-06-01"}},
    )
    wanted = {"Microsoft.Storage/storageAccounts": "2015-06-15", "Microsoft.Web/sites": "2020-06-01"}
    assert load(tmp_path, template).versions() == wanted


def test_types_are_known_beforehand_but_not_those_of_other_extensions(tmp_path: Path) -> None:
    lock = {
        "type": "Microsoft.Storage/storageAccounts/providers/locks",
        "name": "[concat('a', '/Microsoft.Authorization/', 'keep')]",
    }
    app = {"extension": "k8s", "type": "apps/Deployment@v1", "properties": {}}
    template = arm(lock, app, extensions={"k8s": {"name": "Kubernetes"}})
    assert load(tmp_path, template).types() == {("azure", "Microsoft.Authorization/locks")}
    linked = nested({})
    del linked["properties"]["template"]
    linked["properties"]["templateLink"] = {"relativePath": "a\0.json"}
    assert not load(tmp_path, arm(linked)).types()


def test_what_stands_before_an_unreadable_child_is_still_declared(tmp_path: Path) -> None:
    resources, _, problems = declared(
        load(tmp_path, arm(account("a"), account("b", resources=[{"type": "x"}])))
    )
    assert [one.name for one in resources] == ["a", "b"]
    assert "a resource needs a type and a name" in problems[0].message


def test_of_what_is_deployed_twice_the_last_by_dependency_counts(tmp_path: Path) -> None:
    net = "Microsoft.Network/virtualNetworks"

    def network(**properties: Any) -> dict:
        return {"type": net, "apiVersion": "2023-04-01", "name": "v", "properties": properties}

    later = nested(arm(network(dhcpOptions={"dnsServers": ["10.0.0.4"]})), name="dns", dependsOn=["dc"])
    middle = {"type": "Microsoft.Compute/virtualMachines", "name": "dc", "dependsOn": [f"{net}/v"]}
    by_id = {**later, "dependsOn": ["[resourceId('Microsoft.Compute/virtualMachines', 'dc')]"]}
    for rows in ((network(), middle, later), (later, middle, network()), (by_id, network(), middle)):
        resources, _, problems = declared(load(tmp_path, arm(*rows)))
        assert not problems
        (one,) = (one for one in resources if one.type == net)
        assert one.attributes["properties"] == {"dhcpOptions": {"dnsServers": ["10.0.0.4"]}}


def test_circles_of_dependencies_do_not_hang(tmp_path: Path) -> None:
    one = account(kind="A", dependsOn=["b"])
    rows = (one, account(kind="B", dependsOn=["b"]), account("b", dependsOn=["a"]))
    assert len(declared(load(tmp_path, arm(*rows)))[0]) == 2


def test_a_name_that_comes_out_empty_is_said(tmp_path: Path) -> None:
    words = {"n": {"type": "string", "defaultValue": ""}}
    (one,) = declared(load(tmp_path, arm(account("[parameters('n')]"), parameters=words)))[1]
    assert one.reason == "its name is not known: its name is empty"


def test_a_node_pool_is_a_part_of_its_cluster(tmp_path: Path) -> None:
    cluster = "Microsoft.ContainerService/managedClusters"
    pool = {"type": f"{cluster}/agentPools", "name": "aks/apps", "properties": {"count": 3, "mode": "User"}}
    (declares,), _, _ = declared(load(tmp_path, arm(pool)))
    assert (declares.type, declares.name, declares.partial) == (cluster, "aks", True)
    assert declares.shared == {"properties/agentPoolProfiles"}
    assert declares.attributes == {
        "properties": {"agentPoolProfiles": [{"name": "apps", "count": 3, "mode": "User"}]}
    }
