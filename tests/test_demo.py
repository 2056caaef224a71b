"""`drift demo`, run once as a user would: what it leaves, what it finds, and that nothing secret gets out."""

from __future__ import annotations

import base64
import email
import email.policy
import gzip
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
import zstandard

from drift.cli import demo
from drift.demo import Night
from drift.errors import DriftError

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("moto") is None, reason="moto, of the extra `demo`, is missing"
    ),
    pytest.mark.long,
]


#: What of a user's machine must have no say in a demo.
HOSTILE = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PROFILE": "of-another-company",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "GIT_DIR": "/nowhere",
}


def drift(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a folder, with no cloud to go to."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "drift", *arguments],
        cwd=folder,
        env={**env, **HOSTILE, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Ran:
    folder: Path
    said: str
    report: dict[str, Any]

    @property
    def demo(self) -> Path:
        return self.folder / "demo"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("demo")
    done = drift("demo", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed" not in done.stderr
    report = orjson.loads((folder / "demo" / "report" / "report.json").read_bytes())
    return Ran(folder, done.stdout, report)


@pytest.fixture(scope="module")
def evening(ran: Ran) -> dict[str, Any]:
    """The report of the estate before anybody touched it."""
    report: dict[str, Any] = orjson.loads((ran.demo / demo.EVENING / "report.json").read_bytes())
    return report


def test_the_estate_is_of_size(ran: Ran) -> None:
    built = {
        cloud: (int(resources), int(types))
        for cloud, resources, types in re.findall(
            r"^Building the estate in (\w+)\b.* … (\d+) resources of (\d+) types", ran.said, re.M
        )
    }
    for cloud, resources, types in (("AWS", 60, 25), ("Kubernetes", 40, 15)):
        assert built[cloud][0] >= resources
        assert built[cloud][1] >= types
    live = yaml.safe_load((ran.demo / demo.CONFIG).read_text(encoding="utf-8"))["live"]["aws"]
    assert len(live["accounts"]) == 2
    assert len(live["regions"]) == 2


#: A project that is about to be deleted, as there are in real organizations: it is listed and not read.
UNREAD = ("gcp", "larkspur-old")


def test_untouched_is_in_sync(evening: dict[str, Any]) -> None:
    told = [(one["kind"], one["type"], one["name"], one["changes"]) for one in evening["findings"]]
    assert told == []
    assert evening["problems"] == []
    unread = [row for row in evening["coverage"] if row["status"] != "checked"]
    unread = [row for row in unread if (row["provider"], row["scope"]) != UNREAD]
    assert [row for row in unread if not row["type"].endswith("/Event")] == []
    assert evening["run"]["exit_code"] == 0


def test_everything_declared_is_judged(evening: dict[str, Any]) -> None:
    """Unverifiable is at most what a cloud never gives back, or what Terraform says and nobody reads."""
    left = [
        one
        for one in evening["unverifiable"]
        if one["provider"] in ("aws", "kubernetes") and "write-only" not in one["reason"]
    ]
    assert {(one["type"], one["path"]) for one in left} <= {
        ("AWS::EC2::Instance", "/ebs_block_device/tags"),
        ("AWS::EC2::Instance", "/root_block_device/tags"),
        ("AWS::Lambda::Function", "/filename"),
        ("AWS::RDS::DBInstance", "/password"),
        ("aws_secretsmanager_secret_version", ""),
    }


def test_finds_exactly_what_the_night_did(ran: Ran) -> None:
    from providers.aws.demo.night import NIGHT

    left = [one for one in ran.report["findings"] if one["provider"] == "aws"]
    for expected in (found for change in NIGHT for found in change.found):
        fitting = [
            one
            for one in left
            if (one["kind"], one["type"]) == (expected.kind, expected.type)
            and any(expected.resource in text for text in names(one))
        ]
        assert len(fitting) == 1, expected
        left.remove(fitting[0])
        assert [change["path"] for change in fitting[0]["changes"]] == sorted(expected.paths), expected
    assert [(one["kind"], one["type"], one["name"]) for one in left] == []
    assert ran.report["problems"] == []


@pytest.mark.parametrize("provider", ["aws", "azure", "gcp"])
def test_the_clouds_logs_say_who_did_each_of_it(ran: Ran, provider: str) -> None:
    changes = importlib.import_module(f"providers.{provider}.demo.night").NIGHT
    findings = [one for one in ran.report["findings"] if one["provider"] == provider]
    assert findings
    for one in findings:
        by = one["attribution"]
        did = [
            change
            for change in changes
            if night(ran).at(change.clock) == by["time"] and by["actor"].endswith(change.by)
        ]
        assert did and by["certain"] and by["kind"] == "person", one["name"]
        assert one["kind"] in {found.kind for change in did for found in change.found}


def night(ran: Ran) -> Night:
    return Night.last(datetime.fromisoformat(ran.report["run"]["started_at"]))


def test_each_run_is_of_its_own_night(ran: Ran) -> None:
    told = [
        orjson.loads((ran.demo / place / "report.json").read_bytes())
        for place in (demo.EVENING, demo.REPORT, demo.SECOND)
    ]
    moments = [datetime.fromisoformat(one["run"]["started_at"]) for one in told]
    assert [(one.hour, one.date() - moments[0].date()) for one in moments] == [
        (19, timedelta(0)),
        (6, timedelta(days=1)),
        (6, timedelta(days=2)),
    ]
    assert moments[2] <= datetime.now(UTC)
    assert 86_340 < told[2]["measures"]["time_to_restore"]["median"] < 86_460


def test_finds_exactly_what_the_night_did_to_the_cluster_and_who(ran: Ran) -> None:

    from providers.kubernetes.demo.night import NIGHT

    found = {}
    for one in ran.report["findings"]:
        if one["provider"] == "kubernetes":
            by = one["attribution"] or {"actor": None, "time": None}
            paths = tuple(change["path"] for change in one["changes"])
            found[one["type"], one["resource_id"]] = (one["kind"], paths, by["actor"], by["time"])
    over = night(ran)
    assert found == {
        (one.type, one.resource): (
            one.kind,
            one.paths,
            one.actor,
            over.at(change.clock) if one.actor else None,
        )
        for change in NIGHT
        for one in change.found
    }


def names(finding: dict[str, Any]) -> list[str]:
    declared = finding["declared_at"] or {}
    return [text for text in (finding["resource_id"], finding["name"], declared.get("address")) if text]


def test_what_is_worst_comes_first_and_has_an_owner(ran: Ran) -> None:
    findings = ran.report["findings"]
    assert findings[0]["severity"] == "critical"
    assert {one["owner"] for one in findings} >= {"web@larkspur.example", "data@larkspur.example"}
    opened = next(one for one in findings if one["type"] == "AWS::EC2::SecurityGroup")
    assert opened["severity"] == "critical"


def test_declared_in_a_real_repository(ran: Ran) -> None:
    log = subprocess.run(
        ["git", "log", "--format=%H %an"],
        cwd=ran.demo / "infrastructure",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split(maxsplit=1)
    assert log[1].strip() == "drift demo"
    assert {source["commit"] for source in ran.report["run"]["declared"]} == {log[0]}


def test_tells_what_it_does_and_where_everything_is(ran: Ran) -> None:
    from providers.aws.demo.night import NIGHT
    from providers.kubernetes.demo.night import NIGHT as IN_THE_CLUSTER

    assert all(change.sentence in ran.said for change in (*NIGHT, *IN_THE_CLUSTER))
    assert "resources of" in ran.said
    assert "demo/report/report.html" in ran.said
    assert (ran.demo / "report" / "report.html").stat().st_size > 10_000
    for name in (demo.MAIL, demo.PAGE, demo.INDEX, demo.METRICS, demo.HISTORY):
        assert f"demo/{name}" in ran.said


def test_it_is_remembered_and_told(ran: Ran) -> None:
    number = len(ran.report["findings"])
    assert ran.report["run"]["history"]["counts"]["new"] == number
    assert orjson.loads((ran.demo / "evening" / "report.json").read_bytes())["findings"] == []
    second = orjson.loads((ran.demo / "second" / "report.json").read_bytes())
    assert [one["name"] for one in second["resolved"]] == ["web", "checkout"]
    fresh = {one["name"]: one["attribution"]["actor"] for one in second["findings"] if one["status"] == "new"}
    assert fresh.pop("web-settings-tasting") == "k9s"
    ((name, actor),) = fresh.items()
    assert (name, actor.rpartition("/")[2]) == ("/shop/debug", "kim@larkspur.example")
    again = [one["name"] for one in second["findings"] if one["history"]["changed_again"]]
    assert again == ["/shop/web", "web-settings"]
    with (ran.demo / demo.MAIL).open("rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    assert mail["Subject"].startswith("2 new, 2 changed again")
    page = (ran.demo / demo.INDEX).read_text(encoding="utf-8")
    assert all(f'href="{name}/report.html"' in page for name in ("evening", "report", "second"))
    assert "drift_findings{" in (ran.demo / demo.METRICS).read_text(encoding="utf-8")


def test_no_secret_gets_out(ran: Ran) -> None:
    """The state in Git holds them, as real states do; nothing that drift writes may."""
    from providers.aws.demo.states import SECRETS
    from providers.kubernetes.demo.night import NEW_PASSWORD, PASSWORD

    state = (ran.demo / "infrastructure/terraform/shop/terraform.tfstate").read_text(encoding="utf-8")
    written = [ran.said.encode()]
    beside = [ran.demo / name for name in ("snapshot.jsonl.gz", "metrics.prom", "history.db")]
    beside += [ran.demo / name for name in (demo.MAIL, demo.INDEX)]
    folders = [ran.demo / name for name in ("evening", "report", "second")]
    for file in [*(file for folder in folders for file in folder.iterdir()), *beside]:
        content = file.read_bytes()
        written.append(content)
        if file.suffix == ".gz":
            written.append(gzip.decompress(content))
        if file.suffix == ".zst":
            written.append(zstandard.ZstdDecompressor().stream_reader(content).read())
    assert len(written) >= 6
    for secret in SECRETS.values():
        assert secret in state
        assert [text for text in written if secret.encode() in text] == []
    assert PASSWORD in (ran.demo / "infrastructure/kubernetes/cluster/orders.yaml").read_text()
    for secret in (PASSWORD, NEW_PASSWORD):
        for spelled in (secret.encode(), base64.b64encode(secret.encode()).rstrip(b"=")):
            assert [text for text in written if spelled in text] == []


def test_what_it_says_to_try_next_works_without_a_cloud(ran: Ran) -> None:
    python = f"  {sys.executable} -m drift "
    commands = [
        line.removeprefix(python).split() for line in ran.said.splitlines() if line.startswith(python)
    ]
    assert [command[0] for command in commands] == ["explain", "report", "diff", "scan"]
    for command in commands:
        done = drift(*command, folder=ran.folder)
        assert done.returncode == (2 if command[0] in ("diff", "scan") else 0), done.stderr
    offline = [*ran.folder.glob("runs/*/report.json"), ran.demo / "report" / "report.json"]
    assert len(offline) == 2
    for file in offline:
        assert findings(orjson.loads(file.read_bytes())) == findings(ran.report)


def findings(report: dict[str, Any]) -> dict[str, list[str]]:
    return {one["id"]: [change["path"] for change in one["changes"]] for one in report["findings"]}


def test_replaces_only_its_own_files(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    demo._prepare(folder)
    (folder / "report").mkdir()
    (folder / "report" / "report.json").write_text("old")
    (folder / "notes.txt").write_text("mine")
    demo._prepare(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".drift-demo", "infrastructure", "notes.txt"]


def test_leaves_a_folder_that_is_not_its_own_alone(tmp_path: Path) -> None:
    (tmp_path / "drift.yaml").write_text("mine")
    with pytest.raises(DriftError, match="not the demo's"):
        demo.run(tmp_path)
    assert (tmp_path / "drift.yaml").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(DriftError, match="is a file"):
        demo.run(tmp_path / "demo")


def test_says_when_there_is_no_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.plugins, "names", lambda _: ())
    with pytest.raises(DriftError, match="no demo is installed"):
        demo.run(tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


def test_says_when_git_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DriftError, match="install git"):
        demo._commit(tmp_path, datetime.now(UTC))
