"""Texts of which no schema says what they are, in two spellings; and texts that are two."""

from __future__ import annotations

import pytest

from tests.providers.azure.test_facts import told

THINGS = "Contoso.Things/things"
KEY = "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJRTESMBAGA1UEChMJQmFsdGltb3Jl"


@pytest.mark.parametrize(
    ("want", "have"),
    [
        ('{"a": 1, "b": [2]}', '{\n  "b": [ 2 ],\n  "a": 1.0\n}'),
        (
            "<policies><inbound><base /></inbound></policies>",
            "<policies>\n\t<inbound>\n\t\t<base />\n\t</inbound>\n</policies>",
        ),
        ("2024-05-01T02:00:00+02:00", "2024-05-01T00:00:00.0000000Z"),
        ("PT60M", "PT1H"),
        ("PT5M", "00:05:00"),
        ("P1D", "1.00:00:00"),
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:DB8::1", "2001:db8:0::1"),
        ("Shop.Example.com.", "shop.example.com"),
        ("https://Shop.example.com:443", "https://shop.example.com/"),
        ("West US 2", "westus2"),
        ("ssh-rsa AAAA shop\n", "ssh-rsa AAAA shop"),
        ("Requests\r\n| take 5", "Requests\n| take 5"),
        (f"{KEY[:64]}\n{KEY[64:]}\n", KEY),
        ("a,b", "a, b"),
        ("/shop/", "shop"),
        ("2024-05-01", "2024-05-01T00:00:00Z"),
        ("2024-05-01T02:00:00", "2024-05-01T02:00:00Z"),
        ("Owner@Example.com", "owner@example.com"),
        ("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
    ],
)  # fmt: skip
def test_one_text_in_two_spellings(want: str, have: str) -> None:
    for one, other in ((want, have), (have, want)):
        assert told(THINGS, {"properties": {"n": one}}, {"properties": {"n": other}}) == []


@pytest.mark.parametrize(
    ("want", "have"),
    [
        ('{"a": 1}', '{"a": 2}'),
        ('{"a": [1, 2]}', '{"a": [2, 1]}'),
        ("<a>b</a>", "<a>c</a>"),
        ("2024-05-01T02:00:00Z", "2024-05-01T03:00:00Z"),
        ("PT5M", "00:05:01"),
        ("203.0.113.7/24", "203.0.113.8/24"),
        ("203.0.113.0/24", "203.0.113.0/25"),
        ("203.0.113.7", "203.0.113.7/24"),
        ("shop.example.com", "shop.example.org"),
        ("https://shop.example.com/a", "https://shop.example.com/A"),
        ("http://shop.example.com", "https://shop.example.com"),
        ("West US 2", "westus3"),
        ("Red", "red"),
        ("a b", "ab"),
        ("a, b", "b, a"),
        ("/shop/a", "/shop/b"),
        ("2024-05-01", "2024-05-02T00:00:00Z"),
        ("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1c"),
        (KEY, f"{KEY}A"),
    ],
)
def test_two_texts(want: str, have: str) -> None:
    assert told(THINGS, {"properties": {"n": want}}, {"properties": {"n": have}}) == ["/properties/n"]
    assert told(THINGS, {"tags": {"n": want}}, {"tags": {"n": have}}) == ["/tags/n"]


def test_a_tag_is_what_it_is() -> None:
    assert told(THINGS, {"tags": {"n": "PT60M"}}, {"tags": {"n": "PT1H"}}) == ["/tags/n"]


def test_an_enumeration_by_its_number_and_made_exact() -> None:
    role = "Microsoft.DocumentDB/databaseAccounts/mongodbRoleDefinitions"
    account = "Microsoft.DocumentDB/databaseAccounts"
    kind = {"properties": {"type": "CustomRole"}}
    assert told(role, kind, {"properties": {"type": 1}}) == []
    assert told(role, kind, {"properties": {"type": 0}}) == ["/properties/type"]
    version = {"properties": {"apiProperties": {"serverVersion": "4.0"}}}
    assert told(account, version, {"properties": {"apiProperties": {"serverVersion": "4.2"}}}) != []
    assert told(account, version, {"properties": {"apiProperties": {"serverVersion": 1}}}) != []


def test_references_alone_and_members_with_a_key_have_no_order() -> None:
    one, other = ({"id": f"/subscriptions/s/x/{name}"} for name in "ab")
    group = "Microsoft.Network/natGateways"
    want = {"properties": {"publicIpAddresses": [one, other]}}
    assert told(group, want, {"properties": {"publicIpAddresses": [other, one]}}) == []
    account = "Microsoft.DocumentDB/databaseAccounts"
    places = [
        {"locationName": "West US", "failoverPriority": 0},
        {"locationName": "East US", "failoverPriority": 1},
    ]
    assert (
        told(account, {"properties": {"locations": places}}, {"properties": {"locations": places[::-1]}})
        == []
    )


def test_no_identity_is_none() -> None:
    assert told(THINGS, {"identity": {"type": "None"}}, {}) == []
    assert told(THINGS, {"identity": {"type": "SystemAssigned"}}, {}) == ["/identity"]
