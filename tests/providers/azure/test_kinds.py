"""Azure's kinds: what is one thing has one form, what is two has two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.kinds.base import Context
from providers.azure.kinds import KINDS

CONTEXT = Context("azure", "S1")
VNET = "/subscriptions/s1/resourcegroups/rg/providers/microsoft.network/virtualnetworks/v"
names = st.from_regex(r"[a-zA-Z][a-zA-Z0-9-]{0,8}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        VNET,
        VNET.upper(),
        VNET[1:] + "/",
        "resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/V",
        "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/V",
    ],
)
def test_spellings_of_one_id(text: str) -> None:
    assert KINDS["arm-id"].canonical(text, CONTEXT) == VNET


@pytest.mark.parametrize(
    "value", ["MyName", "https://Vault.example/Keys/A", "", 1, None, ["/subscriptions/S1"]]
)
def test_what_is_no_id_stays(value: object) -> None:
    assert KINDS["arm-id"].canonical(value, CONTEXT) == value


def test_a_relative_id_without_a_subscription_stays() -> None:
    assert KINDS["arm-id"].canonical("resourceGroups/RG", Context()) == "resourceGroups/RG"


@given(names, names, names, names)
def test_ids_are_equal_only_if_they_name_the_same(
    group: str, other_group: str, name: str, other: str
) -> None:
    def id_(one: str, two: str) -> object:
        return KINDS["arm-id"].canonical(
            f"/subscriptions/s/resourceGroups/{one}/providers/A.B/c/{two}", CONTEXT
        )

    equal = (group.lower(), name.lower()) == (other_group.lower(), other.lower())
    assert (id_(group, name) == id_(other_group, other)) == equal


@pytest.mark.parametrize("text", ["westus2", "West US 2", "WESTUS2", "(West) US 2"])
def test_spellings_of_one_region(text: str) -> None:
    assert KINDS["location"].canonical(text, CONTEXT) == "westus2"


def test_two_regions() -> None:
    texts = ("West US", "West US 2", "East US", "westus3")
    assert len({KINDS["location"].canonical(text, CONTEXT) for text in texts}) == 4


#: What the kinds that need parameters are given.
PARAMS: dict[str, dict[str, object]] = {
    "object": {"names": {"addressprefix": "addressPrefix", "a": "a"}},
    "numbered": {"names": ["BuiltInRole", "CustomRole"]},
    "azure-enum": {"names": {"standard_lrs": "Standard_LRS"}},
    "hosts": {"key": "name", "own": [".azure-api.net"]},
    "switched-list": {"key": "category"},
    "joined-list": {"key": "name"},
}


def canonical(kind: str, value: object) -> object:
    return KINDS[kind].canonical(value, CONTEXT, **PARAMS.get(kind, {}))


@given(
    st.sampled_from(sorted(KINDS)),
    st.one_of(st.text(), st.integers(), st.none(), st.text().map("resourceGroups/".__add__)),
)
def test_canonical_twice_is_canonical(kind: str, value: object) -> None:
    once = canonical(kind, value)
    assert canonical(kind, once) == once


@given(
    st.dictionaries(
        st.sampled_from(["a", "A", "addressPrefix", "ADDRESSPREFIX", "x", "X", "k/1"]), st.integers()
    )
)
def test_objects_lose_no_member(value: dict[str, int]) -> None:
    """Names in other case are brought to one spelling; what would fall together stays apart."""
    for kind in ("object", "id-map"):
        once = canonical(kind, value)
        assert isinstance(once, dict)
        assert sorted(once.values()) == sorted(value.values())
        assert canonical(kind, once) == once


def test_names_of_properties_in_any_case() -> None:
    assert canonical("object", {"AddressPrefix": 1, "X": 2}) == {"addressPrefix": 1, "X": 2}


def test_keys_of_maps_that_are_ids() -> None:
    assert canonical("id-map", {VNET.upper(): {}, "Team": 1}) == {VNET: {}, "Team": 1}
    assert canonical("id-map", {VNET: 1, VNET.upper(): 2}) == {VNET: 1, VNET.upper(): 2}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Standard_LRS", "standard_lrs", True),
        ("SystemAssigned, UserAssigned", "UserAssigned,SystemAssigned", True),
        ("Standard_LRS", "Standard_GRS", False),
        ("SystemAssigned", "SystemAssigned, UserAssigned", False),
        (True, "true", True),
    ],
)
def test_enumerated_values(one: object, other: object, same: bool) -> None:
    assert (canonical("azure-enum", one) == canonical("azure-enum", other)) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("9C2C9A4B-0000-4000-8000-00000000000F", "9c2c9a4b-0000-4000-8000-00000000000f", True),
        ("True", "true", True),
        ("Enabled", "enabled", True),
        ("https://a.example/b/", "https://a.example/b", True),
        ("https://a.example/B", "https://a.example/b", False),
        ("Password", "password", False),
        ("a/", "a", False),
        (VNET.upper(), VNET, True),
    ],
)
def test_values_without_schema(one: object, other: object, same: bool) -> None:
    assert (canonical("plain", one) == canonical("plain", other)) == same


def test_enumerations_by_number() -> None:
    assert canonical("numbered", 1) == canonical("numbered", "CustomRole")
    assert canonical("numbered", 0) != canonical("numbered", "CustomRole")
    assert canonical("numbered", True) is True
    assert canonical("numbered", 7) == 7


prefixes = st.one_of(st.none(), st.sampled_from(["*", "10.0.0.0/8", "Internet"]))
several = st.one_of(st.none(), st.lists(st.sampled_from(["10.1.0.0/16", "10.2.0.0/16"]), unique=True))


@given(prefixes, several, prefixes, several)
def test_rules_in_both_forms(
    one: str | None, many: list[str] | None, two: str | None, more: list[str] | None
) -> None:
    """Two rules are one rule only where they speak of the same addresses."""

    def rule(single: str | None, plural: list[str] | None) -> dict[str, object]:
        said = {"sourceAddressPrefix": single, "sourceAddressPrefixes": plural}
        return {name: value for name, value in said.items() if value is not None}

    def addresses(single: str | None, plural: list[str] | None) -> set[str]:
        return {*(plural or ()), *([single] if single else ())}

    def form(single: str | None, plural: list[str] | None) -> set[str]:
        found = canonical("one-or-several", rule(single, plural))
        assert isinstance(found, dict)
        assert "sourceAddressPrefix" not in found
        return set(found.get("sourceAddressPrefixes", ()))

    assert form(one, many) == addresses(one, many)
    assert (form(one, many) == form(two, more)) == (addresses(one, many) == addresses(two, more))


def test_a_member_that_is_switched_off_is_none() -> None:
    on, off = {"category": "a", "enabled": True}, {"category": "b", "enabled": False}
    assert canonical("switched-list", [on, off]) == canonical("switched-list", [on])
    assert canonical("switched-list", [on]) != canonical("switched-list", [{**off, "category": "a"}])


def test_the_host_name_that_azure_gives_is_none_of_ours() -> None:
    ours, own = {"name": "a.example.net"}, {"name": "x.azure-api.net"}
    assert canonical("hosts", [own, ours]) == canonical("hosts", [ours])
    assert canonical("hosts", [ours]) != canonical("hosts", [{"name": "x.azure-api.net.example.net"}])
