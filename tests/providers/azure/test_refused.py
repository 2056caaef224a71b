"""Whatever of a subscription can't be read, nothing is found that the untouched estate does not have, and it
is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.azure.demo import AzureDemo
from providers.azure.demo.larkspur import Larkspur
from providers.azure.demo.night import WEB
from tests.refusing import FAULTS, Estate, groups

pytestmark = pytest.mark.long

#: Nothing is read without it: an error.
ROOT = "GET /subscriptions?api-version=2022-12-01"
PERMISSIONS = f"GET /subscriptions/{WEB}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
GONE = {
    "scope": WEB,
    "type": "Microsoft.Network/publicIPAddresses",
    "id": f"/subscriptions/{WEB}/resourceGroups/shop/providers/Microsoft.Network/publicIPAddresses/gone",
    "attributes": {"location": "westeurope", "properties": {}},
}
NSG = f"/subscriptions/{WEB}/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/shop-web"
DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"
#: What the demo lacks, and what is read only where somebody declares it.
MORE = {
    "id": f"{NSG}/providers/{DIAGNOSTICS}/all",
    "properties": {"logs": [{"category": "NetworkSecurityGroupEvent", "enabled": True}]},
}
ALSO = [
    {"scope": WEB, "type": type_, "id": id_, "attributes": {}}
    for type_, id_ in (
        (DIAGNOSTICS, str(MORE["id"])),
        (
            "Microsoft.Web/sites/config",
            f"/subscriptions/{WEB}/resourceGroups/shop/providers/Microsoft.Web/sites/larkspur-shop/config/web",
        ),
    )
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Estate, list[str]]]:
    folder = tmp_path_factory.mktemp("refused")
    with pytest.MonkeyPatch.context() as patch, AzureDemo().start() as cloud:
        assert isinstance(cloud, Larkspur)
        built = cloud.build(folder)
        for name, value in built.environment.items():
            patch.setenv(name, str(value))
        estate = Estate("azure", cloud.server.http, folder, {**built.live, "subscriptions": [WEB]})
        cloud.server.store.add(MORE)
        yield estate, estate.keep(GONE, ALSO)


def test_each_call_that_is_denied_is_said_and_nothing_is_found(kept: tuple[Estate, list[str]]) -> None:
    estate, calls = kept
    assert len(calls) > 40 and {ROOT, PERMISSIONS} < {*calls}
    assert [call for call in calls if call != ROOT and not estate.blind({call: "denied"})] == []


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_failure_is_a_finding(kept: tuple[Estate, list[str]], fault: str) -> None:
    estate, calls = kept
    for group in groups([call for call in calls if call != ROOT], 3):
        assert estate.blind(dict.fromkeys(group, fault)), group
    assert estate.scan("gone.jsonl", {ROOT: fault}) == (set(), 1, 1)


def test_nothing_is_missing_while_it_is_not_known_what_may_be_read(kept: tuple[Estate, list[str]]) -> None:
    """Who may not ask this of a subscription has been granted some of its groups at most."""
    estate, _ = kept
    for fault in ("denied", "an empty object", "not found by another"):
        assert estate.scan("gone.jsonl", {PERMISSIONS: fault}) == (set(), 3, 3), fault


@pytest.mark.chaos
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_call_in_each_way(kept: tuple[Estate, list[str]], fault: str) -> None:
    estate, calls = kept
    several = [call for call in calls if call != ROOT]
    assert [call for call in several if not estate.blind({call: fault})] == []
