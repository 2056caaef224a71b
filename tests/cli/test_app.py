"""The command line as its users meet it: one line for what is wrong, exit codes, and every command once."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from drift.cli import console as cli
from tests.conftest import CONSOLE_SCRIPT, Drift, Repository, client, start_drift
from tests.declared.terraform.test_state import managed, state
from tests.records.test_snapshot import lines, record

pytestmark = pytest.mark.long


LIVE = "live: {aws: {regions: [us-east-1], include: ['AWS::SQS::Queue', 'AWS::SNS::Topic'], max_attempts: 1}}"


class Listener:
    """A port of which every connection is counted; nothing is ever answered."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def cloud() -> Iterator[Listener]:
    """A cloud that must not be called."""
    listener = Listener()
    yield listener
    listener.close()
    assert listener.connections == 0


def write(folder: Path, name: str, content: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def config(folder: Path, declared: str = "[]", more: str = "") -> None:
    write(folder, "drift.yaml", f"version: 1\ndeclared: {declared}\n{LIVE}\n{more}")


# Bad input: one line, exit code 1, before any call


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"version: 1\ndeclraed: []\n{LIVE}",
            "drift.yaml:2: declraed: unknown key; did you mean 'declared'?",
        ),
        (
            f"version: 1\ndeclared: [{{path: nothing.tfstate}}]\n{LIVE}",
            "nothing.tfstate: there is no such file",
        ),
        (
            f"version: 1\ndeclared: [{{path: broken.tfstate}}]\n{LIVE}",
            "broken.tfstate:2: the state is no valid JSON",
        ),
        (
            f"version: 1\ndeclared: [{{path: newer.tfstate}}]\n{LIVE}",
            "newer.tfstate: state version 5 is not supp",
        ),
        (f"version: 1\ndeclared: [{{path: broken.template.yaml}}]\n{LIVE}", "broken.template.yaml"),
        (
            f"version: 1\ndeclared: [{{path: note.txt}}]\n{LIVE}",
            "note.txt: not recognised as any declared source",
        ),
        (
            f"version: 1\ndeclared: [{{path: 'x://a/b'}}]\n{LIVE}",
            "x://a/b: the scheme x:// is not known; known are s3://",
        ),
        (f"version: 1\ndeclared: [\n{LIVE}", "drift.yaml:"),
        ("version: 1", "drift.yaml: nothing is read: `live:` is empty"),
        (
            f"version: 1\noutput: {{formats: [htm]}}\n{LIVE}",
            "drift.yaml:2: output.formats: there is no format 'htm'",
        ),
        (
            f"version: 1\ndeclared: [{{path: '${{NOT_SET}}'}}]\n{LIVE}",
            "drift.yaml:2: declared.0.path: the environment",
        ),
        ("version: 1\nlive: {aws: {profile: nobody}}", "aws: The config profile (nobody) could not be found"),
    ],
)
def test_a_bad_configuration_or_declaration(
    drift: Drift, tmp_path: Path, cloud: Listener, text: str, said: str
) -> None:
    write(tmp_path, "drift.yaml", text)
    write(tmp_path, "broken.tfstate", '{"version": 4,\n "lineage": "l",, "terraform_version": "1"}')
    write(tmp_path, "newer.tfstate", state() | {"version": 5})
    write(tmp_path, "broken.template.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: {A: [")
    write(tmp_path, "note.txt", "hello")
    ran = drift("scan", "-o", "out", endpoint=cloud.url)
    assert ran.complaint.startswith(said)
    assert not ran.folder.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan", "-c", "nothing.yaml"], "nothing.yaml: there is no such file"),
        (["scan", "--env", "prod"], "drift.yaml: there is no environment 'prod'; `environments:` is empty"),
        (["scan", "--format", "htm"], "there is no format 'htm'; installed are: "),
        (["scan", "--live", "nothing.jsonl"], "nothing.jsonl: can't be read: No such file or directory"),
        (["scan", "--fail-on", "worst"], "Invalid value for '--fail-on': "),
        (["scan", "--no-such-option"], "No such option: --no-such-option"),
        (["scna"], "No such command 'scna'."),
        (["scan", "extra"], "Got unexpected extra argument"),
        (["scan", "-o", "drift.yaml/out"], "drift.yaml/out: can't be written: "),
        (["snapshot"], "Missing option '-o' / '--output'."),
        (
            ["snapshot", "-o", "live.txt"],
            "live.txt: a snapshot's name ends with .jsonl, .jsonl.gz or .jsonl.zst",
        ),
        (["snapshot", "-o", "drift.yaml/live.jsonl"], "drift.yaml: can't be written: "),
        (["baseline", "-o", "drift.yaml"], "drift.yaml: can't be written: "),
        (["diff", "--declared", "base.jsonl"], "Missing option '--live'."),
        (
            ["diff", "--live", "live.jsonl", "--declared", "base.jsonl,regoin=x"],
            "--declared base.jsonl,regoin=x: 'regoin=x' is no option",
        ),
        (
            ["diff", "--live", "live.jsonl", "--declared", "base.jsonl,scope"],
            "--declared base.jsonl,scope: 'scope' is no option",
        ),
        (
            ["diff", "--live", "live.jsonl", "--declared", "base.jsonl,source=x"],
            "there is no source 'x'; installed are: ",
        ),
        (
            ["diff", "--live", "live.jsonl", "--declared", "nothing"],
            "nothing: there is no such file or folder",
        ),
        (["diff", "--live", ".", "--declared", "base.jsonl"], ".: is a folder; give a file"),
        (["report", "latest", "-f", "html"], "there is no run in runs/ yet; run `drift scan` first"),
        (["report", "nothing", "-f", "html"], "nothing: there is no such run: "),
        (["report", "drift.yaml", "-f", "html"], "drift.yaml:1: no valid JSON: "),
        (["report", "base.jsonl", "-f", "html"], "base.jsonl: this is no drift report: "),
        (["explain", "f-1", "--run", "nothing"], "nothing: there is no such run: "),
        (["types", "awss"], "there is no provider 'awss'; installed are: "),
        (["schema", "x"], "there is no schema 'x'; there are config, report, preflight"),
    ],
)
def test_a_bad_command_line(
    drift: Drift, tmp_path: Path, cloud: Listener, arguments: list[str], said: str
) -> None:
    config(tmp_path)
    (tmp_path / "base.jsonl").write_bytes(lines(record("a")))
    (tmp_path / "live.jsonl").write_bytes(lines(record("a")))
    before = sorted(tmp_path.iterdir())
    assert drift(*arguments, endpoint=cloud.url).complaint.startswith(said)
    assert sorted(tmp_path.iterdir()) == before


def test_a_wrong_ref(
    drift: Drift, tmp_path: Path, cloud: Listener, repository: Repository, git_server: str
) -> None:
    repository.commit({"base.jsonl": lines(record("a")).decode()})
    config(tmp_path, f"[{{git: '{git_server}/infra/.git', ref: nowhere, path: base.jsonl}}]")
    said = drift("scan", endpoint=cloud.url).complaint
    assert said == f"{git_server}/infra/.git: there is no ref 'nowhere'; correct `ref` in the declared entry"


def test_no_credentials(drift: Drift, tmp_path: Path, cloud: Listener) -> None:
    config(tmp_path)
    nothing = {"AWS_ENDPOINT_URL": cloud.url, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1"}
    assert drift("scan", env=nothing).complaint.startswith("aws: no credentials found; set AWS_PROFILE or ")


@pytest.mark.parametrize(
    "arguments", [["scan"], ["scan", "--live", "nothing.jsonl"], ["snapshot", "-o", "a.jsonl"]]
)
def test_exit_zero_never_hides_an_error(drift: Drift, tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path, "drift.yaml", "version: 2" if "snapshot" in arguments else f"version: 1\n{LIVE}")
    if arguments == ["scan"]:
        write(tmp_path, "drift.yaml", "version: 2")
    assert drift(*arguments, "--exit-zero").code == 1


def test_no_arguments_is_help(drift: Drift) -> None:
    ran = drift()
    assert ran.code == 1
    assert "Usage: drift" in ran.stdout + ran.stderr


# Exit codes and the formats


def diff(drift: Drift, folder: Path, live: list[Any], *more: str) -> Any:
    (folder / "base.jsonl").write_bytes(lines(record("a", Tags=[{"Key": "k", "Value": "v"}])))
    (folder / "live.jsonl").write_bytes(lines(*live))
    return drift("diff", "--live", "live.jsonl", "--declared", "base.jsonl", "-o", "out", *more)


def test_exit_codes_of_a_comparison(drift: Drift, tmp_path: Path) -> None:
    same, tagged = (
        record("a", Tags=[{"Key": "k", "Value": "v"}]),
        record("a", Tags=[{"Key": "k", "Value": "w"}]),
    )
    assert diff(drift, tmp_path, [same]).code == 0
    assert diff(drift, tmp_path, [tagged]).code == 2
    assert diff(drift, tmp_path, [tagged], "--fail-on", "medium").code == 0
    assert diff(drift, tmp_path, [tagged], "--fail-on", "low").code == 2
    assert diff(drift, tmp_path, [tagged], "--exit-zero").code == 0
    assert diff(drift, tmp_path, [same, b"{"]).code == 3
    assert diff(drift, tmp_path, [tagged, b"{"]).code == 2
    assert diff(drift, tmp_path, [tagged, b"{"], "--fail-on", "high").code == 3
    assert diff(drift, tmp_path, [same, b"{"], "--exit-zero").code == 3
    assert diff(drift, tmp_path, [tagged, b"{"], "--exit-zero").code == 3


def test_a_declared_type_that_is_not_supported_is_exit_code_3(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "base.jsonl").write_bytes(lines({**record("a"), "type": "AWS::No::Such"}))
    (tmp_path / "live.jsonl").write_bytes(lines(record("a")))
    ran = drift("diff", "--live", "live.jsonl", "--declared", "base.jsonl", "-o", "out")
    assert ran.code == 3
    assert ran.status("AWS::No::Such") == "unsupported"


def test_live_types_that_nobody_declares_never_change_the_exit_code(drift: Drift, tmp_path: Path) -> None:
    unsupported = {
        "provider": "aws",
        "scope": "1",
        "type": "AWS::No::Such",
        "status": "unsupported",
        "resources": 0,
    }
    skipped = {**unsupported, "type": "AWS::Other::Such", "status": "skipped"}
    checked = {
        **unsupported,
        "scope": "123456789012",
        "region": "us-east-1",
        "type": "AWS::SQS::Queue",
        "status": "checked",
        "resources": 1,
    }
    head = {"drift_snapshot": 1, "coverage": [unsupported, skipped, checked]}
    ran = diff(drift, tmp_path, [head, record("a", Tags=[{"Key": "k", "Value": "v"}])])
    assert (ran.code, ran.findings()) == (0, {})


HEADER = {"drift_snapshot": 1, "context": {"aws": {}}}
OTHER = {
    "provider": "aws",
    "scope": "444455556666",
    "region": "us-east-1",
    "type": "AWS::SQS::Queue",
    "status": "checked",
    "resources": 0,
}


@pytest.mark.parametrize(
    ("live", "said"),
    [
        ([], "live.jsonl: neither a header nor a record: no snapshot; make one with `drift snapshot`"),
        ([b'{"msg": "started"}'], "live.jsonl: neither a header nor a record: "),
        ([HEADER], "not one cell was read: "),
        ([{**HEADER, "coverage": [{**OTHER, "status": "denied"}]}], "not one cell was read: denied: aws "),
    ],
)
@pytest.mark.parametrize("command", ["diff", "baseline", "snapshot"])
def test_a_live_side_of_which_nothing_was_read_is_an_error(
    drift: Drift, tmp_path: Path, live: list[Any], said: str, command: str
) -> None:
    if command == "diff":
        ran = diff(drift, tmp_path, live, "--exit-zero")
    else:
        (tmp_path / "live.jsonl").write_bytes(lines(*live))
        ran = drift(command, "--live", "live.jsonl", "-o", "out.jsonl")
    assert ran.code == 1
    assert ran.stderr.strip().splitlines()[-1].startswith(f"drift: {said}")


def test_a_snapshot_of_another_account_is_no_green(drift: Drift, tmp_path: Path) -> None:
    ran = diff(drift, tmp_path, [{**HEADER, "coverage": [OTHER]}])
    assert (ran.code, ran.findings()) == (3, {})
    (one,) = ran.report["unverifiable"]
    assert one["reason"].startswith("declared for 123456789012; read was 444455556666")
    assert diff(drift, tmp_path, [{**HEADER, "coverage": [OTHER]}], "--exit-zero").code == 3


def test_what_only_leaves_out_and_a_provider_that_is_not_read_change_nothing(
    drift: Drift, tmp_path: Path
) -> None:
    away = [{**HEADER, "coverage": [OTHER]}]
    assert diff(drift, tmp_path, away, "--only", "AWS::SNS::*").code == 0
    elsewhere = {**OTHER, "provider": "gcp", "scope": "p", "region": "global", "type": "t"}
    ran = diff(drift, tmp_path, [{"drift_snapshot": 1, "coverage": [elsewhere]}])
    assert ran.code == 0
    assert [row["status"] for row in ran.report["coverage"] if row["provider"] == "aws"] == ["skipped"]


def test_a_baseline_of_what_was_not_wholly_read_says_so(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "live.jsonl").write_bytes(lines(record("a"), b"{"))
    ran = drift("baseline", "--live", "live.jsonl", "-o", "base")
    assert ran.code == 3
    assert "failed: aws 123456789012 us-east-1 AWS::SQS::Queue: " in ran.stderr


@pytest.mark.parametrize("only", ["arn:aws:sqs:us-east-1:123456789012:a", "a", "AWS::SQS::*", "*:a"])
def test_only_speaks_of_types_ids_and_names(drift: Drift, tmp_path: Path, only: str) -> None:
    ran = diff(drift, tmp_path, [record("a"), record("b")], "--only", only)
    assert ("changed", "a") in ran.findings()
    assert (("unmanaged", "b") in ran.findings()) == only.startswith("AWS::")


# With a cloud


@pytest.fixture(scope="module")
def estate(aws: str) -> str:
    """Queues and topics of the prefix ``cli-``."""
    for name in ("cli-a", "cli-b"):
        client(aws, "sqs").create_queue(QueueName=name, tags={"Owner": "me"})
        client(aws, "sns").create_topic(Name=name)
    return aws


def replayable(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings without what belongs to the run that made them."""
    return [
        {
            name: value
            for name, value in finding.items()
            if name not in ("status", "first_seen", "read_at", "attribution")
        }
        for finding in report["findings"]
    ]


def test_baseline_then_scan_is_in_sync_then_drift_is_told_everywhere_alike(
    drift: Drift, tmp_path: Path, estate: str
) -> None:
    config(tmp_path, more="redaction: {key: k}")
    made = drift("baseline", "-o", "base", "--only", "cli-*", endpoint=estate)
    assert (made.code, "- path: base" in made.stdout) == (0, True)
    config(tmp_path, "[{path: base}]", "redaction: {key: k}")
    assert drift("scan", "-o", "out", "--only", "cli-*", endpoint=estate).code == 0

    queue = client(estate, "sqs").get_queue_url(QueueName="cli-a")["QueueUrl"]
    client(estate, "sqs").tag_queue(QueueUrl=queue, Tags={"Night": "shift"})
    try:
        scanned = drift("scan", "-o", "out", "--only", "cli-*", endpoint=estate)
        assert scanned.findings() == {("changed", "cli-a"): ["/Tags/Night"]}
        taken = drift("snapshot", "-o", "live.jsonl.zst", "-q", endpoint=estate)
        assert taken.code == 0, taken.stderr
    finally:
        client(estate, "sqs").untag_queue(QueueUrl=queue, TagKeys=["Night"])
    replayed = drift(
        "diff",
        "--live",
        "live.jsonl.zst",
        "--declared",
        "base",
        "-c",
        "drift.yaml",
        "--only",
        "cli-*",
        "-o",
        "again",
    )
    assert replayed.code == 2
    assert replayable(replayed.report) == replayable(scanned.report)
    from_config = drift("scan", "--live", "live.jsonl.zst", "--only", "cli-*", "-o", "third")
    assert replayable(from_config.report) == replayable(scanned.report)

    finding = scanned.report["findings"][0]["id"]
    told = drift("explain", finding, "--run", "out")
    assert told.code == 0
    assert "/Tags/Night" in told.stdout
    assert "shift" in told.stdout
    assert drift("explain", "f-nothing", "--run", "out").complaint.startswith(
        "f-nothing: no such finding in run "
    )
    (tmp_path / "out" / "evidence.jsonl.zst").write_bytes(b"broken")
    assert "the evidence can't be read" in drift("explain", finding, "--run", "out").complaint

    page = drift("report", "out", "-f", "html", "-o", "page.html")
    assert page.code == 0
    assert (tmp_path / "page.html").read_bytes() == (tmp_path / "out" / "report.html").read_bytes()
    assert json.loads(drift("report", "out/report.json", "-f", "json").stdout)["schema"] == "drift-report/1"


def test_runs_are_kept_by_id_and_latest_is_the_last(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "live.jsonl").write_bytes(lines(record("a")))
    (tmp_path / "base.jsonl").write_bytes(lines(record("a")))
    for _ in range(2):
        assert drift("diff", "--live", "live.jsonl", "--declared", "base.jsonl").code == 0
    runs = sorted(path.name for path in (tmp_path / "runs").iterdir() if path.is_dir())
    assert len(runs) == 2
    assert all(run in (tmp_path / "runs" / "index.html").read_text() for run in runs)
    shown = json.loads(drift("report", "latest", "-f", "json").stdout)
    assert shown["run"]["id"] in runs
    assert json.loads(drift("report", runs[0], "-f", "json").stdout)["run"]["id"] == runs[0]


def test_types_and_schemas(drift: Drift) -> None:
    assert "AWS::SQS::Queue" in drift("types", "aws").stdout
    for name in ("config", "report"):
        assert json.loads(drift("schema", name).stdout)["$schema"].endswith("2020-12/schema")
    assert drift("--version").stdout.startswith("drift ")


# Start, and the disk

#: Python itself would leave half a compiled module where files may not grow, for all later runs to stumble
#: over.
FULL_DISK = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


#: What takes long to import, by the commands that don't need it.
_HEAVY = {
    "--version": "typer pydantic deepdiff jinja2 rich orjson yaml structlog drift.redaction providers",
    "--help": "pydantic deepdiff jinja2 rich orjson yaml structlog drift.finding providers",
    "scan --live live.jsonl --no-history": "providers.aws.live providers.aws.cloudformation.loading "
    "providers.aws.cloudformation.editor providers.azure.arm.source providers.kubernetes.engines.repository "
    "providers.kubernetes.helm_release drift.engine.distributed drift.declared.pulumi.stacks "
    "drift.declared.terraform.configuration.tree drift.declared.terraform.run_all",
}
_NEVER = (
    "boto3 botocore sqlalchemy alembic stamina tenacity kubernetes azure google httpx jsonschema distributed"
)


@pytest.mark.parametrize("command", _HEAVY)
def test_start_imports_nothing_that_a_command_does_not_need(tmp_path: Path, command: str) -> None:
    (tmp_path / "live.jsonl").write_bytes(lines(record("a")))
    (tmp_path / "a.tfstate").write_text(
        json.dumps(state(managed("aws_sqs_queue", "a", {"attributes": {"name": "a"}})))
    )
    (tmp_path / "drift.yaml").write_text("version: 1\ndeclared: [{path: a.tfstate}]\nlive: {aws: {}}\n")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", CONSOLE_SCRIPT, *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 2, 3), done.stderr
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "drift.cli.console" in imported
    heavy = [*_HEAVY[command].split(), *_NEVER.split()]
    assert [name for name in heavy if any(f"{one}.".startswith(f"{name}.") for one in imported)] == []


@pytest.mark.parametrize("where", ["out", "runs"])
def test_nothing_is_half_written_when_the_disk_is_full(tmp_path: Path, where: str) -> None:
    (tmp_path / "live.jsonl").write_bytes(lines(*(record(f"q{number}") for number in range(300))))
    (tmp_path / "base.jsonl").write_bytes(lines(record("a")))
    arguments = ["diff", "--live", "live.jsonl", "--declared", "base.jsonl"]
    done = subprocess.run(
        [CONSOLE_SCRIPT, *arguments, *(["-o", "out"] if where == "out" else [])],
        cwd=tmp_path,
        env=FULL_DISK,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1].startswith("drift: ")
    assert "can't be written: File too large" in done.stderr
    left = [path for path in (tmp_path / where).rglob("*") if path.is_file()]
    assert [path.name for path in left if path.name.startswith(".") or path.name == "report.json"] == []
    for path in left:
        assert path.name == "evidence.jsonl.zst"
        zstandard.ZstdDecompressor().stream_reader(path.open("rb")).read()


def test_a_report_that_is_there_survives_a_full_disk(drift: Drift, tmp_path: Path) -> None:
    diff(drift, tmp_path, [record("a")])
    before = (tmp_path / "out" / "report.json").read_bytes()
    (tmp_path / "live.jsonl").write_bytes(lines(*(record(f"q{number}") for number in range(300))))
    subprocess.run(
        [CONSOLE_SCRIPT, "diff", "--live", "live.jsonl", "--declared", "base.jsonl", "-o", "out"],
        cwd=tmp_path,
        env=FULL_DISK,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        check=False,
    )
    assert (tmp_path / "out" / "report.json").read_bytes() == before


def test_secrets_of_a_state_are_in_no_file(tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    attributes = {
        "arn": "arn:aws:sqs:us-east-1:123456789012:a",
        "name": "a",
        "tags_all": {"Note": secret, "X": "1"},
    }
    marks = [[{"type": "get_attr", "value": "tags_all"}, {"type": "index", "value": {"value": "Note"}}]]
    instance = {"attributes": attributes, "sensitive_attributes": marks}
    write(
        tmp_path,
        "prod.tfstate",
        state({"mode": "managed", "type": "aws_sqs_queue", "name": "a", "instances": [instance]}),
    )
    for live in (secret, "rotated-horse-battery"):
        tags = [{"Key": "Note", "Value": live}, {"Key": "X", "Value": f"see {live}"}]
        (tmp_path / "live.jsonl").write_bytes(lines(record("a", Tags=tags)))
        ran = start_drift(tmp_path, "diff", "--live", "live.jsonl", "--declared", "prod.tfstate", "-o", "out")
        assert ran.code == 2, ran.stderr
        assert "/Tags/X" in ran.findings()[("changed", "a")]
        written = b"".join(path.read_bytes() for path in ran.folder.iterdir() if path.suffix != ".zst")
        written += (
            zstandard.ZstdDecompressor()
            .stream_reader((ran.folder / "evidence.jsonl.zst").read_bytes())
            .read()
        )
        for text in (secret, live):
            assert text.encode() not in written + ran.stdout.encode() + ran.stderr.encode()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "there is no more memory, or no more threads"),
        (RuntimeError("can't start new thread"), "there is no more memory, or no more threads"),
        (RuntimeError("odd"), "this is a fault of drift's own"),
    ],
)
def test_what_nobody_foresaw_is_one_line(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def raising(_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "_run", raising)
    with pytest.raises(SystemExit) as ended:
        cli._main()
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1 and said in line
