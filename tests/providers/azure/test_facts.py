"""Azure's type facts: what Microsoft's models say, what we add, and what a person's change looks like against
them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from drift.compare.verdict import Verdict, compare
from drift.kinds.base import Context
from drift.model import MISSING, Resource
from drift.redaction.redact import Redactor
from providers.azure import AzureProvider
from providers.azure.facts import facts_of, inline, known_types, spelling
from providers.azure.general import TYPES_FOLDER
from providers.azure.ids import canonical, parse
from tests.reading import read_yaml

PROVIDER = AzureProvider()
REDACTOR = Redactor("a key for tests")
GROUP = "/subscriptions/s/resourceGroups/rg"


def judge(type: str, want: Mapping[str, Any], have: Mapping[str, Any], id: str = "") -> Verdict:
    facts = PROVIDER.facts(type)
    assert facts is not None
    id_ = id or f"{GROUP}/providers/{type}/x"
    context = Context("azure", "s", None, type)
    declared = REDACTOR.resource(Resource("azure", "s", type, id_, dict(want)), facts.root)
    live = REDACTOR.resource(Resource("azure", "s", type, id_, dict(have)), facts.root)
    accept = PROVIDER.hooks.undeclared(declared, live, facts, context)
    return compare(declared, live, facts, context, REDACTOR, accept=accept)


def told(type: str, want: Mapping[str, Any], have: Mapping[str, Any]) -> list[str]:
    return [change.path for change in judge(type, want, have).changes]


def test_every_known_type_has_facts() -> None:
    types = known_types()
    assert len(types) > 1500
    for type_ in types:
        facts = facts_of(type_)
        assert facts is not None
        assert facts.root.find("/id").read_only, type_


@pytest.mark.parametrize("path", sorted(TYPES_FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_file_keeps_to_the_vocabulary(path: Path) -> None:
    schema = json.loads(TYPES_FOLDER.with_name("types.schema.json").read_bytes())
    checker = jsonschema.Draft202012Validator(schema)
    said = read_yaml(path)
    assert [error.message for error in checker.iter_errors(said)] == []
    odd = copy.deepcopy(said)
    odd["Microsoft.X/y"] = {"fatcs": {}}
    assert len(list(checker.iter_errors(odd))) == 1


def test_a_type_in_any_case_and_of_no_form() -> None:
    assert spelling("microsoft.storage/STORAGEACCOUNTS") == "Microsoft.Storage/storageAccounts"
    found = facts_of("microsoft.storage/STORAGEACCOUNTS")
    assert found is not None and found.type == "Microsoft.Storage/storageAccounts"
    unknown = facts_of("Contoso.Things/things")
    assert unknown is not None and unknown.root.find("/properties/provisioningState").read_only
    assert facts_of("AWS::S3::Bucket") is None
    assert facts_of("compute.googleapis.com/Instance") is not None  # a host has the form of a namespace


@pytest.mark.parametrize(
    ("child", "parent", "path"),
    [
        (
            "Microsoft.Network/virtualNetworks/subnets",
            "Microsoft.Network/virtualNetworks",
            "properties/subnets",
        ),
        ("microsoft.network/routetables/routes", "Microsoft.Network/routeTables", "properties/routes"),
    ],
)
def test_children_that_their_parent_holds(child: str, parent: str, path: str) -> None:
    assert inline(child) == (parent, path)


def test_other_children_are_resources() -> None:
    assert inline("Microsoft.Sql/servers/databases") is None


def test_ids() -> None:
    id_ = f"{GROUP}/providers/Microsoft.Sql/servers/A/databases/B"
    found = parse(id_)
    assert found is not None
    assert (found.type, found.names, found.scope) == ("Microsoft.Sql/servers/databases", ("A", "B"), "s")
    assert found.parent == f"{GROUP}/providers/Microsoft.Sql/servers/A"
    lock = parse(f"{id_}/providers/Microsoft.Authorization/locks/keep")
    assert lock is not None and (lock.parent, lock.type) == (id_, "Microsoft.Authorization/locks")
    group = parse(GROUP)
    assert group is not None and (group.type, group.name) == ("Microsoft.Resources/resourceGroups", "rg")
    policy = parse(
        "/providers/Microsoft.Management/managementGroups/Top/providers/Microsoft.Authorization/locks/l"
    )
    assert policy is not None and policy.scope == "managementGroups/top"
    assert canonical(id_.upper().strip("/")) == id_.lower()
    assert all(parse(text) is None for text in ("", "/", "x", f"{GROUP}/providers/Microsoft.Sql/servers"))


ACCOUNT = "Microsoft.Storage/storageAccounts"
NSG = "Microsoft.Network/networkSecurityGroups"
RULE = {
    "access": "Allow",
    "direction": "Inbound",
    "priority": 100,
    "protocol": "Tcp",
    "destinationPortRange": "443",
}


@pytest.mark.parametrize(
    ("type", "want", "have"),
    [
        (ACCOUNT, {"tags": {"a": "b"}}, {"tags": {"a": "b", "hidden-link:/x": "Resource"}}),
        (ACCOUNT, {"tags": None}, {"tags": {}}),
        (ACCOUNT, {}, {"tags": {"hidden-title": "shop"}}),
        (
            ACCOUNT,
            {"properties": {}},
            {"properties": {"supportsHttpsTrafficOnly": True, "accessTier": "Hot"}},
        ),
        (
            ACCOUNT,
            {"identity": {"type": "SystemAssigned"}},
            {"identity": {"type": "systemAssigned", "principalId": "x"}},
        ),
        (ACCOUNT, {"location": "West Europe"}, {"location": "westeurope"}),
        (
            NSG,
            {"properties": {"securityRules": []}},
            {"properties": {"defaultSecurityRules": [{"name": "x"}]}},
        ),
        (
            "Microsoft.Sql/servers/databases",
            {"location": "westeurope", "properties": {"maxSizeBytes": "60"}},
            {"properties": {"maxSizeBytes": 60}},
        ),
        (
            "Contoso.Things/things",
            {"properties": {"n": "60", "on": "True"}},
            {"properties": {"n": 60, "on": True}},
        ),
        ("Contoso.Things/things", {"properties": {"n": None}}, {"properties": {"n": 5, "more": {"deep": 1}}}),
    ],
)
def test_what_is_no_change(type: str, want: Mapping[str, Any], have: Mapping[str, Any]) -> None:
    assert told(type, want, have) == []


@pytest.mark.parametrize(
    ("type", "want", "have", "path"),
    [
        (ACCOUNT, {"tags": {"a": "b"}}, {"tags": {"a": "B"}}, "/tags/a"),
        (ACCOUNT, {"tags": {"a": "b"}}, {"tags": {"a": "b", "c": "d"}}, "/tags/c"),
        (ACCOUNT, {}, {"tags": {"c": "d"}}, "/tags"),
        (ACCOUNT, {"tags": {"on": "True"}}, {"tags": {"on": "true"}}, "/tags/on"),
        ("Contoso.Things/things", {"properties": {"n": "060"}}, {"properties": {"n": 60}}, "/properties/n"),
        (ACCOUNT, {"tags": None}, {"tags": {"c": "d"}}, "/tags"),
        (ACCOUNT, {"tags": {"hidden-title": "a"}}, {"tags": {"hidden-title": "b"}}, "/tags/hidden-title"),
        (
            ACCOUNT,
            {"properties": {}},
            {"properties": {"supportsHttpsTrafficOnly": False}},
            "/properties/supportsHttpsTrafficOnly",
        ),
        (
            ACCOUNT,
            {"properties": {}},
            {"properties": {"networkAcls": {"defaultAction": "Allow", "ipRules": [{"value": "0.0.0.0/0"}]}}},
            "/properties/networkAcls",
        ),
        (
            NSG,
            {"properties": {"securityRules": [{"name": "a", "properties": RULE}]}},
            {
                "properties": {
                    "securityRules": [{"name": "a", "properties": {**RULE, "sourceAddressPrefix": "*"}}]
                }
            },
            "/properties/securityRules/a/properties/sourceAddressPrefixes",
        ),
        (
            NSG,
            {"properties": {"securityRules": [{"name": "a", "properties": RULE}]}},
            {
                "properties": {
                    "securityRules": [{"name": "b", "properties": RULE}, {"name": "a", "properties": RULE}]
                }
            },
            "/properties/securityRules/b",
        ),
        (
            NSG,
            {"properties": {}},
            {"properties": {"securityRules": [{"name": "b", "properties": RULE}]}},
            "/properties/securityRules",
        ),
        (
            "Microsoft.KeyVault/vaults",
            {"properties": {"accessPolicies": []}},
            {"properties": {"accessPolicies": [{"objectId": "o", "permissions": {"secrets": ["all"]}}]}},
            "/properties/accessPolicies",
        ),
        (
            "Microsoft.ContainerRegistry/registries",
            {"properties": {}},
            {"properties": {"adminUserEnabled": True}},
            "/properties/adminUserEnabled",
        ),
        (
            "Microsoft.Network/virtualNetworks",
            {"properties": {"subnets": [{"name": "a", "properties": {}}]}},
            {"properties": {"subnets": [{"name": "a", "properties": {"routeTable": {"id": f"{GROUP}/r"}}}]}},
            "/properties/subnets/a/properties/routeTable",
        ),
        (
            "Microsoft.Network/networkInterfaces",
            {"properties": {}},
            {"properties": {"enableIPForwarding": True}},
            "/properties/enableIPForwarding",
        ),
        (
            "Contoso.Things/things",
            {"properties": {"n": "Red"}},
            {"properties": {"n": "red"}},
            "/properties/n",
        ),
    ],
)
def test_what_is_a_change(type: str, want: Mapping[str, Any], have: Mapping[str, Any], path: str) -> None:
    found = told(type, want, have)
    assert len(found) == 1
    assert found[0] == path or found[0].startswith(f"{path}/")


def test_secrets_are_hidden_and_what_is_not_given_back_is_unverifiable() -> None:
    want = {"properties": {"administratorLogin": "root", "administratorLoginPassword": "hunter22"}}
    verdict = judge("Microsoft.Sql/servers", want, {"properties": {"administratorLogin": "root"}})
    assert not verdict.changes
    assert [path for path, _ in verdict.unverifiable] == ["/properties/administratorLoginPassword"]
    settings = "Microsoft.Web/sites/config"
    changed = judge(settings, {"properties": {"DB": "hunter22"}}, {"properties": {"DB": "hunter23"}})
    assert [change.path for change in changed.changes] == ["/properties/DB"]
    assert "hunter" not in repr(changed)


def test_names_tell_secrets_places_and_words_where_no_schema_does() -> None:
    want = {
        "sku": {"name": "premium"},
        "kind": "Linux",
        "properties": {"adminPassword": "hunter22", "dataLocation": "UK South"},
    }
    have = {
        "sku": {"name": "Premium"},
        "kind": "linux",
        "properties": {"dataLocation": "uksouth", "osType": "Linux"},
    }
    verdict = judge("Contoso.Things/things", want, have)
    assert not verdict.changes
    assert [path for path, _ in verdict.unverifiable] == ["/properties/adminPassword"]
    assert "hunter22" not in repr(verdict)
    assert told("Contoso.Things/things", want, {**have, "sku": {"name": "Basic"}}) == ["/sku/name"]


def test_what_we_say_of_a_type_without_schema_leaves_the_rest_as_it_is() -> None:
    facts = facts_of("Microsoft.Web/connections")
    assert facts is not None
    assert facts.root.find("/properties/parameterValues").secret
    assert facts.root.find("/properties/adminPassword").secret
    assert facts.root.find("/properties/provisioningState").read_only


def test_what_the_portal_keeps_in_tags_is_hidden() -> None:
    tags = {"hidden-link: /app-insights-conn-string": "InstrumentationKey=0c5f;IngestionEndpoint=https://x"}
    facts = facts_of("Microsoft.Web/sites")
    assert facts is not None
    hidden = REDACTOR.resource(
        Resource("azure", "s", "Microsoft.Web/sites", GROUP, {"tags": tags}), facts.root
    )
    assert "0c5f" not in repr(hidden)


def test_a_secret_in_a_variant_or_beyond_the_schema_is_one() -> None:
    jobs = facts_of("Microsoft.StreamAnalytics/streamingjobs")
    assert jobs is not None
    for name in ("password", "sharedAccessPolicyKey", "accountKey"):
        assert jobs.root.find(f"/properties/outputs/x/properties/datasource/properties/{name}").secret, name
    newer = facts_of(ACCOUNT)
    assert newer is not None
    assert newer.root.find("/properties/encryption/adminPassword").secret
    assert newer.root.find("/properties/encryption/etag").read_only


def test_a_region_that_differs_is_a_change_where_the_type_has_one() -> None:
    found = judge(ACCOUNT, {"location": "westeurope"}, {"location": "northeurope"}).changes
    assert [(change.path, change.live) for change in found] == [("/location", "northeurope")]
    assert found[0].declared is not MISSING


def test_a_subnets_range_in_a_field_for_one_or_for_several() -> None:
    one = {"properties": {"subnets": [{"name": "a", "properties": {"addressPrefix": "10.0.1.0/24"}}]}}
    several = {"properties": {"subnets": [{"name": "a", "properties": {"addressPrefixes": ["10.0.1.0/24"]}}]}}
    other = {"properties": {"subnets": [{"name": "a", "properties": {"addressPrefixes": ["10.0.2.0/24"]}}]}}
    network = "Microsoft.Network/virtualNetworks"
    assert told(network, one, several) == told(network, several, one) == []
    assert told(network, one, other) == ["/properties/subnets/a/properties/addressPrefixes"]
