"""Whatever of Google Cloud can't be read, nothing is found that the untouched estate does not have, and it is
said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.gcp.demo import GcpDemo
from providers.gcp.demo.larkspur import Larkspur
from providers.gcp.demo.night import FOLDER
from tests.refusing import FAULTS, Estate, groups

pytestmark = pytest.mark.long

BELOW = "folders/505050505050"
SQL = "//cloudsql.googleapis.com/projects/larkspur-shop/instances/orders"
SINK = "logging.googleapis.com/LogSink"
DATABASE = "sqladmin.googleapis.com/Database"
#: What the demo lacks: a folder below, with a project; something that lies in no project; a database, which
#: only its own API tells, where somebody declares one.
MORE = [
    {"name": BELOW, "parent": f"folders/{FOLDER}", "displayName": "below"},
    {"name": "projects/606060606060", "projectId": "larkspur-below", "parent": BELOW},
    {
        "name": "//pubsub.googleapis.com/projects/larkspur-below/topics/t",
        "assetType": "pubsub.googleapis.com/Topic",
        "data": {"name": "projects/larkspur-below/topics/t"},
    },
    {
        "name": f"//logging.googleapis.com/folders/{FOLDER}/sinks/audit",
        "assetType": SINK,
        "in": f"folders/{FOLDER}",
        "data": {"name": "audit", "destination": "storage.googleapis.com/audit"},
    },
    {
        "name": f"{SQL}/databases/menu",
        "assetType": DATABASE,
        "data": {"name": "menu", "instance": "orders"},
        "listed": False,
    },
]
ALSO = [
    {
        "scope": "larkspur-shop",
        "type": DATABASE,
        "id": f"{SQL}/databases/menu",
        "attributes": {"name": "menu"},
    }
]
GONE = {
    "scope": "larkspur-data",
    "type": "pubsub.googleapis.com/Topic",
    "id": "//pubsub.googleapis.com/projects/larkspur-data/topics/gone",
    "attributes": {"name": "projects/larkspur-data/topics/gone"},
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Estate, list[str]]]:
    folder = tmp_path_factory.mktemp("refused")
    with pytest.MonkeyPatch.context() as patch, GcpDemo().start() as cloud:
        assert isinstance(cloud, Larkspur)
        built = cloud.build(folder)
        for document in MORE:
            cloud.server.store.add(document)
        for name, value in built.environment.items():
            patch.setenv(name, str(value))
        live = {**built.live, "endpoint": cloud.server.url}
        estate = Estate("gcp", cloud.server.http, folder, live)
        yield estate, estate.keep(GONE, ALSO)


def told(estate: Estate, call: str, fault: str) -> bool:
    """Whether a failing call is said and nothing found, or it is no failure: Google leaves a list without
    members out of its answer (of assets it says of when they are, and searches in another way what was not
    found); and what a project supports is asked of whichever project comes first."""
    may = ("GET /v3/folders?", "GET /v3/projects?", f"GET /v1/folders/{FOLDER}:searchAllResources?")
    if fault == "an empty object" and call.startswith(may):
        return estate.scan("gone.jsonl", {call: fault}).found <= estate.missing
    return estate.blind({call: fault}) or call not in estate.calls


def test_each_call_that_is_denied_is_said_and_nothing_is_found(kept: tuple[Estate, list[str]]) -> None:
    estate, calls = kept
    assert len(calls) > 20
    assert [call for call in calls if not told(estate, call, "denied")] == []


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_failure_is_a_finding(kept: tuple[Estate, list[str]], fault: str) -> None:
    estate, calls = kept
    for group in groups(calls, 3):
        assert estate.blind(dict.fromkeys(group, fault)), group


@pytest.mark.chaos
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_call_in_each_way(kept: tuple[Estate, list[str]], fault: str) -> None:
    estate, calls = kept
    assert [call for call in calls if not told(estate, call, fault)] == []
