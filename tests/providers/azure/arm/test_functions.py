"""Template functions, by values that others published.

The sources: Microsoft Learn's pages on template functions (CIDR, date, object); the evaluation tests of
Azure/bicep, which run Azure's own expression engine; and, for ``uniqueString``, the test of
microsoft/commercial-marketplace-offer-deploy, whose value came out of a deployed template. For ``guid`` only
the algorithm is published (Microsoft Learn: RFC 4122 version 5 in a fixed namespace), no value of it.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from drift.model import Sensitive, Unresolved

from .support import account, arm, declared, load

VM = (
    "/subscriptions/31e9f9a0-9fd2-4294-a0a3-0101246d9700/resourceGroups/rg-modm201-20230913120256"
    "/providers/Microsoft.Compute/virtualMachines/bobjacmodm201"
)
KEYS = ["ghiKey", "defKey", "abcKey", "123Key", "GHIKey", "DEFKey", "ABCKey", "456Key"]
DOGS = (
    "createArray(createObject('t', 'a', 'v', 1), "
    "createObject('t', 'b', 'v', 4), createObject('t', 'a', 'v', 7))"
)
V = "lambdaVariables('x')"
PUBLISHED = [
    (f"[uniqueString('{VM}')]", "yvjxno3je5on2"),
    (
        "[parseCidr('10.144.0.0/20')]",
        {
            "network": "10.144.0.0",
            "netmask": "255.255.240.0",
            "broadcast": "10.144.15.255",
            "firstUsable": "10.144.0.1",
            "lastUsable": "10.144.15.254",
            "cidr": 20,
        },
    ),
    (
        "[parseCidr('fdad:3236:5555::/48')]",
        {
            "network": "fdad:3236:5555::",
            "netmask": "ffff:ffff:ffff::",
            "firstUsable": "fdad:3236:5555::",
            "lastUsable": "fdad:3236:5555:ffff:ffff:ffff:ffff:ffff",
            "cidr": 48,
        },
    ),
    ("[cidrSubnet('10.144.0.0/20', 24, 4)]", "10.144.4.0/24"),
    ("[cidrSubnet('fdad:3236:5555::/48', 52, 4)]", "fdad:3236:5555:4000::/52"),
    ("[cidrHost('10.144.3.0/24', 0)]", "10.144.3.1"),
    ("[cidrHost('fdad:3236:5555:3000::/52', 4)]", "fdad:3236:5555:3000::5"),
    ("[dateTimeAdd('2023-01-01 00:00:00Z', 'P1Y')]", "2024-01-01T00:00:00Z"),
    ("[dateTimeAdd('2024-01-01 00:00:00Z', 'P1Y')]", "2024-12-31T00:00:00Z"),
    ("[dateTimeAdd('2024-02-01 00:00:00Z', 'P1M')]", "2024-03-02T00:00:00Z"),
    (
        "[format('>{0}<>{1}<>{2}<>{3}<', false(), 12948, "
        "createObject('a', 'b', '!c', 2), createArray(true(), 2893, 'abc'))]",
        ">False<>12948<>{'a':'b','!c':2}<>[true,2893,'abc']<",
    ),
    (
        f"[objectKeys(createObject({', '.join(f'{key!r}, 1' for key in KEYS)}))]",
        ["123Key", "456Key", "abcKey", "ABCKey", "defKey", "DEFKey", "ghiKey", "GHIKey"],
    ),
    ("[indexOf('FOOBAR', 'bar')]", 3),
    ("[indexOf(createArray('FOO', 'BAR'), 'bar')]", -1),
    ("[contains('FOOBAR', 'foo')]", False),
    (
        "[sort(createArray(8, 3, 10, -13, 5), "
        "lambda('x', 'y', less(lambdaVariables('x'), lambdaVariables('y'))))]",
        [-13, 3, 5, 8, 10],
    ),
    (
        "[sort(createArray('ghi', 'abc', 'def'), "
        "lambda('x', 'y', greater(lambdaVariables('x'), lambdaVariables('y'))))]",
        ["ghi", "def", "abc"],
    ),
    (
        "[reduce(range(1, 5), 1, lambda('c', 'n', mul(lambdaVariables('c'), lambdaVariables('n'))))]",
        120,
    ),
    (
        "[reduce(createArray('abc', 'def', 'ghi'), '', "
        "lambda('c', 'n', 'i', if(equals(mod(lambdaVariables('i'), 2), 0), "
        "concat(lambdaVariables('c'), lambdaVariables('n')), lambdaVariables('c'))))]",
        "abcghi",
    ),
    (
        "[filter(createArray('a', 'b', 'c'), lambda('x', 'i', equals(mod(lambdaVariables('i'), 2), 0)))]",
        ["a", "c"],
    ),
    (f"[mapValues(createObject('a', 123, 'b', 456), lambda('x', mul({V}, 2)))]", {"a": 246, "b": 912}),
    (f"[groupBy({DOGS}, lambda('x', {V}.t), lambda('x', {V}.v))]", {"a": [1, 7], "b": [4]}),
    (f"[toObject(createArray(123, 456), lambda('x', format('{{0}}', div({V}, 100))))]", {"1": 123, "4": 456}),
    ("[shallowMerge(createArray(createObject('a', 123), createObject('b', 456)))]", {"a": 123, "b": 456}),
    ("[tryGet(createObject('foo', createArray(1)), 'fizz', 0)]", None),
    ("[like('abcdef', 'a*c*')]", True),
    (
        "[union(createObject('p', createObject('one', 'a', 'three', 'c1'), 'n', createArray(1, 2)), "
        "createObject('p', createObject('three', 'c2', 'four', 'd'), 'n', createArray(3, 4)))]",
        {"p": {"one": "a", "three": "c2", "four": "d"}, "n": [3, 4]},
    ),
    (
        "[union(createArray(createArray('one', 'two'), createArray('three')), "
        "createArray(createArray('three'), createArray('four', 'two')))]",
        [["one", "two"], ["three"], ["four", "two"]],
    ),
]
OWN = [
    ("[dateTimeAdd('2020-04-07T14:53:14Z', '-P9DT1H', 'yyyy-MM-dd HH:mm')]", "2020-03-29 13:53"),
    ("[dateTimeToEpoch('1970-01-02T00:00:00Z')]", 86400),
    ("[dateTimeFromEpoch(86400)]", "1970-01-02T00:00:00Z"),
    ("[uri('https://a.net/x/', '/y.json')]", "https://a.net/x/y.json"),
    ("[uri('https://a.net/x/main.json', 'y.json')]", "https://a.net/x/y.json"),
    ("[uri('https://a.net', 'y.json')]", "https://a.net/y.json"),
    ("[dataUriToString(dataUri('Hello'))]", "Hello"),
    ("[indexFromEnd(createArray(1, 2, 3), 1)]", 3),
    ("[tryIndexFromEnd(createArray(1), 2)]", None),
    ("[float('2.5')]", 2.5),
    ("[format('{0:X4}', 255)]", "00FF"),
    ("[format('{0}', createObject('it', 'it''s \"so\"'))]", "{'it':'it\\'s \"so\"'}"),
]
UNKNOWN = [
    "[fail('no')]",
    "[cidrSubnet('10.0.0.0/24', 16, 0)]",
    "[cidrSubnet('10.0.0.0/24', 25, 2)]",
    "[cidrHost('10.0.0.0/30', 2)]",
    "[parseCidr('10.0.0.0')[0]]",
    "[dateTimeAdd('yesterday', 'P1D')]",
    "[dateTimeAdd('2020-01-01', 'P')]",
    "[dateTimeAdd('2020-01-01', 'P999999Y')]",
    "[dateTimeAdd(utcNow(), 'P1D')]",
    "[dateTimeAdd('2020-01-01', 'P1D', 'gg')]",
    "[indexFromEnd(createArray(1), 2)]",
    "[map(createArray(1))]",
]


def value(folder: Path, said: Any, **sections: Any) -> Any:
    resources, _, _ = declared(load(folder, arm(account(properties={"v": said}), **sections)))
    return resources[0].attributes["properties"]["v"]


@pytest.mark.parametrize(("said", "wanted"), [*PUBLISHED, *OWN])
def test_a_function_has_the_published_value(tmp_path: Path, said: str, wanted: Any) -> None:
    assert value(tmp_path, said) == wanted


@pytest.mark.parametrize("said", UNKNOWN)
def test_a_function_that_can_not_be_told_gives_a_reason(tmp_path: Path, said: str) -> None:
    assert isinstance(value(tmp_path, said), Unresolved)


def test_guid_is_the_published_algorithm(tmp_path: Path) -> None:
    wanted = uuid.uuid5(uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830"), "a-b")
    assert value(tmp_path, "[guid('a', 'b')]") == str(wanted)


def test_a_secret_stays_one_through_lambdas(tmp_path: Path) -> None:
    secret = {"s": {"type": "secureObject", "defaultValue": {"a": "hunter22", "b": "x"}}}
    said = "[map(items(parameters('s')), lambda('x', lambdaVariables('x').value))]"
    assert isinstance(value(tmp_path, said, parameters=secret), Sensitive)
    said = f"[mapValues(parameters('s'), lambda('x', concat({V}, '!')))]"
    assert isinstance(value(tmp_path, said, parameters=secret), Sensitive)
