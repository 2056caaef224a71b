"""What templates declare: ids, children, loops, conditions, nested deployments, secrets, parameters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drift.errors import DeclaredError
from drift.model import Resource, Sensitive, Unresolved
from drift.source import Loader, Location
from providers.azure.arm import ArmTemplates

from .support import GROUP, SUB, Live, account, arm, declared, load

SUBSCRIPTION = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
NET = f"{GROUP}/providers/Microsoft.Network"


def nested(template: dict, scope: str | None = None, name: str = "inner", **words) -> dict:
    properties = {"mode": "Incremental", "template": template, **words.pop("properties", {})}
    if scope:
        properties["expressionEvaluationOptions"] = {"scope": scope}
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": name,
        **words,
        "properties": properties,
    }


def test_a_resource_has_id_scope_origin_and_body_only(tmp_path: Path) -> None:
    made = load(
        tmp_path, arm(account(location="westeurope", dependsOn=["x"], comments="c", sku={"name": "S"}))
    )
    (one,), _, _ = declared(made)
    assert one.id == f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a"
    assert (one.scope, one.type, one.name) == (SUB, "Microsoft.Storage/storageAccounts", "a")
    assert one.attributes == {"location": "westeurope", "sku": {"name": "S"}}
    assert one.origin is not None
    assert (one.origin.file, one.origin.line, one.origin.address) == (
        "main.json",
        5,
        "Microsoft.Storage/storageAccounts/a",
    )
    assert one.origin.lines["/location"] == 9
    assert made.versions() == {"Microsoft.Storage/storageAccounts": "2023-01-01"}
    assert made.types() == {("azure", "Microsoft.Storage/storageAccounts")}


def test_comments_and_multi_line_strings_are_read(tmp_path: Path) -> None:
    text = json.dumps(arm(account(kind="KIND"))).replace('"KIND"', "\"[concat(\n  'a',\n  'b')]\" /* x */")
    (one,), _, _ = declared(load(tmp_path, "// template\n" + text))
    assert one.attributes["kind"] == "ab"


def test_without_a_resource_group_there_is_a_name_and_no_guessed_id(tmp_path: Path) -> None:
    (one,), _, _ = declared(load(tmp_path, arm(account()), resource_group=None))
    assert (one.id, one.name, one.scope) == (None, "a", SUB)


def test_the_only_subscription_that_was_read_is_the_one(tmp_path: Path) -> None:
    (one,), _, _ = declared(load(tmp_path, arm(account()), scope=None), Live(scopes=[SUB]))
    assert one.id is not None
    (one,), _, _ = declared(load(tmp_path, arm(account()), scope=None), Live(scopes=[SUB, "other"]))
    assert (one.id, one.scope) == (None, "")


def test_children_nested_and_by_full_name_are_the_same_id(tmp_path: Path) -> None:
    child = {"type": "blobServices", "apiVersion": "1", "name": "default", "properties": {}}
    full = {**child, "type": "Microsoft.Storage/storageAccounts/blobServices", "name": "a/default"}
    ids = []
    for template in (arm(account(resources=[child])), arm(account(), full)):
        resources, _, _ = declared(load(tmp_path, template))
        ids.append(resources[1].id)
        assert resources[1].type == "Microsoft.Storage/storageAccounts/blobServices"
    assert ids == [f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a/blobServices/default"] * 2


def test_extensions_by_scope_and_by_providers_segment_are_the_same_id(tmp_path: Path) -> None:
    by_scope = {
        "type": "Microsoft.Authorization/locks",
        "name": "l",
        "scope": "[resourceId('Microsoft.Storage/storageAccounts', 'a')]",
    }
    relative = {**by_scope, "scope": "Microsoft.Storage/storageAccounts/a"}
    old = {"type": "Microsoft.Storage/storageAccounts/providers/locks", "name": "a/Microsoft.Authorization/l"}
    resources, _, _ = declared(load(tmp_path, arm(by_scope, relative, old)))
    wanted = (
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a/providers/Microsoft.Authorization/locks/l"
    )
    assert [(one.id, one.type) for one in resources] == [(wanted, "Microsoft.Authorization/locks")] * 3


def test_loops_of_resources_properties_and_variables(tmp_path: Path) -> None:
    looped = account(
        "[concat('a', copyIndex(1), variables('names')[copyIndex('many')])]",
        copy={"name": "many", "count": 2},
        properties={"copy": [{"name": "rules", "count": 3, "input": "[copyIndex('rules')]"}]},
    )
    variables = {"copy": [{"name": "names", "count": 2, "input": "[format('n{0}', copyIndex('names'))]"}]}
    resources, _, _ = declared(load(tmp_path, arm(looped, variables=variables)))
    assert [one.name for one in resources] == ["a1n0", "a2n1"]
    assert resources[0].attributes == {"properties": {"rules": [0, 1, 2]}}


def test_conditions(tmp_path: Path) -> None:
    template = arm(
        account("yes", condition="[parameters('on')]"),
        account("no", condition="[not(parameters('on'))]"),
        account("maybe", condition="[reference('x').on]"),
        parameters={"on": {"type": "bool", "defaultValue": True}},
    )
    resources, unverifiable, _ = declared(load(tmp_path, template))
    assert [one.name for one in resources] == ["yes"]
    assert "can't be told" in unverifiable[0].reason


def test_an_unknown_name_makes_the_resource_unverifiable(tmp_path: Path) -> None:
    resources, (one,), _ = declared(load(tmp_path, arm(account("[newGuid()]"))))
    assert not resources
    assert "its name is not known" in one.reason


def test_parameters_come_from_the_entry_then_the_file_beside_then_the_default(tmp_path: Path) -> None:
    words = {name: {"type": "string", "defaultValue": "d"} for name in ("x", "y", "z")}
    template = arm(account(tags={name: f"[parameters('{name}')]" for name in words}), parameters=words)
    beside = {
        "$schema": "deploymentParameters.json#",
        "parameters": {"x": {"value": "f"}, "y": {"value": "f"}},
    }
    (tmp_path / "main.parameters.json").write_text(json.dumps(beside))
    (one,), _, _ = declared(load(tmp_path, template, parameters={"x": "o"}))
    assert one.attributes["tags"] == {"x": "o", "y": "f", "z": "d"}
    (tmp_path / "p.json").write_text(
        json.dumps({**beside, "parameters": {"z": {"reference": {"keyVault": {}}}}})
    )
    (one,), _, _ = declared(load(tmp_path, template, parameters="p.json"))
    assert one.attributes["tags"]["x"] == "d"
    assert isinstance(one.attributes["tags"]["z"], Unresolved)
    with pytest.raises(DeclaredError, match="no parameter 'nope'"):
        load(tmp_path, template, parameters={"nope": 1})


def test_secure_parameters_stay_marked_through_expressions(tmp_path: Path) -> None:
    template = arm(
        account(
            properties={
                "plain": "[parameters('p')]",
                "made": "[concat('x', parameters('p'))]",
                "part": "[parameters('o').inner.key]",
                "written": "[string(createObject('a', parameters('p')))]",
            }
        ),
        parameters={"p": {"type": "secureString"}, "o": {"type": "secureObject"}},
    )
    said = {"p": "hunter22", "o": {"inner": {"key": "hunter33"}}}
    (one,), _, _ = declared(load(tmp_path, template, parameters=said))
    assert one.attributes["properties"] == {
        "plain": Sensitive("hunter22"),
        "made": Sensitive("xhunter22"),
        "part": Sensitive("hunter33"),
        "written": Sensitive('{"a":"hunter22"}'),
    }


def test_nested_deployments_have_their_scope_and_outputs(tmp_path: Path) -> None:
    inner = arm(
        account("[parameters('name')]"),
        parameters={"name": {"type": "string", "defaultValue": "own"}},
        outputs={"id": {"type": "string", "value": "[resourceId('A.B/c', parameters('name'))]"}},
    )
    passed = {"parameters": {"name": {"value": "[parameters('name')]"}}}
    template = arm(
        nested(inner, "inner", properties=passed),
        nested(
            arm(account("[concat(parameters('name'), '2')]")), "outer", name="outside", resourceGroup="rg2"
        ),
        account("last", tags={"id": "[reference('inner').outputs.id.value]"}),
        parameters={"name": {"type": "string", "defaultValue": "given"}},
    )
    resources, unverifiable, _ = declared(load(tmp_path, template))
    assert not unverifiable
    assert [one.name for one in resources] == ["given", "given2", "last"]
    assert resources[1].id is not None
    assert "/resourceGroups/rg2/" in resources[1].id
    assert resources[2].attributes["tags"] == {"id": f"{GROUP}/providers/A.B/c/given"}
    assert resources[0].origin is not None
    assert resources[0].origin.address == "inner/Microsoft.Storage/storageAccounts/given"


def test_linked_local_templates_are_read_and_remote_ones_said(tmp_path: Path) -> None:
    (tmp_path / "child.json").write_text(json.dumps(arm(account("child"))))
    local, remote = nested({}), nested({}, name="far")
    for one, link in ((local, {"relativePath": "child.json"}), (remote, {"uri": "https://x.example/t.json"})):
        del one["properties"]["template"]
        one["properties"]["templateLink"] = link
    resources, unverifiable, _ = declared(load(tmp_path, arm(local, remote)))
    assert [(one.name, one.origin.file) for one in resources if one.origin] == [("child", "child.json")]
    assert "not a local file" in unverifiable[0].reason
    folder = ArmTemplates().load(Location(tmp_path, "t"), Loader({}))
    assert [one.file for one in folder.templates] == ["t/main.json"]


def test_a_template_linked_from_where_it_was_deployed_is_found_beside_and_no_path_gets_out(
    tmp_path: Path,
) -> None:
    (tmp_path / "nested").mkdir()
    child = arm(
        account("child", tags={"from": "[parameters('from')]"}), parameters={"from": {"type": "string"}}
    )
    (tmp_path / "nested" / "child.json").write_text(json.dumps(child))
    one = nested({}, properties={"parameters": {"from": {"value": "[parameters('at')]"}}})
    del one["properties"]["template"]
    one["properties"]["templateLink"] = {
        "uri": "[uri(parameters('at'), concat('nested/child.json', parameters('sas')))]"
    }
    words = {
        "at": {"type": "string", "defaultValue": "[deployment().properties.templateLink.uri]"},
        "sas": {"type": "securestring", "defaultValue": ""},
    }
    resources, unverifiable, _ = declared(load(tmp_path, arm(one, parameters=words)))
    assert not unverifiable
    assert [(one.name, one.origin.file) for one in resources if one.origin] == [
        ("child", "nested/child.json")
    ]
    assert isinstance(resources[0].attributes["tags"]["from"], Unresolved)
    folder = ArmTemplates().load(Location(tmp_path, "t"), Loader({}))
    assert [one.file for one in folder.templates] == ["t/main.json"]
    one["properties"]["templateLink"] = {"relativePath": "../../../etc/hostname"}
    assert declared(load(tmp_path, arm(one, parameters=words)))[1]


def test_symbolic_names_and_existing_resources(tmp_path: Path) -> None:
    template = arm(languageVersion="2.0")
    template["resources"] = {
        "old": {**account("old"), "existing": True},
        "lock": {"type": "Microsoft.Authorization/locks", "name": "l", "scope": "[resourceInfo('old').id]"},
        "new": account("new", tags={"tier": "[reference('old').tier]"}),
    }
    id_ = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/old"
    live = Live(
        [
            Resource(
                "azure",
                SUB,
                "Microsoft.Storage/storageAccounts",
                id_.lower(),
                {"properties": {"tier": "Hot"}},
            )
        ]
    )
    resources, _, _ = declared(load(tmp_path, template), live)
    assert [one.name for one in resources] == ["l", "new"]
    assert resources[0].id == f"{id_}/providers/Microsoft.Authorization/locks/l"
    assert resources[1].attributes["tags"] == {"tier": "Hot"}


def test_subscription_level_templates_make_groups_and_what_is_in_them(tmp_path: Path) -> None:
    group = {"type": "Microsoft.Resources/resourceGroups", "name": "g", "location": "westeurope"}
    template = arm(group, nested(arm(account()), "inner", resourceGroup="g"), schema=SUBSCRIPTION)
    resources, _, _ = declared(load(tmp_path, template, resource_group=None))
    assert [one.id for one in resources] == [
        f"/subscriptions/{SUB}/resourceGroups/g",
        f"/subscriptions/{SUB}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
    ]


def test_management_group_templates(tmp_path: Path) -> None:
    schema = SUBSCRIPTION.replace("subscription", "managementGroup")
    policy = {"type": "Microsoft.Authorization/policyAssignments", "name": "p", "properties": {}}
    (one,), _, _ = declared(load(tmp_path, arm(policy, schema=schema), scope="managementGroups/Top"))
    base = "/providers/Microsoft.Management/managementGroups/Top"
    assert (one.id, one.scope) == (
        f"{base}/providers/Microsoft.Authorization/policyAssignments/p",
        "managementGroups/top",
    )


@pytest.mark.parametrize("at", ["properties/subnets"])
def test_children_that_the_parent_holds_inline_are_a_part_of_it(
    tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = "Microsoft.Network/virtualNetworks"
    monkeypatch.setattr(
        "providers.azure.arm.source.inline",
        lambda: lambda type_: (parent, at) if type_ == f"{parent}/subnets" else None,
    )
    child = {"type": f"{parent}/subnets", "name": "v/s", "properties": {"addressPrefix": "10.0.0.0/24"}}
    (one,), _, _ = declared(load(tmp_path, arm(child)))
    assert (one.type, one.id, one.partial, one.shared) == (
        parent,
        f"{NET}/virtualNetworks/v",
        True,
        frozenset({at}),
    )
    assert one.attributes == {
        "properties": {"subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
    }


def test_a_group_that_was_not_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    template = arm(account(location="[resourceGroup().location]"))
    (one,), _, _ = declared(load(tmp_path, template))
    assert "set `location`" in one.attributes["location"].reason
    (one,), _, _ = declared(load(tmp_path, template, location="westeurope"))
    assert one.attributes["location"] == "westeurope"


def test_recognises_by_schema_only(tmp_path: Path) -> None:
    source = ArmTemplates()
    assert source.recognises(tmp_path / "x.json", json.dumps(arm()).encode())
    assert not source.recognises(tmp_path / "x.json", b'{"$schema": "https://x/deploymentParameters.json#"}')
    assert not source.recognises(tmp_path, b"")
    (tmp_path / "a.json").write_text(json.dumps(arm()))
    assert source.recognises(tmp_path, b"")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("{", "main.json:1: "), ('{\n"resources": [\n{"type": 1}]}', "main.json:3: "), ("[]", "main.json:1: ")],
)
def test_what_is_no_template_is_refused_with_its_line(tmp_path: Path, text: str, wanted: str) -> None:
    with pytest.raises(DeclaredError) as error:
        load(tmp_path, text)
    assert str(error.value).startswith(wanted)
