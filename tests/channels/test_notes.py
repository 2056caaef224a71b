"""Notes and metrics over HTTP, against real servers on loopback: signed, bounded, tried again, never with a
secret in what is said of them."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from channels import apprise, pushgateway, webhook
from channels.webhook import signature
from drift import plugins
from drift.channel import ChannelError, Message
from drift.config.model import parse
from drift.deadline import Deadline
from drift.deliver import note as notes
from drift.deliver.post import Post
from drift.errors import ConfigError
from drift.renderer import Letter
from drift.report import metrics
from reports.glance import Glance
from reports.markdown import note
from tests import conftest, ports
from tests.deliver.test_post import report
from tests.reports.sample import FINDINGS

MESSAGE = Message("id-1.notify.0", "1 new · prod", "- **high** `a`", document={"schema": "drift-note/1"})


class Web:
    """A server that keeps what it is sent, and answers as it is told, 200 else."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.url = ""


@contextmanager
def serving() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            web.requests.append((self.path, headers, self.rfile.read(length)))
            status, body = web.answers.pop(0) if web.answers else (200, b"")
            self.send_response(status)
            self.send_header("Location", f"{web.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with conftest.serving(Handler) as web.url:
        yield web


@pytest.fixture(scope="module")
def _web() -> Iterator[Web]:
    with serving() as web:
        yield web


@pytest.fixture
def web(_web: Web) -> Web:
    _web.requests, _web.answers = [], []
    return _web


# A webhook


def hook(web: Web, **settings: Any) -> None:
    given = webhook.Settings.model_validate({"url": f"{web.url}/in?key=hunter2", **settings})
    webhook.WebhookChannel().send(MESSAGE, given, Deadline())


def test_a_webhook_is_signed(web: Web, tmp_path: Path) -> None:
    hook(web, secret="s3cret", headers={"X-Team": "platform"})
    ((path, headers, body),) = web.requests
    assert path == "/in?key=hunter2"
    assert json.loads(body) == {"id": "id-1.notify.0", "subject": "1 new · prod", "schema": "drift-note/1"}
    moment = headers["x-drift-timestamp"]
    assert abs(time.time() - int(moment)) < 600
    assert headers["x-drift-signature"] == "v1=" + signature("s3cret", moment, body)
    assert (headers["x-drift-id"], headers["x-team"]) == ("id-1.notify.0", "platform")
    (tmp_path / "key").write_text("s3cret\n")
    hook(web, secret_file=tmp_path / "key")
    _, headers, body = web.requests[-1]
    assert headers["x-drift-signature"] == "v1=" + signature("s3cret", headers["x-drift-timestamp"], body)
    hook(web)
    assert "x-drift-signature" not in web.requests[-1][1]


@pytest.mark.parametrize(
    ("status", "temporary"), [(500, True), (429, True), (400, False), (302, False), (404, False)]
)
def test_an_answer_that_is_none_is_told_without_the_address(web: Web, status: int, temporary: bool) -> None:
    web.answers = [(status, b"why not")]
    with pytest.raises(ChannelError, match=f"127.0.0.1:\\d+: {status} why not") as said:
        hook(web)
    assert said.value.temporary is temporary
    assert "hunter2" not in str(said.value)
    assert len(web.requests) == 1


def test_a_webhook_that_is_not_there_is_told_without_the_address() -> None:
    absent = Web()
    absent.url = f"http://127.0.0.1:{ports.free()}"
    with pytest.raises(ChannelError, match="can't be reached") as said:
        hook(absent)
    assert said.value.temporary
    assert "hunter2" not in str(said.value)


@pytest.mark.parametrize("given", [{"url": "file:///etc/passwd"}, {"headers": {"X-A": "b\r\nX-C: d"}}])
def test_settings_of_a_webhook_that_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        webhook.Settings.model_validate({"url": "https://acme.example/", **given})


# Apprise


def test_apprise_sends_one_message_to_each_place_and_tells_who_did_not_take_it(web: Web) -> None:
    host = web.url.removeprefix("http://")
    urls = [f"json://{host}/one", f"json://{host}/two"]
    channel, settings = apprise.AppriseChannel(), apprise.Settings.model_validate({"urls": urls})
    assert channel.send(MESSAGE, settings, Deadline()) == {}
    assert [path for path, _, _ in web.requests] == ["/one", "/two"]
    assert json.loads(web.requests[0][2])["title"] == "1 new · prod"
    web.answers = [(500, b"")]
    refused = channel.send(MESSAGE, settings, Deadline())
    assert list(refused) == ["0"]
    assert "500" in refused["0"]
    again = Message(MESSAGE.id, MESSAGE.subject, MESSAGE.text, recipients=("0",))
    assert channel.send(again, settings, Deadline()) == {}
    assert web.requests[-1][0] == "/one"
    web.answers = [(500, b""), (500, b"")]
    with pytest.raises(ChannelError, match=r"urls.0 .*urls.1"):
        channel.send(MESSAGE, settings, Deadline())


def test_an_address_that_apprise_does_not_know_is_told_without_it() -> None:
    settings = apprise.Settings.model_validate({"urls": ["nowhere://hunter2"]})
    with pytest.raises(ChannelError, match="urls.0: is no address that Apprise knows") as said:
        apprise.AppriseChannel().send(MESSAGE, settings, Deadline())
    assert "hunter2" not in str(said.value)


def test_a_note_says_what_is_new_within_what_chats_take() -> None:
    text = note(Glance(report()), Letter())
    assert "`api-public`" in text
    assert "thumbnailer" not in text
    many = [{**FINDINGS[0], "status": "new", "name": "n" * 90, "severity_reason": "w" * 200}] * 500
    text = note(Glance(report(many)), Letter())
    assert len(text) <= 1_800


# Told by a run


def test_a_run_is_told_and_what_could_not_be_waits(web: Web, tmp_path: Path) -> None:
    text = (
        f"version: 1\nnotify:\n  - via: {{webhook: {{url: '{web.url}/in'}}}}\n"
        f"  - via: {{pushgateway: {{url: '{web.url}'}}}}\n"
    )
    told: list[str] = []
    post = Post(parse(text, "drift.yaml", Path(), None, {}), tmp_path, notify=True, tell=told.append)
    web.answers = [(400, b"no")]
    post.run(report())
    assert [path for path, _, _ in web.requests] == ["/in", "/metrics/job/drift/environment/production"]
    assert told[0].endswith("waits in " + str(tmp_path / "outbox") + " for the next run")
    post.run(report([one for one in FINDINGS if one["status"] == "recurring"]))
    assert [path for path, _, _ in web.requests[2:]] == ["/in", "/metrics/job/drift/environment/production"]
    document = json.loads(web.requests[2][2])
    assert document["schema"] == "drift-note/1"
    assert document["subject"].startswith("4 new, 1 came back, 2 critical")
    assert document["new"][0] | {"links": None} == {
        "id": FINDINGS[0]["id"],
        "kind": "changed",
        "provider": "aws",
        "scope": "111122223333",
        "region": "eu-west-1",
        "type": "AWS::EC2::SecurityGroup",
        "resource_id": FINDINGS[0]["resource_id"],
        "name": "api-public",
        "severity": "critical",
        "owner": "payments",
        "status": "new",
        "attribution": FINDINGS[0]["attribution"],
        "file": "stacks/prod/network.tf",
        "line": 118,
        "links": None,
    }
    post.failed("no credentials")
    assert json.loads(web.requests[-1][2])["error"] == "no credentials"


def test_a_mail_channel_carries_no_note() -> None:
    text = "version: 1\nnotify: [{via: {smtp: {host: x}}}]"
    with pytest.raises(ConfigError, match="notify.0.via.smtp: this channel carries no note"):
        parse(text, "drift.yaml", Path(), None, {})


# Metrics


TOOK = {"since": "2025-11-20T06:00:00Z", "resolved_at": "2025-11-23T06:00:00Z", "resolution": "restored"}


def samples(text: str) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in one.labels.items() if k != "environment")
            found[f"{one.name}{{{labels}}}"] = one.value
    return found


def test_metrics_are_what_the_report_says(tmp_path: Path) -> None:
    document = report()
    document["resolved"] = [{"id": "f-1", **TOOK}, {"id": "f-2", **TOOK, "resolution": "accepted"}]
    file = metrics.write(document, tmp_path / "drift.prom")
    told = samples(file.read_text())
    assert told["drift_findings{kind=changed,provider=aws,severity=critical}"] == 1
    assert told["drift_findings{kind=missing,provider=aws,severity=info}"] == 0
    assert told["drift_findings_status{status=new}"] == 4
    assert told["drift_cells{status=checked}"] == 61
    assert told["drift_cells{status=denied}"] == 0
    assert told["drift_time_to_restore_seconds_sum{}"] == 3 * 86_400
    assert told["drift_time_to_restore_seconds{quantile=0.9}"] == 3 * 86_400
    assert told["drift_last_success_timestamp_seconds{}"] == told["drift_last_run_timestamp_seconds{}"]


def test_a_run_that_was_not_whole_leaves_the_last_success_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "drift.prom"
    metrics.write(report(whole=False), file)
    assert "last_success" not in file.read_text()
    metrics.write(report(finished_at="2025-11-20T00:00:00Z"), file)
    metrics.write(report(whole=False), file)
    told = samples(file.read_text())
    assert told["drift_last_success_timestamp_seconds{}"] == 1763596800
    assert told["drift_last_run_timestamp_seconds{}"] > told["drift_last_success_timestamp_seconds{}"]
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool")
def test_promtool_accepts_metrics_and_alerts(tmp_path: Path) -> None:
    text = metrics.write(report(), tmp_path / "drift.prom").read_bytes()
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")
    folder = Path(__file__).parents[2] / "docs" / "monitoring"
    for arguments in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]):
        done = subprocess.run(
            ["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    folder = Path(__file__).parents[2] / "docs" / "monitoring"
    out = io.BytesIO()
    plugins.renderer("prometheus").render({**report(), "resolved": [TOOK]}, out)
    there = {one.partition("{")[0] for one in samples(out.getvalue().decode())}
    asked = set(re.findall(r"\bdrift_\w+", (folder / "dashboard.json").read_text()))
    asked |= set(re.findall(r"\bdrift_\w+", (folder / "alerts.yaml").read_text()))
    assert asked
    assert asked <= there
    assert json.loads((folder / "dashboard.json").read_text())["panels"]


@pytest.mark.skipif(shutil.which("prometheus-pushgateway") is None, reason="there is no Pushgateway")
def test_a_real_pushgateway_keeps_the_last_success(tmp_path: Path) -> None:
    port = ports.free()
    server = subprocess.Popen(
        ["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _ready(f"{url}/-/ready")
        settings = pushgateway.Settings(url=url)
        channel = pushgateway.PushgatewayChannel()
        for document, environment in (
            (report(finished_at="2025-11-20T00:00:00Z"), "prod/eu"),
            (report(whole=False), "prod/eu"),
        ):
            document["run"]["environment"] = environment
            channel.send(notes.of_metrics(document, "notify.0"), settings, Deadline())
        with urllib.request.urlopen(f"{url}/metrics") as answer:  # noqa: S310 - loopback
            told = answer.read().decode()
    finally:
        server.terminate()
        server.wait(60)
    (line,) = [one for one in told.splitlines() if one.startswith("drift_last_success_timestamp_seconds{")]
    assert 'environment="prod/eu"' in line
    assert float(line.split()[-1]) == 1763596800


def _ready(url: str) -> None:
    clock = Deadline(120)
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60):  # noqa: S310 - loopback
                return
        except OSError:
            clock.sleep(0.1)
