"""`drift preflight`: what a run needs is looked at before there is one, nothing that fails hides what else
was looked at, and the exit code says what a run would be."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import yaml
from typer.testing import CliRunner

from drift import plugins
from drift.check import Check, Probe, claims, expiry, probed, skew
from drift.cli import preflight as printed
from drift.cli.app import application
from drift.deadline import Deadline
from drift.errors import CellError
from drift.model import Cell
from drift.preflight import Looked, document, json_schema, look
from providers.kubernetes import KubernetesProvider
from providers.kubernetes.loopback import Faults, Loopback, cluster

OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "web"}}


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with cluster([]) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFT_REDACTION_KEY", "a key for tests")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.yaml").write_text(yaml.safe_dump(OBJECT))
    return tmp_path


def looked(folder: Path, server: Loopback | None, **more: Any) -> Looked:
    live = {} if server is None else {"kubernetes": {"kubeconfig": str(server.kubeconfig)}}
    said = {
        "version": 1,
        "declared": [{"path": "m", "scope": "loopback"}],
        "live": {**live, **more.pop("live", {})},
        **more,
    }
    (folder / "drift.yaml").write_text(yaml.safe_dump(said))
    found = look(Path("drift.yaml"), None, (), Deadline(60))
    jsonschema.Draft202012Validator(json_schema()).validate(document(found))
    return found


def of(found: Looked, status: str) -> list[Check]:
    return [one for one in found.checks if one.status == status]


def test_all_is_well(folder: Path, server: Loopback) -> None:
    found = looked(folder, server)
    assert found.exit_code == 0
    assert of(found, "blind") == of(found, "stops") == of(found, "unknown") == []
    areas = {one.area for one in of(found, "well")}
    assert areas == {"configuration", "program", "folder", "credentials", "clock", "permission"}
    text = printed.as_text(found)
    assert "declares 1 resource," in text and text.endswith("all that a run needs is there\n")


def test_a_configuration_that_is_wrong_is_all_that_is_said(folder: Path) -> None:
    (folder / "drift.yaml").write_text("version: 1\nlife: {}\n")
    (one,) = look(Path("drift.yaml"), None, (), Deadline(60)).checks
    assert one.status == "stops" and "drift.yaml:2" in one.message
    assert look(Path("gone.yaml"), None, (), Deadline(60)).exit_code == 1


def test_a_source_that_is_not_there_stops_a_run_and_hides_nothing(folder: Path, server: Loopback) -> None:
    found = looked(folder, server, declared=[{"path": "gone"}, {"path": "m", "scope": "loopback"}])
    assert [(one.where, one.status) for one in found.checks if one.area == "configuration"][1:3] == [
        ("gone", "stops"),
        ("m", "well"),
    ]
    assert any(one.area == "permission" for one in found.checks)
    assert found.exit_code == 1


def test_a_program_that_is_lacking_names_what_it_blinds(
    folder: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "chart").mkdir()
    (folder / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 0.1.0\n")
    (folder / "bin").mkdir()
    (folder / "bin" / "git").write_text("#!/bin/sh\necho git version 9.8.7\n")
    (folder / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"))
    entries = [{"path": "chart", "scope": "loopback"}, {"path": "m", "scope": "loopback"}]
    found = looked(folder, server, declared=entries, remediate={"validate": True})
    programs = {one.where: one for one in found.checks if one.area == "program"}
    assert programs["git"].message.startswith("9.8.7")
    assert programs["helm"].status == "blind" and "chart can't be read" in programs["helm"].message
    assert programs["terraform or tofu"].status == "note"
    assert "kustomize or kubectl" not in programs
    assert found.exit_code == 3


def test_one_provider_that_refuses_blinds_and_all_stop(
    folder: Path, server: Loopback, tmp_path: Path
) -> None:
    gone = {"kubeconfig": str(tmp_path / "gone")}
    none = looked(folder, None, live={"kubernetes": gone})
    assert [one.area for one in of(none, "stops")] == ["credentials"]
    assert none.exit_code == 1
    azure = {"azure": {"endpoint": "http://azure.example"}}
    one = looked(folder, server, live=azure)
    (refused,) = of(one, "blind")
    assert (refused.provider, refused.blinds) == ("azure", (Cell("azure", "*", "*", "*"),))
    assert one.exit_code == 3


def test_a_plugins_own_mistake_is_told_and_hides_nothing(
    folder: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object, settings: object, wanted: object, deadline: object) -> Iterable[Check]:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(KubernetesProvider, "preflight", broken)
    found = looked(folder, server)
    (one,) = of(found, "unknown")
    assert "ZeroDivisionError" in one.message and found.exit_code == 3
    monkeypatch.setattr(KubernetesProvider, "preflight", lambda _self, settings, wanted, deadline: ())
    (one,) = of(looked(folder, server), "unknown")
    assert "does not tell" in one.message


def test_places_that_can_not_be_used(folder: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "runs").write_text("no folder")
    (folder / "old.db").write_text("no database, but long enough to be read as one")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        via = {"smtp": {"host": "127.0.0.1", "port": port, "security": "none"}}
        mail = {"sender": "drift@acme.io", "to": ["a@acme.io"], "via": via}
        monkeypatch.delenv("DRIFT_REDACTION_KEY")
        found = looked(folder, server, history="old.db", mail=mail)
    status = {(one.area, one.status) for one in found.checks if one.status in ("blind", "stops")}
    assert status == {("folder", "stops"), ("history", "blind"), ("reach", "blind")}
    assert [one.what for one in of(found, "note")] == ["redaction.key"]
    found = looked(folder, server, output={"directory": "/proc/nowhere/runs"}, history=False)
    assert [one.area for one in of(found, "stops")] == ["folder"], "even where root may write by permission"


def test_other_machines_are_looked_for(
    folder: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ca.pem").write_text("x")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        said = {name: f"{name}.pem" for name in ("ca", "certificate", "key")}
        address = f"tls://127.0.0.1:{closed.getsockname()[1]}"
        found = looked(folder, server, engine={"dask": address, "shared": "shared", **said})
        (folder / "shared").mkdir()
        there = looked(folder, server, engine={"dask": address, "shared": "shared", **said})
        for name, value in {"AWS_ENDPOINT_URL": address.replace("tls", "http"), "AWS_REGION": "r"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("drift.objects.TRIES", 1)
        asked = looked(folder, server, engine={"dask": address, "shared": "s3://acme/shared", **said})
    told = {one.what: one.status for one in found.checks if one.what.startswith("engine")}
    lacking = {"engine": "stops", "engine.certificate": "stops", "engine.key": "stops"}
    assert told == {**lacking, "engine.ca": "well", "engine.shared": "stops"}
    shared = [[one.status for one in of.checks if one.what == "engine.shared"] for of in (there, asked)]
    assert shared == [["well"], ["stops"]]
    monkeypatch.delenv("DRIFT_REDACTION_KEY")
    found = looked(folder, server, engine={"local": 2})
    assert [one.what for one in of(found, "stops")] == ["redaction.key"]


def test_a_store_whose_package_is_missing_ends_no_preflight(
    folder: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drift.objects.find_spec", {}.get)
    (one,) = of(looked(folder, server, output={"store": "s3://acme/drift"}), "stops")
    assert (one.where, one.what) == ("s3://acme/drift", "output.store")
    assert "install driftline[objects]" in one.message


def test_whoever_is_reached_is_told_nothing(folder: Path, server: Loopback) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def listen() -> None:
            connection, _ = listening.accept()
            with connection:
                heard.append(connection.recv(100))

        thread = threading.Thread(target=listen)
        thread.start()
        via = {"webhook": {"url": f"http://127.0.0.1:{listening.getsockname()[1]}/s3cret-hook-address"}}
        found = looked(folder, server, notify=[{"via": via}])
        thread.join(60)
    (one,) = [one for one in found.checks if one.area == "reach"]
    assert (one.status, heard) == ("well", [b""])
    assert "s3cret" not in printed.as_json(found)


def test_secrets_that_are_kept_elsewhere_are_looked_up_and_told_to_nobody(
    folder: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "password").write_text("s3cret-passw0rd-of-the-file")
    via = {"smtp": {"host": "127.0.0.1", "port": 9, "user": "u", "password": "file://password"}}
    mail = {"sender": "drift@acme.io", "to": ["a@acme.io"], "via": via}
    notify = [{"via": {"webhook": {"url": "env://NO_SUCH_HOOK_ADDRESS"}}}]
    found = looked(folder, server, mail=mail, notify=notify)
    told = {one.what: one for one in found.checks if one.area == "secret"}
    assert {what: one.status for what, one in told.items()} == {
        "mail.via.smtp.password": "well",
        "notify.0.via.webhook.url": "blind",
    }
    text = printed.as_json(found)
    assert "s3cret-passw0rd" not in text and "NO_SUCH_HOOK" not in text
    found = looked(folder, server, redaction={"key": "env://NO_SUCH_KEY"})
    assert found.exit_code == 1 and of(found, "stops")


def test_a_history_that_is_there_is_read(folder: Path, server: Loopback) -> None:
    from drift.history.database import Database
    from drift.history.place import place

    with Database(place("h.db")) as database, database.writing():
        pass
    before = (folder / "h.db").read_bytes()
    (one,) = [one for one in looked(folder, server, history="h.db").checks if one.area == "history"]
    assert one.status == "well"
    assert (folder / "h.db").read_bytes() == before


def test_the_command_exits_as_it_found(folder: Path, server: Loopback) -> None:
    looked(folder, server)
    run = CliRunner().invoke(application(), ["preflight", "-f", "json", "-o", "found.json"])
    assert run.exit_code == 0
    said = orjson.loads((folder / "found.json").read_bytes())
    assert said["schema"] == "drift-preflight/1" and said["exit_code"] == 0
    with cluster([], faults=Faults(denied=frozenset({"Secret"}))) as less:
        looked(folder, less)
        run = CliRunner().invoke(application(), ["preflight"])
    assert run.exit_code == 3
    assert "BLIND kubernetes loopback: list Secret: secrets may not be listed" in run.stdout
    assert "blinds v1/Secret" in run.stdout
    assert orjson.loads(CliRunner().invoke(application(), ["schema", "preflight"]).stdout) == json_schema()


def test_every_installed_provider_looks() -> None:
    from drift.provider import BaseProvider

    for name, provider in plugins.providers().items():
        assert type(provider).preflight is not BaseProvider.preflight, name


# The words in which it is told


def test_probes_run_at_once_fail_apart_and_end_in_time() -> None:
    started, go = threading.Barrier(2), threading.Event()

    def waiting() -> Iterable[Check]:
        started.wait(60)
        return [Check("permission", "here", "x", "well")]

    def refused() -> Iterable[Check]:
        yield Check("permission", "there", "first", "well")
        raise CellError("denied", "no")

    def endless() -> Iterable[Check]:
        go.wait(60)
        return ()

    def probe(name: str, ask: Callable[[], Iterable[Check]]) -> Probe:
        return Probe("permission", name, "x", ask, Cell("cloud", name, "*", "*"))

    both = probed([probe("a", waiting), probe("b", waiting), probe("c", refused)], Deadline(60))
    assert sorted((one.where, one.status) for one in both) == [
        ("c", "blind"),
        ("here", "well"),
        ("here", "well"),
        ("there", "well"),
    ]
    (late,) = probed([probe("d", endless)], Deadline(0.2))
    go.set()
    assert (late.status, late.blinds) == ("unknown", ())


def test_a_clock_and_a_token_are_told_in_words() -> None:
    assert skew("here", None, "cloud", 300).status == "note"
    assert skew("here", "no date", "cloud", 300).status == "note"
    old = skew("here", "Thu, 01 Jan 1970 00:00:00 GMT", "cloud", 300, [Cell("cloud", "*", "*", "*")])
    assert old.status == "blind" and "ahead of" in old.message and old.blinds
    assert claims("no token") == claims("a.b.c") == {}
    assert claims("e30.eyJleHAiOjF9.x") == {"exp": 1}
    assert [expiry(one) for one in (-1, 30, 600, 7300, 400_000)] == [
        "it has expired",
        "it holds for 30 seconds more",
        "it holds for 10 minutes more",
        "it holds for 2 hours more",
        "it holds for 5 days more",
    ]


def test_many_that_lack_alike_are_one_line_for_people() -> None:
    def lacking(name: str) -> Check:
        return Check(
            "permission",
            "shop",
            name,
            "blind",
            "is not granted",
            "cloud",
            (Cell("cloud", "shop", "*", name),),
        )

    found = Looked("drift.yaml", [lacking(f"p{number}") for number in range(9)])
    assert "  BLIND cloud shop: p0, p1, p2 and 6 more: is not granted\n" in printed.as_text(found)
    assert "blinds p0, p1, p2, p3, p4, p5 and 3 more types\n" in printed.as_text(found)
    assert len(document(found)["checks"]) == 9


def test_what_reads_nothing_stops_as_a_run_would_end(folder: Path) -> None:
    """A cluster that does not answer, or grants nothing, is all that is configured: a scan ends with 1."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        context = {"name": "prod", "context": {"cluster": "c", "user": "u"}}
        said = {
            "clusters": [{"name": "c", "cluster": {"server": address}}],
            "users": [{"name": "u", "user": {}}],
        }
        (folder / "config").write_text(
            yaml.safe_dump({**said, "contexts": [context], "current-context": "prod"})
        )
        live = {"kubernetes": {"kubeconfig": str(folder / "config"), "contexts": ["prod"]}}
        found = looked(folder, None, live=live)
    assert [(one.area, one.where) for one in of(found, "stops")] == [("credentials", "prod")]
    assert found.exit_code == 1
    with cluster([], faults=Faults(denied=frozenset({"ConfigMap"}))) as less:
        found = looked(
            folder, less, live={"kubernetes": {"kubeconfig": str(less.kubeconfig), "kinds": ["ConfigMap"]}}
        )
    assert [one.what for one in of(found, "stops")] == ["everything"] and found.exit_code == 1
