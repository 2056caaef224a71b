"""What is looked at in a cluster before a run is what the run then reads, and can't."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from drift.check import Check
from drift.deadline import Deadline
from drift.errors import CredentialsError
from drift.task import Wanted
from providers.kubernetes import KubernetesProvider
from providers.kubernetes.connection import REVIEWS, connect
from providers.kubernetes.loopback import Faults, Loopback, cluster
from tests.providers.kubernetes import helpers

NOTHING = Wanted(frozenset())


def looked(server: Loopback, **more: Any) -> list[Check]:
    settings = helpers.of(server.kubeconfig, **more)
    return list(KubernetesProvider().preflight(settings, NOTHING, Deadline(60)))


def test_all_is_well_where_everything_may_be_listed() -> None:
    with cluster([]) as server:
        found = looked(server)
        posts = [path for method, path in server.requests if method == "POST"]
    assert {one.status for one in found} == {"well"}
    assert [one.message for one in found if one.what == "identity"] == ["is drift"]
    assert len(posts) == 2
    assert set(posts) <= set(REVIEWS.values())


@pytest.mark.parametrize("more", [{}, {"namespaces": ["web", "shop"]}])
def test_what_may_not_be_listed_is_what_the_run_is_denied(more: dict[str, Any]) -> None:
    denied = frozenset({"Secret", "rbac.authorization.k8s.io/ClusterRole"})
    with cluster([], faults=Faults(denied=denied)) as server:
        found = looked(server, **more)
        estate = helpers.read(helpers.of(server.kubeconfig, **more))
    blind = {cell for one in found if one.status == "blind" for cell in one.blinds}
    assert blind == {cell for cell, row in estate.coverage.items() if row.status == "denied"}
    assert len(blind) == 2
    said = {one.what: one.message for one in found if one.status == "blind"}
    assert ("in web, shop" in said["list Secret"]) is bool(more)
    assert "in web" not in said["list rbac.authorization.k8s.io/ClusterRole"]


def test_a_cluster_that_fails_hides_no_other(tmp_path: Any) -> None:
    with cluster([], name="one") as server, cluster([], faults=Faults(token="other")) as closed:
        text = closed.kubeconfig.read_text().replace("other", "expired")
        closed.kubeconfig.write_text(text)
        settings = helpers.of(
            server.kubeconfig,
            contexts=[
                {"name": "one", "context": "one"},
                {"name": "closed", "context": "loopback", "kubeconfig": str(closed.kubeconfig)},
                {"name": "gone", "context": "nowhere"},
            ],
        )
        found = list(KubernetesProvider().preflight(settings, NOTHING, Deadline(60)))
    blind = {cell.scope for one in found if one.status == "blind" for cell in one.blinds}
    assert blind == {"closed", "gone"}
    assert any(one.where == "one" and one.what == "list" and one.status == "well" for one in found)
    with pytest.raises(CredentialsError):
        gone = helpers.of(server.kubeconfig, contexts=["nowhere"])
        list(KubernetesProvider().preflight(gone, NOTHING, Deadline(60)))


def test_an_older_cluster_does_not_say_who_one_is_and_that_is_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with cluster([]) as server:
        monkeypatch.setitem(REVIEWS, "SelfSubjectReview", "/apis/authentication.k8s.io/v1/nothing")
        (one,) = [one for one in looked(server) if one.what == "identity"]
    assert one.status == "note"


def test_nothing_but_a_review_is_posted() -> None:
    """A review is created only to be answered; there is no other way to POST."""
    with cluster([]) as server:
        (connected,) = connect(helpers.of(server.kubeconfig))
        assert not isinstance(connected, CredentialsError)
        with pytest.raises(KeyError):
            connected.review("Namespace", {})
        assert server.requests == []


def test_it_ends_in_time() -> None:
    clock, asked = Deadline(60), threading.Event()

    def stop() -> None:
        asked.wait(60)
        clock.stop("the test")

    class Requests(list[tuple[str, str]]):
        def append(self, one: tuple[str, str]) -> None:
            super().append(one)
            asked.set()

    with cluster([], faults=Faults(delay=0.6)) as server:
        server.requests = Requests()
        thread = threading.Thread(target=stop)
        thread.start()
        (one,) = list(KubernetesProvider().preflight(helpers.of(server.kubeconfig), NOTHING, clock))
        thread.join()
    assert (one.status, one.blinds) == ("unknown", ())
    assert "deadline" in one.message
