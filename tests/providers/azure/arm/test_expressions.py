"""Expressions of ARM templates: their values, what is not known, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.errors import DeclaredError
from drift.lined import Map
from drift.model import Sensitive, Unresolved
from providers.azure.arm.evaluate import Evaluator
from providers.azure.arm.expressions import Malformed, parse
from providers.azure.arm.functions import TABLE as FUNCTIONS
from providers.azure.arm.place import Place
from providers.azure.arm.references import References
from providers.azure.arm.syntax import parse as parse_json

from .support import GROUP, SUB, Live, account, arm, declared, load

STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s"
TABLE = [
    ("plain", "plain"),
    ("[[escaped]", "[escaped]"),
    ("[open", "[open"),
    ("[concat('a', 'it''s', 1)]", "ait's1"),
    ("[concat(createArray(1), createArray(2))]", [1, 2]),
    ("[format('{0}-{1:D3}', 'x', 7)]", "x-007"),
    ("[uniqueString('hello', 'world')]", "a7wkljktk6wne"),
    ("[uniqueString('tyeth')]", "zcztcwvu6iyg6"),
    ("[resourceGroup().name]", "rg"),
    ("[resourceGroup().id]", GROUP),
    ("[subscription().subscriptionId]", SUB),
    ("[resourceId('Microsoft.Storage/storageAccounts', 's')]", STORE),
    ("[resourceId('rg2', 'A.B/c', 'd')]", f"/subscriptions/{SUB}/resourceGroups/rg2/providers/A.B/c/d"),
    ("[subscriptionResourceId('A.B/c', 'd')]", f"/subscriptions/{SUB}/providers/A.B/c/d"),
    ("[tenantResourceId('A.B/c', 'd')]", "/providers/A.B/c/d"),
    (
        "[extensionResourceId(resourceId('A.B/c', 'd'), 'E.F/g', 'h')]",
        f"{GROUP}/providers/A.B/c/d/providers/E.F/g/h",
    ),
    ("[if(true(), 'yes', reference('x'))]", "yes"),
    ("[and(true(), not(false()))]", True),
    ("[equals('a', 'A')]", False),
    ("[length(split('a,b', ','))]", 2),
    ("[union(createObject('a', 1), createObject('b', 2))]", {"a": 1, "b": 2}),
    ("[intersection(createArray(1, 2), createArray(2))]", [2]),
    ("[skip(range(0, 4), 2)]", [2, 3]),
    ("[div(-7, 2)]", -3),
    ("[mod(-7, 2)]", -1),
    ("[json('{\"a\": [1, null]}').a[1]]", None),
    ("[coalesce(null(), 'b')]", "b"),
    ("[substring('abcdef', 2, 3)]", "cde"),
    ("[padLeft(5, 3, '0')]", "005"),
    ("[base64ToString(base64('hé'))]", "hé"),
    ("[string(createObject('a', true()))]", '{"a":true}'),
    ("[map(range(0, 3), lambda('n', mul(lambdaVariables('n'), 2)))]", [0, 2, 4]),
    ("[filter(range(0, 3), lambda('n', greater(lambdaVariables('n'), 1)))]", [2]),
    ("[createObject('Ab', 1).aB]", 1),
    ("[contains('hello', 'ell')]", True),
    ("[max(createArray(3, 9))]", 9),
]
UNKNOWN = [
    "[utcNow()]",
    "[newGuid()]",
    "[listKeys('x', '1').keys[0].value]",
    "[reference(resourceId('A.B/c', 'd')).x]",
    "[resourceGroup().location]",
    "[nosuch()]",
    "[add('a', 1)]",
    "[range(0, 99999999)]",
]


def value(folder: Path, said: Any) -> Any:
    resources, _, _ = declared(load(folder, arm(account(properties={"v": said}))))
    return resources[0].attributes["properties"]["v"]


@pytest.mark.parametrize(("said", "wanted"), TABLE)
def test_an_expression_has_the_value_that_arm_gives(tmp_path: Path, said: str, wanted: Any) -> None:
    assert value(tmp_path, said) == wanted


@pytest.mark.parametrize("said", UNKNOWN)
def test_what_only_azure_knows_is_unresolved(tmp_path: Path, said: str) -> None:
    assert isinstance(value(tmp_path, said), Unresolved)


@pytest.mark.parametrize(
    "said", ["[concat('a']", "[concat('a',,'b')]", "[]", "['a' 'b']", "[a().]", "[parameters('p')]"]
)
def test_a_bad_expression_is_refused_with_file_line_and_text(tmp_path: Path, said: str) -> None:
    with pytest.raises(DeclaredError) as error:
        load(tmp_path, arm(account(properties={"v": said})))
    assert str(error.value).startswith("main.json:10: ")
    assert said in str(error.value)


@settings(max_examples=settings.default.max_examples * 3)
@given(st.text(alphabet="[]().,?'ab1- $\n", max_size=40))
def test_the_parser_raises_nothing_but_its_own_error(said: str) -> None:
    try:
        parse(f"[{said}]")
    except Malformed:
        return


@settings(max_examples=settings.default.max_examples * 3)
@given(st.text(alphabet='{}[]:,"/*\\ atrue1\n', max_size=40))
def test_the_json_reader_raises_nothing_but_its_own_error(said: str) -> None:
    try:
        parse_json(said.encode(), "f")
    except DeclaredError:
        return


_NAMES = [
    *FUNCTIONS,
    "resourceId",
    "subscriptionResourceId",
    "extensionResourceId",
    "managementGroupResourceId",
    "tenantResourceId",
]
_NAMES += [
    "if",
    "createObject",
    "createArray",
    "sort",
    "groupBy",
    "mapValues",
    "references",
    "map",
    "filter",
    "toObject",
    "reduce",
    "lambda",
    "lambdaVariables",
    "parameters",
    "variables",
    "reference",
]
_NAMES += [
    "copyIndex",
    "resourceGroup",
    "subscription",
    "deployment",
    "environment",
    "tryGet",
    "coalesce",
    "resourceInfo",
]
_ATOMS = st.sampled_from(
    [
        "'a'",
        "'A.B/c'",
        "''",
        "'n'",
        "1",
        "-3",
        "2.5",
        "999999999",
        "parameters('o')",
        "parameters('s')",
        "variables('v')",
        "null()",
    ]
)
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds(
            lambda name, arguments: f"{name}({', '.join(arguments)})",
            st.sampled_from(_NAMES),
            st.lists(inner, max_size=4),
        ),
        st.builds(lambda of, key: f"{of}[{key}]", inner, inner),
        st.builds(lambda of: f"{of}.a", inner),
    ),
    max_leaves=8,
)


@settings(max_examples=settings.default.max_examples * 10)
@given(_EXPRESSIONS)
def test_any_expression_has_a_value_or_a_reason(said: str) -> None:
    place = Place("resourceGroup", SUB, "rg")
    known = {"o": {"a": [1, {"b": None}], "A": Unresolved("no")}, "s": Sensitive("hunter22"), "v": 1}
    references = References(place, Live())
    made = Evaluator(known, Map([("v", "[variables('v')]", 1)]), place, references.ask)
    value = made.value(f"[{said}]")
    assert "hunter22" not in shown(value)


def shown(value: Any) -> str:
    """All that a value shows: its texts, keys and reasons, not what is marked as secret."""
    if isinstance(value, Unresolved):
        assert value.reason
        return value.reason
    if isinstance(value, Sensitive):
        return ""
    if isinstance(value, dict):
        return " ".join(f"{key} {shown(item)}" for key, item in value.items())
    return " ".join(map(shown, value)) if isinstance(value, list) else str(value)
