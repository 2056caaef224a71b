"""Whatever of a cluster can't be read, nothing is found that the untouched estate does not have, and it is
said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.kubernetes.demo import KubernetesDemo
from providers.kubernetes.demo.larkspur import Larkspur
from tests.refusing import FAULTS, Estate, groups

pytestmark = pytest.mark.long

#: Nothing is read without them: an error.
ROOTS = ("GET /api", "GET /apis")
#: Only charts are rendered for it, and say where it is not known: nothing is lost to others.
VERSION = "GET /version"
NAMED = {"name": "gone", "namespace": "shop"}
GONE = {
    "scope": "larkspur",
    "type": "v1/ConfigMap",
    "id": "shop/gone",
    "attributes": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": NAMED},
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Estate, list[str]]]:
    folder = tmp_path_factory.mktemp("refused")
    with pytest.MonkeyPatch.context() as patch, KubernetesDemo().start() as cloud:
        assert isinstance(cloud, Larkspur)
        built = cloud.build(folder)
        for name, value in built.environment.items():
            patch.setenv(name, str(value))
        estate = Estate("kubernetes", cloud.server.http, folder, built.live)
        yield estate, [call for call in estate.keep(GONE) if call != VERSION]


def test_each_call_that_is_denied_is_said_and_nothing_is_found(kept: tuple[Estate, list[str]]) -> None:
    estate, calls = kept
    assert len(calls) > 40 and {*ROOTS} < {*calls}
    assert [call for call in calls if call not in ROOTS and not estate.blind({call: "denied"})] == []


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_failure_is_a_finding(kept: tuple[Estate, list[str]], fault: str) -> None:
    estate, calls = kept
    for group in groups([call for call in calls if call not in ROOTS], 3):
        assert estate.blind(dict.fromkeys(group, fault)), group
    for root in ROOTS:
        assert estate.scan("gone.jsonl", {root: fault}) == (set(), 1, 1), root


def test_a_version_that_is_not_read_blinds_nothing_but_charts(kept: tuple[Estate, list[str]]) -> None:
    estate, _ = kept
    for fault in ("denied", "a list", "html"):
        assert estate.scan("gone.jsonl", {VERSION: fault}) == (estate.missing, 2, 0), fault


def test_what_the_cluster_does_not_serve_never_ends_green(kept: tuple[Estate, list[str]]) -> None:
    estate, _ = kept
    text = "apiVersion: no.such/v1\nkind: Thing\nmetadata: {name: gone, namespace: shop}\n"
    (estate.folder / "thing.yaml").write_text(text)
    result = estate.run([{"path": "base.jsonl"}, {"path": "thing.yaml", "scope": "larkspur"}]).scan()
    (row,) = [one for one in result.report["coverage"] if one["type"] == "no.such/v1/Thing"]
    assert (row["status"], row["declared"], result.exit_code) == ("skipped", 1, 3)
    (told,) = [one for one in result.report["unverifiable"] if one["type"] == "no.such/v1/Thing"]
    assert "does not serve" in told["reason"]


@pytest.mark.chaos
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_call_in_each_way(kept: tuple[Estate, list[str]], fault: str) -> None:
    estate, calls = kept
    several = [call for call in calls if call not in ROOTS]
    assert [call for call in several if not estate.blind({call: fault})] == []
