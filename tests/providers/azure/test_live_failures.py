"""What goes wrong while Azure is read: each ends in the ledger, in the right words, and holds nothing
else."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from drift import deadline
from drift.loopback import Answer, Request
from providers.azure import graph as resource_graph
from providers.azure.loopback import Faults, Loopback, cloud
from providers.azure.loopback.service import Refusal
from tests.clock import Clock
from tests.providers.azure.live_reading import (
    ACCOUNT,
    ONE,
    SERVER,
    TWO,
    VNET,
    body,
    group,
    read,
    row,
    settings,
)

GRANT = "Microsoft.Authorization/roleAssignments"
BOTH = [body(VNET, "v", group(ONE)), body(VNET, "v", group(TWO))]


def test_a_denied_subscription_is_in_the_ledger_and_the_other_one_is_read() -> None:
    with cloud(BOTH, faults=Faults(denied=frozenset({ONE}))) as server:
        estate = read(settings(server), [VNET])
    for type_ in (VNET, GRANT, ACCOUNT):
        found = row(estate, ONE, type_)
        assert (
            found.status == "denied" and "AuthorizationFailed" in found.message and "Reader" in found.message
        )
    assert row(estate, TWO, VNET).status == "checked"


def test_a_denied_type_is_denied_alone() -> None:
    documents = [body(VNET, "v"), body(SERVER, "s"), body(f"{SERVER}/firewallRules", "s/r")]
    faults = Faults(denied_types=frozenset({VNET.lower(), f"{SERVER}/firewallRules".lower()}))
    with cloud(documents, faults=faults) as server:
        estate = read(settings(server), [VNET, SERVER])
    assert row(estate, ONE, VNET).status == "denied"
    assert row(estate, ONE, f"{SERVER}/firewallRules").status == "denied"
    assert row(estate, ONE, SERVER).status == "checked"


def test_what_lies_below_something_unread_is_unread() -> None:
    rules = f"{SERVER}/firewallRules"
    with cloud([body(SERVER, "s")], faults=Faults(denied_types=frozenset({SERVER.lower()}))) as server:
        estate = read(settings(server), [SERVER, rules])
    assert row(estate, ONE, SERVER).status == "denied"
    assert row(estate, ONE, rules).status == "denied"


def test_what_extends_something_unread_is_unread() -> None:
    kind = "Microsoft.Insights/diagnosticSettings"
    faults = Faults(denied_types=frozenset({SERVER.lower()}))
    with cloud([body(SERVER, "s"), body(VNET, "v")], faults=faults) as server:
        assert row(read(settings(server), [SERVER, kind]), ONE, kind).status == "denied"


def test_what_only_some_groups_grant_is_not_all_there_is() -> None:
    """Azure leaves out silently what the credential may not read; nothing of that may be called missing."""
    documents = [
        {"id": group()},
        {"id": group(name="hidden")},
        body(VNET, "v"),
        body(VNET, "w", group(name="hidden")),
        body(VNET, "v", group(TWO)),
    ]
    rules = f"{SERVER}/firewallRules"
    with cloud(documents, faults=Faults(groups={ONE: frozenset({"rg"})})) as server:
        estate = read(settings(server), [VNET, ACCOUNT, rules])
    for type_ in (VNET, ACCOUNT, rules, "Microsoft.Resources/resourceGroups"):
        found = row(estate, ONE, type_)
        assert found.status == "denied" and "Reader" in found.message
    assert row(estate, ONE, GRANT).status == "denied"
    assert {one.name for one in estate if one.type == VNET and one.scope == ONE} == {"v"}
    assert row(estate, TWO, VNET).status == "checked"


def test_a_namespace_that_is_not_registered_is_empty_and_stays_so() -> None:
    with cloud([body(ACCOUNT, "a")], faults=Faults(unregistered=frozenset({"microsoft.network"}))) as server:
        estate = read(settings(server), [VNET, ACCOUNT])
        calls = list(server.calls)
    assert row(estate, ONE, VNET).status == row(estate, ONE, ACCOUNT).status == "checked"
    assert not any("register" in path.lower() for _, path, _ in calls)


def test_what_azure_does_not_list_is_not_missing() -> None:
    """Neither its own listing nor Resource Graph tells whether there are any."""
    items = "Microsoft.RecoveryServices/vaults/backupFabrics"
    documents = [body(VNET, "v"), body("Microsoft.RecoveryServices/vaults", "k")]
    unlisted = frozenset({"microsoft.kubernetesconfiguration/extensions", ACCOUNT.lower(), items.lower()})
    with cloud(documents, faults=Faults(unlisted=unlisted)) as server:
        below = server.service._below

        def refusing(path: str, low: str, *rest: Any) -> Any:
            if low.endswith("/backupfabrics"):
                raise Refusal(405, "MethodNotAllowed", "There is no such listing.")
            return below(path, low, *rest)

        server.service._below = refusing  # type: ignore[method-assign]
        estate = read(settings(server), [ACCOUNT, items, VNET])
    assert row(estate, ONE, ACCOUNT).status == "unsupported"
    assert row(estate, ONE, items).status == "unsupported"
    assert row(estate, ONE, VNET).status == "checked"


def test_a_type_that_azure_does_not_know_is_unsupported() -> None:
    with cloud([body(VNET, "v")]) as server:
        estate = read(settings(server), ["Contoso.Nowhere/things", "Contoso.Nowhere/things/parts", VNET])
    assert row(estate, ONE, "Contoso.Nowhere/things").status == "unsupported"
    assert row(estate, ONE, "Contoso.Nowhere/things/parts").status == "unsupported"
    assert row(estate, ONE, VNET).status == "checked"


def test_an_apps_configuration_that_may_not_be_read_is_denied() -> None:
    faults = Faults(denied_types=frozenset({"microsoft.web/sites/config"}))
    documents = [body("Microsoft.Web/sites", "w"), body("Microsoft.Web/sites/config", "w/web")]
    with cloud(documents, faults=faults) as server:
        estate = read(settings(server), ["Microsoft.Web/sites"])
    assert row(estate, ONE, "Microsoft.Web/sites").status == "denied"
    assert not any(one.type == "Microsoft.Web/sites" for one in estate)  # half of it would look changed


def test_a_credential_that_sees_nothing_is_denied_everything() -> None:
    with cloud([]) as server:
        estate = read(settings(server), [VNET])
    found = row(estate, ONE, VNET)
    assert found.status == "denied" and "sees no subscription" in found.message


def test_settings_that_may_not_be_listed_are_denied() -> None:
    config = "Microsoft.Web/sites/config"
    faults = Faults(denied_types=frozenset({f"{config}/list".lower()}))
    with cloud([body("Microsoft.Web/sites", "w")], faults=faults) as server:
        estate = read(settings(server), [config])
    assert row(estate, ONE, config).status == "denied"


def test_a_throttled_call_is_made_again_when_the_answer_says(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(deadline, "time", clock)
    with cloud(BOTH, faults=Faults(throttled={ONE: 1}, retry_after=17)) as server:
        estate = read(settings(server, max_attempts=4), [VNET])
    assert row(estate, ONE, VNET).status == "checked"
    assert clock.waited == 17


def test_what_stays_throttled_is_said() -> None:
    with cloud(BOTH, faults=Faults(throttled={ONE: 10_000}, retry_after=0)) as server:
        estate = read(settings(server), [VNET])
    assert row(estate, ONE, VNET).status == "throttled"
    assert row(estate, TWO, VNET).status == "checked"


def test_resource_graphs_quota_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(resource_graph, "time", clock)
    monkeypatch.setattr(deadline, "time", clock)
    documents = [body(ACCOUNT, f"a{number}") for number in range(30)]
    with cloud(documents, faults=Faults(quota=2, retry_after=17)) as server:
        estate = read(settings(server, page_size=10))
    assert row(estate, ONE, ACCOUNT).resources == 30
    assert clock.waited == 17


def test_a_broken_subscription_fails_alone() -> None:
    with cloud(BOTH, faults=Faults(broken=frozenset({TWO}))) as server:
        estate = read(settings(server), [VNET])
    assert (
        row(estate, TWO, VNET).status == "failed"
        and "internal server error" in row(estate, TWO, VNET).message
    )
    assert row(estate, ONE, VNET).status == "checked"


def test_a_slow_subscription_does_not_hold_the_other() -> None:
    other_is_read = threading.Event()
    waited = []
    with cloud(BOTH) as server:
        answers = server.service.graph

        def graph(said: Any, query: Any) -> Any:
            """Answers for the one subscription once the other one's answer is made."""
            if said["subscriptions"] == [ONE]:
                waited.append(other_is_read.wait(60))
            told = answers(said, query)
            if said["subscriptions"] == [TWO]:
                other_is_read.set()
            return told

        server.service.graph = graph  # type: ignore[method-assign]
        read(settings(server), [VNET])
    assert waited and all(waited)


def test_a_token_that_expires_keeps_what_was_read() -> None:
    documents = [body(ACCOUNT, f"a{number}") for number in range(30)]
    with cloud(documents, faults=Faults(expires=10)) as server:
        estate = read(settings(server, page_size=10, concurrency=1))
    assert 0 < sum(one.type == ACCOUNT for one in estate) < 31
    unread = [one for one in estate.coverage.values() if one.status != "checked"]
    assert unread  # which ones, threads decide
    assert all(one.status == "failed" and "not valid (any more)" in one.message for one in unread)


def test_a_page_on_another_host_is_not_followed() -> None:
    with cloud(BOTH) as server:
        get = server.service.get

        def elsewhere(path: str, query: Any, base: str) -> Any:
            told = get(path, query, base)
            return {**told, "nextLink": "https://evil.example/next"} if path.endswith("/resources") else told

        server.service.get = elsewhere  # type: ignore[method-assign]
        estate = read(settings(server))
    assert "evil.example" in row(estate, ONE).message and row(estate, ONE).status == "failed"


def test_a_page_that_leads_to_itself_ends() -> None:
    with cloud(BOTH) as server:
        get = server.service.get

        def circle(path: str, query: Any, base: str) -> Any:
            told = get(path, query, base)
            again = f"{base}{path}?api-version={query['api-version']}"
            return {**told, "nextLink": again} if path.endswith("/resourcegroups") else told

        server.service.get = circle  # type: ignore[method-assign]
        estate = read(settings(server))
    assert row(estate, ONE, "Microsoft.Resources/resourceGroups").status == "failed"


@pytest.mark.parametrize("answer", [b"<html>proxy</html>", b'{"value": null}'])
def test_an_answer_of_another_form_is_no_empty_list(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Loopback.answer

    def other(self: Loopback, request: Request) -> Answer:
        return Answer(200, answer) if "/resourcegroups" in request.path.lower() else own(self, request)

    monkeypatch.setattr(Loopback, "answer", other)
    with cloud(BOTH) as server:
        estate = read(settings(server))
    assert row(estate, ONE, "Microsoft.Resources/resourceGroups").status == "failed"


@pytest.mark.parametrize("end", ["/config/web", "/config/appsettings/list"])
def test_a_foreign_answer_is_no_empty_configuration(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Loopback.answer

    def other(self: Loopback, request: Request) -> Answer:
        return Answer(200, b"{}") if request.path.lower().endswith(end) else own(self, request)

    monkeypatch.setattr(Loopback, "answer", other)
    config = "Microsoft.Web/sites/config"
    with cloud([body("Microsoft.Web/sites", "w"), body(config, "w/web")]) as server:
        estate = read(settings(server), [config])
    assert row(estate, ONE, config).status == "failed"


def test_nobody_there() -> None:
    with cloud(BOTH) as server:
        given = settings(server)
    estate = read(given, [VNET])
    found = estate.gaps("azure", ONE)
    assert found and all(one.status == "failed" for one in found)
    assert all("which subscriptions there are is not known" in one.message for one in found)


def test_refusals_have_azures_form() -> None:
    with cloud(BOTH) as server:
        service = server.service
        for path, query, status, code in (
            ("/subscriptions", {}, 400, "MissingApiVersionParameter"),
            (
                f"{group()}/providers/{VNET}/v",
                {"api-version": "1999-01-01"},
                400,
                "NoRegisteredProviderFound",
            ),
            (f"{group()}/providers/{VNET}/nothing", {"api-version": "2023-09-01"}, 404, "ResourceNotFound"),
            ("/subscriptions/x/resources", {"api-version": "2023-09-01"}, 404, "SubscriptionNotFound"),
        ):
            with pytest.raises(Refusal) as refused:
                service.get(path, query, server.url)
            assert (refused.value.status, refused.value.code) == (status, code)
