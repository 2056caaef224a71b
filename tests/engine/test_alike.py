"""A run by a crew says byte for byte what one process says, but for times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift import plugins
from drift.engine import member
from drift.engine.contract import Call, Ended
from drift.engine.told import Index
from drift.history.place import place
from tests.engine.estate import Estate, Inline, clusters, larkspur, same

RULES = {
    "ignore": [
        {"type": "Microsoft.Storage/*", "reason": "the platform team's"},
        {"type": "apps/v1/Deployment", "path": "/spec/replicas", "reason": "scales by itself"},
        {"type": "nothing/*", "reason": "matches nothing"},
    ],
    "unmanaged": [{"action": "count", "type": "v1/Secret"}, {"action": "report", "type": "v1/ConfigMap"}],
    "owners": [{"type": "Microsoft.*", "owner": "cloud"}],
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with (
        pytest.MonkeyPatch.context() as patch,
        larkspur(tmp_path_factory.mktemp("company"), patch, ["azure", "gcp", "kubernetes"]) as estate,
    ):
        yield estate


@pytest.mark.parametrize("more", [{}, RULES], ids=["plain", "rules"])
def test_clouds_of_several_scopes(
    company: Estate, more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    company.more = {**more, "blame": {"enabled": False}}
    alone = company.alone()
    assert alone.report["findings"] and len({one["scope"] for one in alone.report["coverage"]}) > 4
    same(alone, company.together(monkeypatch))


def test_what_is_asked_for_alone(company: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    only = ("*/Deployment", "Microsoft.Storage/*")
    same(company.alone(only=only), company.together(monkeypatch, only=only))


def test_what_units_of_several_clouds_import_is_there_before_any_is_read(
    company: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two threads that import modules of one circle at once may be given halves of them."""
    loaded: list[str] = []
    read: list[int] = []
    reads = member.Station._read

    def seen(station: member.Station, call: Call) -> Index:
        read.append(len(loaded))
        return reads(station, call)

    monkeypatch.setattr(member, "load_shared", loaded.extend)
    monkeypatch.setattr(member.Station, "_read", seen)
    company.together(monkeypatch, only=("v1/Nothing",))
    assert {name for one in company.live for name in plugins.provider(one).imports} == set(loaded)
    assert read and set(read) == {len(loaded)}


def config_map(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}", "resourceVersion": "1"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def declared(*bodies: dict[str, Any]) -> str:
    plain = [{**one, "metadata": {"name": one["metadata"]["name"], "namespace": "default"}} for one in bodies]
    return yaml.safe_dump_all(plain)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[tuple[Estate, list[Any]]]:
    """Three clusters, of which one declares its objects and what is declared of no cluster lies in one of
    them, in two, or in none."""

    def objects(number: int) -> list[dict[str, Any]]:
        own = [config_map(f"own-{number}", colour="red"), config_map(f"nobody-{number}", a="1")]
        return own + ([config_map("alone", a="1")] if number == 1 else [config_map("twice", a="1")])

    (tmp_path / "own.yaml").write_text(declared(config_map("own-0", colour="blue"), config_map("gone")))
    nowhere = (config_map("alone", a="2"), config_map("twice", a="1"), config_map("none", a="1"))
    (tmp_path / "nowhere.yaml").write_text(declared(*nowhere))
    (tmp_path / "other.yaml").write_text(declared(config_map("own-9")))
    entries = [{"path": "own.yaml", "scope": "c0"}, {"path": "nowhere.yaml"}]
    entries.append({"path": "other.yaml", "scope": "c9"})
    live = {"kubeconfig": str(tmp_path / "kubeconfig"), "contexts": ["c0", "c1", "c2"], "max_attempts": 1}
    with clusters(tmp_path, 3, objects) as servers:
        yield Estate(tmp_path, {"kubernetes": live}, entries), servers


def test_a_template_that_asks_what_is_live_tells_its_secrets(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, servers = fleet
    secret = "quiet meadow twelve"
    parameter = {"Type": "String", "NoEcho": True, "Default": secret}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}
    template = {"Parameters": {"P": parameter}, "Resources": {"T": topic}}
    (estate.folder / "stack.json").write_text(
        json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **template})
    )
    estate.declared.append({"path": "stack.json"})
    (estate.folder / "note.yaml").write_text(declared(config_map("note", text="other")))
    estate.declared.append({"path": "note.yaml", "scope": "c0"})
    servers[0].store.create(config_map("note", text=f"it is {secret} now"))
    alone, together = estate.alone(), estate.together(monkeypatch)
    assert any(one["resource_id"] == "default/note" for one in together.report["findings"])
    assert secret not in json.dumps(together.report, default=str)
    same(alone, together)


def test_what_lies_in_no_certain_scope(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = fleet[0].alone()
    reasons = " ".join(one["reason"] for one in alone.report["unverifiable"])
    assert "stands in several places" in reasons and "declared for c9; read was c0, c1, c2" in reasons
    assert "possibly" in reasons
    same(alone, fleet[0].together(monkeypatch))


def test_what_a_unit_could_not_be_asked_for_is_not_missing(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may lie there: the unit is unread then, though its worker comes back to compare it."""

    class Silent(Inline):
        def ended(self, seconds: float) -> Ended | None:
            found = super().ended(seconds)
            silent = found is not None and found.call.work == "ask" and found.call.unit == 1
            return found._replace(ending="lost") if silent and found is not None else found

    result = fleet[0].together(monkeypatch, Silent)
    assert result.forgiving == 3
    assert [one["name"] for one in result.report["findings"] if one["kind"] == "missing"] == ["gone"]
    rows = {row["message"] for row in result.report["coverage"] if row["scope"] == "c1"}
    assert rows == {"read, and not compared: 3 workers were lost while they asked it"}
    assert [one for one in result.report["unverifiable"] if "alone" in one["resource_id"]]
    assert not [one for one in result.report["findings"] if one["scope"] == "c1"]


def test_a_cluster_that_is_gone(fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    estate, servers = fleet
    servers[0].close()
    alone = estate.alone()
    rows = [one for one in alone.report["coverage"] if one["status"] == "failed"]
    assert alone.forgiving == 3 and {one["scope"] for one in rows} == {"c0"}
    same(alone, estate.together(monkeypatch))


def test_clusters_whose_kubeconfig_is_kept_elsewhere(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    kept = ["kubeconfig-0", "kubeconfig-1", "not-there"]
    contexts = [{"name": f"c{number}", "kubeconfig": f"file://{name}"} for number, name in enumerate(kept)]
    estate.live = {"kubernetes": {"contexts": contexts, "max_attempts": 1}}
    alone = estate.alone()
    (row,) = [one for one in alone.report["coverage"] if one["status"] == "denied"]
    assert row["scope"] == "c2" and "contexts.2.kubeconfig (file): the file: can't be read" in row["message"]
    assert "not-there" not in row["message"]
    same(alone, estate.together(monkeypatch))


def test_what_appears_among_what_nobody_declares(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    estate, servers = fleet
    ways = [
        lambda: estate.alone(remembered=place("one.db", tmp_path)),
        lambda: estate.together(monkeypatch, remembered=place("two.db", tmp_path)),
    ]
    for run in ways:
        run()
    overnight = {
        **config_map("overnight"),
        "kind": "PersistentVolumeClaim",
        "spec": {"storageClassName": "s"},
    }
    servers[2].store.create(overnight, manager="kubectl")
    first, second = (run() for run in ways)
    appeared = [one for one in first.report["findings"] if "was not there on" in one.get("note", "")]
    assert [one["name"] for one in appeared] == ["overnight"]
    same(first, second)
