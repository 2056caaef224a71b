"""What stays secret, and what stays unknown alone, in values that templates compute."""

from __future__ import annotations

from pathlib import Path

from drift.model import Sensitive, Unresolved

from .support import account, arm, tags


def test_types_by_definition_mark_what_is_secure_in_them(tmp_path: Path) -> None:
    login = {
        "type": "object",
        "properties": {"user": {"type": "string"}, "password": {"type": "securestring"}},
    }
    template = arm(
        account(
            tags={"l": "[parameters('logins')]", "w": "[parameters('word')]", "n": "[parameters('none')]"}
        ),
        definitions={
            "login": login,
            "word": {"type": "securestring"},
            "maybe": {"type": "string", "nullable": True},
        },
        parameters={
            "logins": {"type": "array", "items": {"$ref": "#/definitions/login"}},
            "word": {"$ref": "#/definitions/word"},
            "none": {"$ref": "#/definitions/maybe"},
        },
    )
    given = {"logins": [{"user": "u", "password": "hunter22"}], "word": "hunter23"}
    assert tags(tmp_path, template, parameters=given) == {
        "l": [{"user": "u", "password": Sensitive("hunter22")}],
        "w": Sensitive("hunter23"),
        "n": None,
    }


def test_what_is_unknown_or_secret_in_an_object_made_by_an_expression_is_one_member_of_it(
    tmp_path: Path,
) -> None:
    live_only = "reference(resourceId('A.B/c', 'd')).uri"
    said = (
        "[shallowMerge(createArray(createObject('known', 1, 'asked', "
        + live_only
        + ", 'password', parameters('p')), "
        "union(createObject('deep', createObject('k', createArray(utcNow(), 'x'))), createObject())))]"
    )
    words = {"p": {"type": "securestring", "defaultValue": "hunter22"}}
    found = tags(tmp_path, arm(account(tags=said), parameters=words))
    assert isinstance(found.pop("asked"), Unresolved)
    first, second = found["deep"]["k"]
    assert isinstance(first, Unresolved)
    assert (second, found["known"], found["password"]) == ("x", 1, Sensitive("hunter22"))
    mapped = {
        "m": "[map(createArray('a', 'b'), lambda('x', if(equals(lambdaVariables('x'), 'a'), 1, newGuid())))]"
    }
    one, other = tags(tmp_path, arm(account(tags=mapped)))["m"]
    assert one == 1
    assert isinstance(other, Unresolved)


def test_unknown_members_of_arrays_are_not_taken_for_the_same(tmp_path: Path) -> None:
    said = {"u": "[union(createArray(newGuid()), createArray(newGuid()))]"}
    assert isinstance(tags(tmp_path, arm(account(tags=said)))["u"], Unresolved)


def test_secret_parts_stay_secret_when_arrays_and_objects_are_joined(tmp_path: Path) -> None:
    words = {"o": {"type": "secureObject", "defaultValue": {"a": "hunter22", "l": ["hunter23"]}}}
    said = {
        "merged": "[shallowMerge(createArray(parameters('o'), createObject('b', 1)))]",
        "flat": "[flatten(createArray(parameters('o').l, createArray('plain')))]",
        "text": "[string(createObject('a', parameters('o').a))]",
        "first": "[first(createArray(parameters('o').a))]",
    }
    found = tags(tmp_path, arm(account(tags=said), parameters=words))
    assert found["merged"] == {"a": Sensitive("hunter22"), "l": Sensitive(["hunter23"]), "b": 1}
    assert found["flat"] == [Sensitive("hunter23"), "plain"]
    assert isinstance(found["text"], Sensitive)
    assert found["first"] == Sensitive("hunter22")


def test_a_secret_is_no_key(tmp_path: Path) -> None:
    words = {"p": {"type": "securestring", "defaultValue": "hunter22"}}
    found = tags(tmp_path, arm(account(tags={"in": {"[parameters('p')]": 1}}), parameters=words))
    assert found == {"in": Unresolved("a secret value names the member")}
