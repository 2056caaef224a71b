"""Runs in object stores: whole or not there, sent again by a later run where that failed, and read back."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drift import objects
from drift.config.model import parse
from drift.deadline import Deadline
from drift.depot import Bucket as InStore
from drift.depot import Folder, Gone, at
from drift.errors import ConfigError, DriftError
from drift.loopback import Answer, Request
from drift.objects import Store, StoreError
from drift.report import runs, stored
from drift.report.stored import Sending
from tests.buckets import Bucket, place
from tests.conftest import Drift, client
from tests.forked_aws import moto
from tests.rules.support import queue, write

ID, OLDER, OLDEST = (f"202603{day:02}T030405Z-1a2b3c" for day in (3, 2, 1))


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with moto() as url:
        client(url, "s3", "eu-west-1").create_bucket(
            Bucket="rep", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield url


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    made = Bucket()
    yield made
    made.server.close()


@pytest.fixture
def azure(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    stored.fetched.cache_clear()
    return place("az", monkeypatch, tmp_path, "", bucket)


def run(base: Path, id_: str = ID) -> Path:
    """A folder of a run."""
    write(
        base / id_,
        {
            "report.json": json.dumps({"schema": "drift-report/1", "run": {"id": id_}}),
            "report.html": f"<p>{id_}</p>",
            "evidence.jsonl.zst": "e",
            ".report.json.x1": "half",
        },
    )
    return base / id_


@pytest.mark.parametrize("kind", ["s3", "gs", "az", "abfss", "file"])
def test_a_run_is_sent_and_read_back(
    kind: str, aws: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = place(kind, monkeypatch, tmp_path, aws, bucket)
    stored.fetched.cache_clear()
    told: list[str] = []
    sending = Sending(Store(url), tmp_path / "outbox", told.append)
    for id_ in (OLDER, ID):
        assert sending.run(run(tmp_path / "runs", id_), id_) == ""
    assert told == [f"wrote {url}/{OLDER}", f"wrote {url}/{ID}"]
    assert not list((tmp_path / "outbox").iterdir())
    for said, id_ in ((f"{url}/latest", ID), (f"{url}/{OLDER}", OLDER), (f"{url}/{ID}/report.json", ID)):
        found = Path(stored.here(said))
        assert runs.find(str(found))["run"]["id"] == id_
        names = {one.name for one in found.parent.iterdir()}
        assert names == {"report.json", "report.html", "evidence.jsonl.zst"}
        assert (found.parent / "report.html").read_text() == f"<p>{id_}</p>"
    assert stored.here("latest") == "latest"


@pytest.mark.parametrize("kind", ["s3", "gs", "az"])
@pytest.mark.parametrize("dated", [False, True])
def test_a_page_to_sign_in_is_no_empty_store(
    kind: str, dated: bool, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, head = (
        b"<!DOCTYPE html><html><body><p>Please sign in</p></body></html>",
        {"Content-Type": "text/html"},
    )
    if dated:
        head |= {"Last-Modified": "Mon, 02 Mar 2026 03:04:05 GMT", "ETag": '"1"'}
    bucket.server.answer = lambda _: Answer(200, page, head)
    there = Store(place(kind, monkeypatch, tmp_path, bucket.server.url, bucket), Deadline(30))
    for ask in (there.listed, there.every, there.every):
        with pytest.raises(StoreError, match="is no object store|invalid list"):
            ask()


@pytest.mark.parametrize("kind", ["s3", "gs", "az"])
def test_an_empty_store_is_one(
    kind: str, aws: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Store(f"{place(kind, monkeypatch, tmp_path, aws, bucket)}/nothing-there", Deadline(30))
    assert (there.listed(), there.every()) == (([], []), {})


@pytest.mark.parametrize("kind", ["folder", "file", "s3", "gs", "az"])
def test_a_place_keeps_files(
    kind: str, aws: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = str(tmp_path) if kind == "folder" else place(kind, monkeypatch, tmp_path, aws, bucket)
    (tmp_path / "store").mkdir()
    above = at(said)
    assert isinstance(above, Folder if kind in ("folder", "file") else InStore)
    one = above.below("one")
    one.make()
    inner = at(one.shown).below("inner")  # as another machine comes to it
    inner.make(again=True)
    for where, name in ((one, "a"), (one, "b"), (inner, "c")):
        with where.put(name) as file:
            file.write(name.encode() * 3)
    with one.get("a") as file:
        assert file.read() == b"aaa"
    assert sorted(one.names()) == ["a", "b"] and one.folders() == ["inner"] and "one" in above.folders()
    last = one.changed()
    assert last is not None and abs(one.moment("a") - last) < 600 and abs(last - time.time()) < 600
    one.remove(["a", "not-there"])
    assert one.names() == ["b"]
    for ask in (lambda: one.get("a"), lambda: one.moment("a")):
        with pytest.raises(Gone, match=r"/one/a: "):
            ask()
    one.clear()
    assert one.changed() is None and "one" not in above.folders()


def test_nothing_of_reports_is_ever_deleted_in_a_store() -> None:
    """Whoever takes objects away does so by what machines of one run hand to each other."""
    core = Path(objects.__file__).parent
    speaking = {one.name for one in core.rglob("*.py") if "import obstore" in one.read_text()}
    assert speaking == {"objects.py"}
    removing = re.compile(r"[sS]tore\.remove\(|obstore\.(delete|rename)\(")
    taking = {one.name for one in core.rglob("*.py") if removing.search(one.read_text())}
    assert taking == {"objects.py", "depot.py"}


def test_the_report_comes_last(azure: str, bucket: Bucket, tmp_path: Path) -> None:
    Sending(Store(azure), tmp_path / "outbox").run(run(tmp_path), ID)
    assert [name.rpartition("/")[2] for name in bucket.puts] == [
        "evidence.jsonl.zst",
        "report.html",
        "report.json",
    ]


def test_what_was_not_sent_waits_and_is_sent_by_the_next_run(
    azure: str, bucket: Bucket, tmp_path: Path
) -> None:
    told: list[str] = []
    sending = Sending(Store(azure), tmp_path / "outbox", told.append)
    bucket.refused = ("report.json",)
    why = sending.run(run(tmp_path, OLDER), OLDER)
    assert why == (
        f"{azure}/{OLDER}/report.json: 403 Forbidden: AccessDenied: You may not.; "
        f"it waits in {tmp_path / 'outbox'} for the next run"
    )
    with pytest.raises(DriftError, match="there is no run yet"):
        stored.here(f"{azure}/latest")
    assert sending.waiting() == {OLDER}
    far = datetime(2027, 1, 1, tzinfo=UTC)
    assert runs.retire(tmp_path, far, seconds=1, but=sending.waiting()) == (0, [])
    bucket.refused = ()
    assert sending.run(run(tmp_path), ID) == ""
    assert told == [f"wrote {azure}/{ID}", f"wrote {azure}/{OLDER}"]
    assert sending.waiting() == frozenset()
    assert runs.retire(tmp_path, far, seconds=1, but=sending.waiting()) == (2, [])


def test_one_that_can_never_be_sent_holds_up_no_other(
    azure: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = Sending(Store(azure), tmp_path / "outbox")
    bucket.refused = (f"{OLDER}/report.html", f"{OLDEST}/report.json")
    assert sending.run(run(tmp_path, OLDEST), OLDEST)
    assert sending.run(run(tmp_path, OLDER), OLDER)
    assert sending.waiting() == {OLDER, OLDEST}
    bucket.refused = (f"{OLDEST}/report.json",)
    why = sending.run(run(tmp_path), ID)
    assert why.startswith(f"{azure}/{OLDEST}/report.json: 403") and why.endswith("still")
    assert sending.waiting() == {OLDEST}
    bucket.refused = ()
    monkeypatch.setattr(stored, "WAITED_SECONDS", -1.0)
    assert sending.run(tmp_path / ID, ID) == "" and sending.waiting() == {OLDEST}


def test_what_can_not_be_noted_is_sent_all_the_same(azure: str, bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("no folder")
    sending = Sending(Store(azure), tmp_path / "outbox")
    assert sending.run(run(tmp_path), ID) == ""
    assert len(bucket.puts) == 3
    bucket.refused = ("json",)
    assert "and the next run will not know of it" in sending.run(tmp_path / ID, ID)


def test_a_run_that_is_ended_while_it_is_sent_is_sent_by_the_next(
    azure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    sending = Sending(Store(azure), tmp_path / "outbox")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(stored, "send", ended)
        sending.run(run(tmp_path, OLDER), OLDER)
    assert sending.waiting() == {OLDER}
    assert sending.run(run(tmp_path), ID) == "" and sending.waiting() == frozenset()


def test_what_waits_and_is_there_no_more_is_said(azure: str, tmp_path: Path) -> None:
    told: list[str] = []
    sending = Sending(Store(azure), tmp_path / "outbox", told.append)
    write(sending.outbox, {f"{OLDER}.upload": str(tmp_path / OLDER)})
    assert sending.run(run(tmp_path), ID) == ""
    assert told[1] == f"never sent: {OLDER}: {tmp_path / OLDER} is there no more"
    assert sending.waiting() == frozenset()


def test_nothing_is_sent_once_the_time_is_over(azure: str, bucket: Bucket, tmp_path: Path) -> None:
    clock = Deadline()
    clock.stop("SIGTERM")
    why = Sending(Store(azure, clock), tmp_path / "outbox").run(run(tmp_path), ID)
    assert "stopped by SIGTERM" in why and bucket.puts == []


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = place("s3", monkeypatch, tmp_path, "http://127.0.0.1:9", Bucket())
    monkeypatch.setattr(objects, "TRIES", 1)
    with pytest.raises(StoreError, match=r"^s3://rep/[^ ]*: .*error sending request$"):
        Store(url).listed("a")


def test_an_endpoint_that_is_no_url_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = place("s3", monkeypatch, tmp_path, "", Bucket())
    with pytest.raises(StoreError, match=r"is each endpoint that the environment names a URL\?"):
        Store(url).listed()


def test_a_call_that_never_ends_is_left(azure: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "LONGEST", 0.05)
    answer = bucket.server.answer
    gone = Deadline()

    def slow(request: Request) -> Answer:
        gone.sleep(0.6)
        return answer(request)

    bucket.server.answer = slow
    with pytest.raises(StoreError, match=r"did not end within 0\.05 seconds"):
        Store(azure).listed("a")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://acme/drift", "is no object store; write s3://BUCKET/FOLDER"),
        ("s3:///drift", "is no object store"),
        ("/", "is no object store"),
        ("s3://KEY:SECRET@acme/drift", "a login is no part of the URL"),
        ("az://acme/drift?sig=SECRET", "a login is no part of the URL"),
    ],
)
def test_what_is_no_store_is_refused_with_its_line(url: str, why: str) -> None:
    with pytest.raises(ConfigError, match=r"^drift\.yaml:3: output\.store: ") as refused:
        parse(f"version: 1\noutput:\n  store: {url}\n", "drift.yaml", Path(), None, {})
    assert why in str(refused.value) and "SECRET" not in str(refused.value)


def test_the_folder_of_runs_is_no_url() -> None:
    with pytest.raises(ConfigError, match=r"output\.directory: .*write `output: \{store"):
        parse("version: 1\noutput: {directory: 's3://a/b'}\n", "drift.yaml", Path(), None, {})


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "find_spec", {}.get)
    with pytest.raises(ConfigError, match=r"install driftline\[objects\]"):
        Store("s3://acme/drift")


@pytest.mark.parametrize("url", ["s3://acme", "s3://acme/drift/yesterday"])
def test_a_url_that_names_no_run_is_refused(url: str) -> None:
    with pytest.raises(DriftError, match="names no run; write URL/ID or URL/latest"):
        stored.here(url)


def test_a_scan_goes_to_the_store_and_is_explained_from_there(drift: Drift, tmp_path: Path) -> None:
    """And where the store can't be written, the report is on this machine, and the exit code says it."""
    store = tmp_path / "store"
    files = {"base/q.yaml": [queue("a", DelaySeconds=1)], "live.yaml": [queue("a", DelaySeconds=9)]}
    text = "version: 1\ndeclared: [{path: base}]\noutput: {store: store, formats: []}\n"
    write(tmp_path, {**files, "drift.yaml": text})
    scan = ("scan", "--live", "live.yaml", "--no-history", "--no-blame", "-q")
    done = drift(*scan, "--exit-zero")
    assert done.code == 0, done.stderr
    (id_,) = (one.name for one in store.iterdir())
    assert f"wrote file://{store}/{id_}" in done.stderr
    url = f"file://{store}/latest"
    told = drift("explain", "a", "--run", url)
    assert told.code == 0 and "/DelaySeconds" in told.stdout
    assert json.loads(drift("report", url, "-f", "json").stdout)["run"]["id"] == id_
    looked = json.loads(drift("preflight", "-f", "json").stdout)
    assert [one["status"] for one in looked["checks"] if one["what"] == "output.store"] == ["well"]
    write(tmp_path, {"drift.yaml": text.replace("store: store", "store: 's3://acme/drift'")})
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    refused = drift(*scan, "--exit-zero", env=keys)
    assert refused.code == 3, refused.stderr
    assert "not sent: s3://acme/drift/" in refused.stderr and "it waits in runs/outbox" in refused.stderr
    assert len(list((tmp_path / "runs").glob("*/report.json"))) == 2
    assert drift(*scan, "-o", "s3://acme/drift").code == 1
