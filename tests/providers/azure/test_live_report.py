"""Whatever goes wrong while Azure is read: the report says so, and calls nothing missing that it did not look
for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from providers.azure.demo import larkspur
from providers.azure.demo.night import WEB
from providers.azure.loopback import Faults, Loopback, cloud
from tests.providers.azure.test_demo import scan

SERVERS, RULES = "Microsoft.Sql/servers", "Microsoft.Sql/servers/firewallRules"


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Scans the demo's estate while these faults happen."""

    def run(faults: Faults, before: Any = lambda server: None) -> dict[str, Any]:
        with cloud(larkspur.ESTATE, faults=faults) as server:
            built = larkspur.Larkspur(server).build(tmp_path)
            for name, value in built.environment.items():
                monkeypatch.setenv(name, str(value))
            before(server)
            return scan(built, tmp_path, max_attempts=1)

    return run


def missing(report: dict[str, Any]) -> list[str]:
    return [one["resource_id"] for one in report["findings"] if one["kind"] == "missing"]


def statuses(report: dict[str, Any], scope: str = WEB) -> dict[str, str]:
    return {one["type"]: one["status"] for one in report["coverage"] if one["scope"] == scope}


@pytest.mark.parametrize("calls", [1, 2, 4, 7, 12, 20, 35])
def test_credentials_that_expire_in_the_middle(report: Any, calls: int) -> None:
    found = report(Faults(expires=calls))
    assert found["findings"] == []
    assert "failed" in {one["status"] for one in found["coverage"]}


def test_a_denied_subscription(report: Any) -> None:
    found = report(Faults(denied=frozenset({WEB})))
    assert found["findings"] == []
    assert set(statuses(found).values()) == {"denied"}
    assert {one["status"] for one in found["coverage"] if one["scope"] != WEB} == {"checked"}


@pytest.mark.parametrize(
    "type_",
    [
        SERVERS,
        RULES,
        "Microsoft.Storage/storageAccounts",
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        "Microsoft.Network/virtualNetworks",
        "Microsoft.Web/sites",
        "Microsoft.Web/sites/config",
        "Microsoft.Web/sites/config/list",
        "Microsoft.Authorization/locks",
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.EventHub/namespaces",
        "Microsoft.EventHub/namespaces/networkRuleSets",
    ],
)
def test_a_denied_type(report: Any, type_: str) -> None:
    found = report(Faults(denied_types=frozenset({type_.lower()})))
    assert found["findings"] == []
    assert {"denied"} < {one["status"] for one in found["coverage"]}


def test_what_only_some_groups_grant(report: Any) -> None:
    """All that is declared lies in a group that the credential does not see."""
    found = report(Faults(groups={WEB: frozenset({"networkwatcherrg"})}))
    assert found["findings"] == []
    assert statuses(found)["Microsoft.Storage/storageAccounts"] == "denied"


@pytest.mark.parametrize(
    "faults",
    [
        Faults(broken=frozenset({WEB})),
        Faults(throttled={WEB: 10_000}, retry_after=0),
        Faults(quota=0, retry_after=0),
    ],
)
def test_what_is_broken_or_throttled(report: Any, faults: Faults) -> None:
    found = report(faults)
    assert found["findings"] == []
    assert {"failed", "throttled"} & set(statuses(found).values())


def test_what_is_gone_is_missing_where_all_was_read(report: Any) -> None:
    """The same estate, read whole: the tests above are not silent because nothing is ever missing."""

    def remove(server: Loopback) -> None:
        for one in [id_ for id_ in server.store.resources if "/microsoft.sql/" in id_]:
            server.store.resources.pop(one, None)

    found = report(Faults(), remove)
    assert any("/servers/" in one for one in missing(found))
    assert set(statuses(found).values()) == {"checked"}
