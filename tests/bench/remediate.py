"""What it takes to plan, edit and prove a pull request for 500 findings over 200 files of one repository."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

from drift.config.model import load
from drift.remediate.plan import choices
from drift.remediate.work import Remediation
from drift.scan import Run
from tests.remediate.cases import put, records_of
from tests.remediate.harness import repository, snapshot

FINDINGS = int(os.environ.get("BENCH_FINDINGS", "500"))
FILES = 200
SECONDS = 60.0
CONFIG = """\
version: 1
environment: bench
declared:
  - {path: manifests, scope: cluster}
remediate: {max_changes: 10000}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-NUMBER
  namespace: shop
  labels: {app: web-NUMBER}
spec:
  replicas: 2  # two are enough
  selector:
    matchLabels: {app: web-NUMBER}
  template:
    metadata:
      labels: {app: web-NUMBER}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.NUMBER
          resources:
            requests: {cpu: 100m, memory: 128Mi}
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place))


def measure(folder: Path) -> None:
    """Prints the processor seconds of a dry run in which every finding is adopted, Git's included."""
    documents: list[list[str]] = [[] for _ in range(FILES)]
    for number in range(FINDINGS):
        documents[number % FILES].append(DEPLOYMENT.replace("NUMBER", str(number)))
    files = {f"manifests/{at:03}.yaml": "---\n".join(ones) for at, ones in enumerate(documents)}
    there = repository(folder / "infra", {**files, "drift.yaml": CONFIG})
    records = records_of(there, snapshot(folder / "seed.jsonl", []))
    for at, one in enumerate(records):
        put(one["attributes"], ["spec", "replicas"], str(3 + at % 5))
    live = snapshot(folder / "live.jsonl", records)
    config = load(there / "drift.yaml", None, {})
    report = Run(config, live=[live]).scan().report
    ids = [one["id"] for one in report["findings"]]
    assert len(ids) == FINDINGS, len(ids)
    before = _spent()
    began = time.monotonic()
    outcome = Remediation(config, report, [live], choices(ids, (), ()), True, True).run()
    spent, passed = _spent() - before, time.monotonic() - began
    (request,) = outcome["pull_requests"]
    assert len(request["findings"]) == FINDINGS, outcome["findings"][:3]
    print(
        f"remediate: {FINDINGS} findings over {FILES} files planned, edited and proved in {spent:.1f} s of "
        f"processor time ({passed:.1f} s passed; goal: under {SECONDS:.0f})"
    )
    assert spent < SECONDS


def _spent() -> float:
    """Processor seconds of this process and those that it waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usages)
