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


@given(
    st.sampled_from(sorted(KINDS)),
    st.one_of(st.text(), st.integers(), st.none(), st.text().map("resourceGroups/".__add__)),
)
def test_canonical_twice_is_canonical(kind: str, value: object) -> None:
    once = KINDS[kind].canonical(value, CONTEXT)
    assert KINDS[kind].canonical(once, CONTEXT) == once
