"""What modules and newer templates bring: outputs of deployments, symbolic names, groups, references to what
is live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.errors import DeclaredError
from drift.model import Resource, Sensitive, Unresolved
from drift.source import Loader, Location
from providers.azure.arm import ArmTemplates

from .support import GROUP, SUB, Live, account, arm, declared, load, tags
from .test_translate import SUBSCRIPTION, nested

OUT = {"o": {"type": "string", "value": "[parameters('p')]"}}
MODULE = arm(parameters={"p": {"type": "string"}}, outputs=OUT)


def module(value: Any, **words: Any) -> dict:
    return nested(MODULE, "inner", **words, properties={"parameters": {"p": {"value": value}}})


def test_outputs_of_a_loop_of_deployments(tmp_path: Path) -> None:
    loop = module("[format('v{0}', copyIndex())]", name="[format('m{0}', copyIndex())]")
    loop["copy"] = {"name": "many", "count": 3}
    said = {
        "one": "[reference(resourceId('Microsoft.Resources/deployments', 'm1')).outputs.o.value]",
        "symbol": "[reference(format('mods[{0}]', 2)).outputs.o.value]",
        "all": "[map(references('mods'), lambda('m', lambdaVariables('m').outputs.o.value))]",
    }
    template = arm() | {"resources": {"mods": loop, "store": account(tags=said)}, "languageVersion": "2.0"}
    assert tags(tmp_path, template) == {"one": "v1", "symbol": "v2", "all": ["v0", "v1", "v2"]}


def test_deployments_of_one_name_are_told_apart_by_where_they_go(tmp_path: Path) -> None:
    def id_of(group: str) -> str:
        return (
            f"extensionResourceId(format('{{0}}/{group}', '/subscriptions/{SUB}/resourceGroups'), "
            "'Microsoft.Resources/deployments', 'm')"
        )

    mods = [module(group, name="m", resourceGroup=group) for group in ("g1", "g2")]
    said = {group: f"[reference({id_of(group)}).outputs.o.value]" for group in ("g1", "g2")}
    said["which"] = "[reference('m').outputs.o.value]"
    found = tags(tmp_path, arm(*mods, account(tags=said)))
    assert (found["g1"], found["g2"]) == ("g1", "g2")
    assert isinstance(found["which"], Unresolved)


def test_a_deployment_named_after_the_unknown_one_around_it_gives_its_outputs(tmp_path: Path) -> None:
    name = "format('m-{0}', uniqueString('m', deployment().name))"
    said = {
        "o": (
            f"[reference(resourceId('Microsoft.Resources/deployments', {name}), "
            "'2025-04-01').outputs.o.value]"
        ),
        "name": f"[{name}]",
    }
    found = tags(tmp_path, arm(module("[deployment().name]", name=f"[{name}]"), account(tags=said)))
    assert isinstance(found["o"], Unresolved)
    assert isinstance(found["name"], Unresolved)
    assert tags(tmp_path, arm(module("x", name=f"[{name}]"), account(tags=said)))["o"] == "x"


def test_outputs_that_are_loops_and_secure_outputs(tmp_path: Path) -> None:
    inner = arm(
        parameters={"p": {"type": "object"}},
        outputs={
            "many": {"type": "array", "copy": {"count": 2, "input": "[format('n{0}', copyIndex())]"}},
            "hidden": {"type": "securestring", "value": "[parameters('p').a]"},
        },
    )
    mod = nested(inner, "inner", name="m", properties={"parameters": {"p": {"value": {"a": "hunter22"}}}})
    said = {"many": "[reference('m').outputs.many.value]", "hidden": "[reference('m').outputs.hidden.value]"}
    found = tags(tmp_path, arm(mod, account(tags=said)))
    assert found == {"many": ["n0", "n1"], "hidden": Sensitive("hunter22")}


def test_functions_of_the_template_see_their_own_parameters_and_each_other(tmp_path: Path) -> None:
    text = {"type": "string"}
    members = {
        "greet": {
            "parameters": [{"name": "who", **text}],
            "output": {**text, "value": "[format('Hi {0}!', parameters('who'))]"},
        },
        "all": {
            "parameters": [{"name": "who", "type": "array"}],
            "output": {
                "type": "object",
                "value": {
                    "said": "[map(parameters('who'), lambda('w', __bicep.greet(lambdaVariables('w'))))]"
                },
            },
        },
    }
    template = arm(
        account(tags={"v": "[__bicep.all(createArray('a', 'b')).said]"}),
        functions=[{"namespace": "__bicep", "members": members}],
    )
    assert tags(tmp_path, template) == {"v": ["Hi a!", "Hi b!"]}


def test_references_by_type_and_name_and_of_existing_things_elsewhere(tmp_path: Path) -> None:
    store = "Microsoft.Storage/storageAccounts"
    ids = {
        "mine": f"{GROUP}/providers/{store}/mine",
        "theirs": f"/subscriptions/{SUB}/resourceGroups/other/providers/{store}/theirs",
    }
    live = Live([Resource("azure", SUB, store, i.lower(), {"properties": {"p": n}}) for n, i in ids.items()])
    old = arm(
        {"type": "Microsoft.Web/sites", "name": "s"},
        account("mine", tags={"p": f"[reference(concat('{store}/', 'mine'), '2015-06-15').p]"}),
    )
    assert tags(tmp_path, old, live) == {"p": "mine"}
    relative = arm(account("other", tags={"p": f"[reference(concat('{store}/', 'mine'), '2015-06-15').p]"}))
    assert tags(tmp_path, relative, live) == {"p": "mine"}
    existing = {
        "type": store,
        "name": "[concat('the', 'irs')]",
        "existing": True,
        "resourceGroup": "other",
        "apiVersion": "1",
    }
    loop = {**existing, "copy": {"name": "e", "count": 2}, "name": "[format('t{0}', copyIndex())]"}
    said = {
        "p": "[reference('e').p]",
        "id": "[resourceInfo('e').id]",
        "second": "[resourceInfo('es[1]').name]",
    }
    new = arm(languageVersion="2.0") | {"resources": {"e": existing, "es": loop, "a": account(tags=said)}}
    assert tags(tmp_path, new, live) == {"p": "theirs", "id": ids["theirs"], "second": "t1"}


def test_a_group_that_the_template_makes_tells_its_location(tmp_path: Path) -> None:
    group = {
        "type": "Microsoft.Resources/resourceGroups",
        "name": "new",
        "location": "[parameters('location')]",
    }
    inner = arm(account(tags={"l": "[resourceGroup().location]"}))
    template = arm(
        nested(inner, "inner", resourceGroup="new"),
        group,
        schema=SUBSCRIPTION,
        parameters={"location": {"type": "string", "defaultValue": "[deployment().location]"}},
    )
    told = tags(tmp_path, template, resource_group=None, location="westeurope")
    assert told == {"l": "westeurope"}
    other = arm(nested(inner, "inner", resourceGroup="old"), schema=SUBSCRIPTION)
    assert isinstance(tags(tmp_path, other, resource_group=None, location="westeurope")["l"], Unresolved)


def test_a_nested_deployment_elsewhere_has_not_the_location_of_this_group(tmp_path: Path) -> None:
    inner = arm(account(tags={"l": "[resourceGroup().location]"}))
    here = arm(nested(inner, "inner"))
    there = arm(nested(inner, "inner", resourceGroup="other"))
    assert tags(tmp_path, here, location="westeurope") == {"l": "westeurope"}
    assert isinstance(tags(tmp_path, there, location="westeurope")["l"], Unresolved)


class Government(Live):
    """A live side of another cloud."""

    def context(self, provider: str) -> Mapping[str, Any]:
        return {"cloud": "government", "tenant": "t-1"}


def test_the_environment_is_the_cloud_that_was_read(tmp_path: Path) -> None:
    said = {
        "s": "[environment().suffixes.storage]",
        "t": "[subscription().tenantId]",
        "g": "[environment().graph]",
        "d": "[subscription().displayName]",
    }
    found = tags(tmp_path, arm(account(tags=said)), Government())
    assert (found["s"], found["t"]) == ("core.usgovcloudapi.net", "t-1")
    assert isinstance(found["g"], Unresolved)
    assert isinstance(found["d"], Unresolved)
    assert tags(tmp_path, arm(account(tags={"s": said["s"]}))) == {"s": "core.windows.net"}


def test_parameters_of_modules_by_expression_by_condition_and_null(tmp_path: Path) -> None:
    text = {"type": "string", "nullable": True}
    names = {"a": text, "b": text, "c": text, "d": {"type": "string", "defaultValue": "def"}, "e": text}
    inner = arm(account(tags={name: f"[parameters('{name}')]" for name in names}), parameters=names)
    vault = "createObject('keyVault', createObject('id', 'x'), 'secretName', 'y')"
    given = {
        "a": "[if(true(), createObject('value', 'yes'), createObject('reference', 'no'))]",
        "b": f"[if(true(), createObject('reference', {vault}), null())]",
        "c": {"value": "[null()]"},
        "d": {"value": "[null()]"},
    }
    found = tags(tmp_path, arm(nested(inner, "inner", properties={"parameters": given})))
    assert isinstance(found.pop("b"), Unresolved)
    assert found == {"a": "yes", "c": None, "d": "def", "e": None}
    whole = "[createObject('a', createObject('value', 'x'))]"
    assert tags(tmp_path, arm(nested(inner, "inner", properties={"parameters": whole})))["a"] == "x"


def test_a_template_linked_by_a_variable_is_no_template_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text(json.dumps(arm(account("net"))))
    link = nested({})
    del link["properties"]["template"]
    link["properties"]["templateLink"] = {"uri": "[variables('net')]"}
    variables = {"net": "[uri(deployment().properties.templateLink.uri, 'net.json')]"}
    (tmp_path / "main.json").write_text(json.dumps(arm(link, variables=variables)))
    folder = ArmTemplates().load(
        Location(tmp_path, "t", options={"scope": SUB, "resource_group": "rg"}), Loader({})
    )
    assert [one.file for one in folder.templates] == ["t/main.json"]
    assert folder.types() == {("azure", "Microsoft.Storage/storageAccounts")}
    assert [one.name for one in declared(folder)[0]] == ["net"]


def test_the_management_group_is_told_by_a_deployment_to_it(tmp_path: Path) -> None:
    said = "[split(reference('here', '2020-10-01', 'Full').scope, '/')[2]]"
    inner = arm({"type": "Microsoft.Authorization/policyAssignments", "name": "p", "properties": {"x": said}})
    template = arm(
        nested(arm(), name="here"),
        nested(inner, scope="outer"),
        schema="https://schema.management.azure.com/schemas/2019-08-01/managementGroupDeploymentTemplate.json#",
    )
    (one,), _, _ = declared(load(tmp_path, template, scope=None, resource_group=None, management_group="top"))
    assert one.attributes == {"properties": {"x": "top"}}


def test_live_things_are_found_in_any_spelling_and_inside_their_parents(tmp_path: Path) -> None:
    net, store = "Microsoft.Network/virtualNetworks", "Microsoft.Storage/storageAccounts"
    subnet = {"name": "Web", "properties": {"addressPrefix": "10.0.1.0/24"}}
    live = Live(
        [
            Resource("azure", SUB, store, f"{GROUP}/providers/{store}/x".lower(), {"properties": {"p": 1}}),
            Resource(
                "azure", SUB, net, f"{GROUP}/providers/{net}/v".lower(), {"properties": {"subnets": [subnet]}}
            ),
        ]
    )
    said = {
        "p": "[reference(resourceId('microsoft.storage/storageaccounts', 'X')).p]",
        "s": f"[reference(resourceId('{net}/subnets', 'v', 'web')).addressPrefix]",
        "none": f"[reference(resourceId('{net}/subnets', 'v', 'other')).addressPrefix]",
    }
    found = tags(tmp_path, arm(account(tags=said)), live)
    assert isinstance(found.pop("none"), Unresolved)
    assert found == {"p": 1, "s": "10.0.1.0/24"}


def test_names_made_of_the_group_take_azures_spelling_of_it(tmp_path: Path) -> None:
    said = {"u": "[uniqueString(resourceGroup().id)]", "i": "[resourceId('A.B/c', 'd')]"}
    kind = "Microsoft.Resources/resourceGroups"
    live = Live([Resource("azure", SUB, kind, GROUP.lower(), {"location": "westeurope"}, name="rg")])
    wanted = tags(tmp_path, arm(account(tags=said)))
    assert tags(tmp_path, arm(account(tags=said)), resource_group="RG") != wanted
    assert tags(tmp_path, arm(account(tags=said)), live, resource_group="RG") == wanted


def test_a_bicep_parameter_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "main.bicepparam").write_text("using 'main.bicep'\n")
    with pytest.raises(DeclaredError, match="bicep build-params"):
        load(tmp_path, arm(), parameters="main.bicepparam")
