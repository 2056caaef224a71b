"""Two hundred secrets, in every place that can hide one, live and declared: not one of them is in any byte of
any output."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard

from drift import plugins
from providers.aws import loopback
from providers.kubernetes.loopback import cluster
from tests import forked_aws
from tests.conftest import start_drift
from tests.planting import LiveAws, objects, write
from tests.secrets_planted import Secret, secrets

pytestmark = pytest.mark.long


_TOKEN = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
PLACES = [name for name, value in vars(LiveAws).items() if callable(value) and not name.startswith("_")]


@dataclass(frozen=True, slots=True)
class Ended:
    """What the commands wrote, by where it was found, and all that was planted."""

    outputs: dict[str, bytes]
    planted: list[Secret]
    codes: dict[str, int]
    declared: bytes


def outputs(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file, unpacked."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".zst":
            content = zstandard.ZstdDecompressor().stream_reader(content).read()
        elif path.suffix == ".gz":
            content = gzip.decompress(content)
        yield str(path.relative_to(folder)), content


def plain(content: bytes) -> bytes:
    """The content, its escaped quotes undone, and whatever of it is base64, decoded (twice)."""
    found = [content, content.replace(b'\\\\\\"', b'"').replace(b'\\"', b'"')]
    layer = content
    for _ in range(2):
        decoded = []
        for token in set(_TOKEN.findall(layer)):
            text = token.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
            try:
                decoded.append(base64.b64decode(text + b"=" * (-len(text) % 4)))
            except binascii.Error:
                continue
        layer = b"\n".join(decoded)
        found.append(layer)
    return b"\n".join(found)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    folder = tmp_path_factory.mktemp("secrets")
    live = [one for seed in range(5) for one in secrets(seed, encoded=seed == 4)]
    declared = [one for seed in range(5) for one in secrets(100 + seed, encoded=seed == 4)]
    assert len({one.text for one in (*live, *declared)}) == 200
    with forked_aws.moto() as url, cluster() as server:
        aws = LiveAws(url)
        for n, one in enumerate(live):
            for place in {PLACES[n % len(PLACES)], PLACES[(n * 7 + n // 20 + 3) % len(PLACES)]}:
                getattr(aws, place)(n, one)
            for body in objects(n, one):
                server.store.create(body, manager="kubectl-client-side-apply")
        write(folder / "declared", dict(enumerate(declared)), "loopback")
        config = {
            "version": 1,
            "declared": [
                {"path": "declared/app.tfstate", "region": "us-east-1"},
                {"path": "declared/stack.json", "scope": loopback.ACCOUNT, "region": "us-east-1"},
                {"path": "declared/base.yaml"},
                {"path": "declared/objects.yaml", "scope": "loopback"},
            ],
            "live": {"aws": {"regions": ["us-east-1"]}, "kubernetes": {"kubeconfig": str(server.kubeconfig)}},
            "unmanaged": [{"action": "report"}],
        }
        (folder / "drift.yaml").write_text(json.dumps(config))
        codes: dict[str, int] = {}
        logs: dict[str, bytes] = {}

        def run(name: str, *arguments: str | Path) -> None:
            ran = start_drift(folder, *arguments, endpoint=url)
            codes[name] = ran.code
            logs[f"log of {name}"] = (ran.stdout + ran.stderr).encode()

        formats = ",".join(plugins.names("renderers"))
        run("scan", "scan", "-o", "out/scan", "--format", formats)
        run("snapshot", "snapshot", "-o", "out/live.jsonl.gz")
        run("baseline", "baseline", "-c", "drift.yaml", "-o", "out/baseline")
        run("baseline of a snapshot", "baseline", "--live", "out/live.jsonl.gz", "-o", "out/again")
        said = [
            part
            for entry in config["declared"]
            for part in (
                "--declared",
                ",".join(
                    [entry["path"], *(f"{key}={value}" for key, value in entry.items() if key != "path")]
                ),
            )
        ]  # type: ignore[attr-defined]
        run("diff", "diff", "--live", "out/live.jsonl.gz", *said, "-o", "out/diff", "--format", formats)
        for name in plugins.names("renderers"):
            run(f"report {name}", "report", "out/scan/report.json", "-f", name)
        findings = json.loads((folder / "out/scan/report.json").read_bytes())["findings"]
        for finding in findings[:: max(1, len(findings) // 10)]:
            run(f"explain {finding['id']}", "explain", finding["id"], "--run", "out/scan")
    files = b"\n".join(content for _, content in outputs(folder / "declared"))
    yield Ended({**dict(outputs(folder / "out")), **logs}, [*live, *declared], codes, files)


def test_the_search_finds_what_is_there(ended: Ended) -> None:
    text = plain(ended.declared)
    lost = [one for one in ended.planted[100:] if not any(needle.encode() in text for needle in one.needles)]
    assert lost == []


def test_the_commands_did_their_work(ended: Ended) -> None:
    assert ended.codes.pop("scan") in (2, 3)
    assert ended.codes.pop("diff") in (2, 3)
    assert set(ended.codes.values()) <= {0, 3}, ended.codes
    report = json.loads(ended.outputs["scan/report.json"])
    changed = {one["type"] for one in report["findings"] if one["kind"] == "changed"}
    assert len(changed) >= 10, changed
    assert not report["problems"]


def test_no_secret_is_in_any_output(ended: Ended) -> None:
    leaks: dict[str, set[str]] = {}
    for name, content in ended.outputs.items():
        text = plain(content)
        for secret in ended.planted:
            if any(needle.encode() in text for needle in secret.needles):
                leaks.setdefault(secret.shape, set()).add(name)
    assert leaks == {}
