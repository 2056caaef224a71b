"""What of an engine can't work is said in one clear message: certificates, workers that are otherwise."""

from __future__ import annotations

import contextlib
import copy
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from drift import __version__, engine, plugins
from drift.config.engine import Engine as Said
from drift.deadline import Deadline
from drift.depot import Folder
from drift.engine import cluster
from drift.engine.cluster import Dask, faults
from drift.engine.contract import Call, Ended, Ending
from drift.engine.crew import Crew
from drift.engine.lease import ALIVE
from drift.engine.member import answer
from drift.engine.shared import Shelf
from drift.engine.told import SETTING
from drift.errors import DriftError
from drift.moment import now
from drift.preflight import places
from drift.redaction import Redactor, told
from tests.engine.estate import KEY, Estate, Inline
from tests.engine.test_go_on import SAID, fleet

__all__ = ["fleet"]
PEM = serialization.Encoding.PEM


class Authority:
    """Signs certificates."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
        self._own = self._signed(self._name, self._key, (-9, 9), ca=True)

    def _signed(self, name: x509.Name, key: Any, days: tuple[int, int], *, ca: bool) -> x509.Certificate:
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
        )
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(now() + timedelta(days=days[0]))
        made = made.not_valid_after(now() + timedelta(days=days[1]))
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        return made.sign(self._key, hashes.SHA256())

    def files(self, folder: Path, days: tuple[int, int] = (-1, 1)) -> Said:
        """A section whose certificate holds for so many days from today on."""
        folder.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "one")])
        own = self._signed(name, key, days, ca=False)
        text = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        files = {"ca": self._own.public_bytes(PEM), "certificate": own.public_bytes(PEM), "key": text}
        for file, content in files.items():
            (folder / file).write_bytes(content)
        paths = {file: folder / file for file in files}
        return Said(dask="tls://127.0.0.1:1", shared=str(folder), **paths)


@pytest.fixture(scope="module")
def ours() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def others() -> Authority:
    return Authority()


def test_certificates_that_can_not_be_right_are_said(
    ours: Authority, others: Authority, tmp_path: Path
) -> None:
    good, foreign = ours.files(tmp_path / "good"), others.files(tmp_path / "foreign")
    over, early = ours.files(tmp_path / "over", (-3, -1)), ours.files(tmp_path / "early", (1, 3))
    (tmp_path / "text").write_text("no certificate")
    assert faults(good) == []

    def wrong(said: Said, **otherwise: Any) -> str:
        (why,) = faults(said.model_copy(update=otherwise))
        assert told(why) == why
        return why

    assert "over/certificate: ended on 20" in wrong(over) and "; make a new one" in wrong(over)
    assert "early/certificate: begins on 20" in wrong(early)
    assert wrong(good, ca=foreign.ca).endswith("certificate: is not signed by the authority of engine.ca")
    assert wrong(good, key=foreign.key).endswith("foreign/key: is not the key of engine.certificate")
    assert wrong(good, key=good.ca).endswith("good/ca: is no private key in PEM")
    for name in ("ca", "certificate"):
        assert wrong(good, **{name: tmp_path / "text"}) == (
            f"engine.{name} names {tmp_path / 'text'}: is no certificate in PEM"
        )
    unread = "there is no such file, or it can't be read"
    assert wrong(good, key=tmp_path) == f"engine.key names {tmp_path}: {unread}"


def test_preflight_says_what_ends_soon(ours: Authority, tmp_path: Path) -> None:
    config: Any = SimpleNamespace(base=tmp_path, lines=SimpleNamespace(name="drift.yaml"))

    def told(said: Said) -> list[tuple[str, str]]:
        return [(one.what, one.status) for one in places._certificates(config, said)]

    well = [(f"engine.{name}", "well") for name in ("ca", "certificate", "key")]
    long, soon = ours.files(tmp_path / "long", (-1, 99)), ours.files(tmp_path / "soon", (-1, 5))
    over = ours.files(tmp_path / "over", (-3, -1))
    assert told(long) == well
    assert told(soon) == [*well, ("engine.certificate", "note")]
    assert told(over)[1] == ("engine.certificate", "stops")
    assert told(long.model_copy(update={"dask": "tcp://10.0.0.1:1"})) == [("engine.dask", "stops")]


@contextlib.contextmanager
def shown(said: Said, trusted: Path | None = None) -> Iterator[str]:
    """The address of what shows a certificate, and takes those of an authority alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(said.certificate), str(said.key))
    context.load_verify_locations(str(trusted or said.ca))
    context.verify_mode = ssl.CERT_REQUIRED

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = listener.accept()
                with contextlib.suppress(OSError), context.wrap_socket(accepted, server_side=True) as one:
                    one.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield f"tls://127.0.0.1:{listener.getsockname()[1]}"


def test_a_scheduler_whose_certificate_is_not_good_is_left(
    ours: Authority, others: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 2)
    mine, foreign = ours.files(tmp_path / "mine"), others.files(tmp_path / "foreign")
    over = ours.files(tmp_path / "over", (-3, -1))

    def complaint(scheduler: Said, trusted: Path | None = None) -> str:
        with shown(scheduler, trusted) as address, pytest.raises(DriftError) as refused:
            Dask(mine.model_copy(update={"dask": address}))
        return str(refused.value)

    for scheduler, why in ((foreign, "certificate signature failure"), (over, "certificate has expired")):
        said = complaint(scheduler)
        assert f"the scheduler's certificate is not good by the authority of engine.ca: {why}" in said
    assert "the scheduler refuses what engine.certificate shows" in complaint(mine, foreign.ca)


VERSIONS = {
    "driftline": __version__,
    "python": "3.11.7.final.0",
    "dask": "2026.8.0",
    "distributed": "2026.8.0",
}


def test_workers_and_a_scheduler_of_other_versions_are_named() -> None:
    client = SimpleNamespace(status="running", nthreads=lambda: {"tls://a:1": 4, "tls://b:1": 4})
    told: dict[str, Any] = {
        "client": {"packages": VERSIONS},
        "scheduler": {"packages": {**VERSIONS, "driftline": None}},  # which needs none
        "workers": {name: {"packages": dict(VERSIONS)} for name in ("tls://a:1", "tls://b:1")},
    }
    asked: list[int] = []
    client.get_versions = lambda **_: asked.append(1) or told
    crew = Dask.__new__(Dask)
    crew._client, crew._known, crew._alike, crew._flying = client, [], frozenset(), {}
    crew._look()
    crew._look()
    assert asked == [1] and crew._known == ["tls://a:1", "tls://b:1"]
    told = copy.deepcopy(told)
    told["workers"]["tls://b:1"]["packages"] |= {"driftline": "0.0.9", "python": "3.12.1.final.0"}
    told["workers"]["tls://c:1"] = {"packages": {**VERSIONS, "driftline": None}}
    told["scheduler"]["packages"]["distributed"] = "2025.3.0"
    client.nthreads = lambda: dict.fromkeys(told["workers"], 4)
    with pytest.raises(DriftError) as refused:
        crew._look()
    assert str(refused.value) == (
        "engine: install the same everywhere: "
        f"the worker tls://b:1 has Python 3.12, drift 0.0.9 where Python 3.11, drift {__version__} is here; "
        f"the worker tls://c:1 has drift none where drift {__version__} is here; "
        "the scheduler has distributed 2025.3.0 where distributed 2026.8.0 is here"
    )


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("key", "has another redaction key, or none: give all the same DRIFT_REDACTION_KEY"),
        ("version", "is another version of drift: install the same everywhere"),
        ("folder", r"does not reach what `engine\.shared` names: mount the folder there"),
        ("lacking", r"has not the packages that drift\.yaml needs \(its log says which\)"),
    ],
)
def test_a_worker_that_can_not_work_ends_the_run_by_its_name(ending: Ending, why: str) -> None:
    class One:
        at_once = 1

        def members(self) -> list[str]:
            return ["tls://a:1"]

        def give(self, member: str, call: Call) -> None:
            self.call = call

        def ended(self, seconds: float) -> Ended | None:
            return Ended(self.call, "tls://a:1", ending)

        def close(self) -> None: ...

    def call(*said: Any) -> Call:
        return Call("run", "/nowhere", "key", "1", *said)

    with pytest.raises(DriftError, match=rf"^engine: the worker tls://a:1 {why}"):
        list(Crew(One(), call).work("read", [0], Deadline()))


def test_a_worker_knows_what_it_can_not_work_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRIFT_REDACTION_KEY", KEY)
    call = Call("run", str(tmp_path), Redactor(KEY).key_id, __version__, "read", 0, 1, None, 1.0)
    assert answer(call) == "folder"  # it is there, and no run is under way in it
    shelf = Shelf(Folder(tmp_path), "run", KEY.encode())
    shelf.put(ALIVE, [1])
    module = ModuleType("a_plugin_of_others")
    module.Settings = type("Settings", (), {"__module__": module.__name__})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    shelf.put(SETTING, [module.Settings()])
    monkeypatch.delitem(sys.modules, module.__name__)
    assert answer(call) == "lacking"
    assert "ModuleNotFoundError: No module named 'a_plugin_of_others'" in capfd.readouterr().err
    monkeypatch.setenv("DRIFT_REDACTION_KEY", "another")
    assert answer(call) == "key"
    monkeypatch.delenv("DRIFT_REDACTION_KEY")
    assert answer(call) == "key"


def test_why_a_worker_failed_stands_in_the_ledger(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    crew = Inline(None)  # type: ignore[arg-type]
    monkeypatch.setattr(engine, "_engine", lambda *_: crew)

    def lacking(name: str) -> Any:
        raise DriftError(f"the provider {name!r} can't be loaded: pip install 'driftline[{name}]'")

    there = SimpleNamespace(provider=lacking, providers=plugins.providers)
    monkeypatch.setattr("drift.engine.member.plugins", there)
    result = estate.run(SAID).scan()
    assert result.exit_code == 1
    said = "the worker thread failed at it: the provider 'kubernetes' can't be loaded: pip install"
    assert all(said in row["message"] for row in result.report["coverage"])
