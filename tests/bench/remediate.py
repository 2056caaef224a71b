"""What it takes to plan, edit and prove a pull request for very many findings in one repository: 500 over 200
files of manifests, and 300 over 100 Kustomize overlays of 10 shared bases."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drift.config.model import load
from drift.remediate.plan import choices
from drift.remediate.work import Remediation
from drift.scan import Run
from tests.remediate.cases import put, records_of
from tests.remediate.harness import repository, snapshot

FINDINGS = int(os.environ.get("BENCH_FINDINGS", "500"))
FILES = 200
OVERLAYS = int(os.environ.get("BENCH_OVERLAYS", "100"))
BASES = 10
SECONDS = 60.0
CONFIG = """\
version: 1
environment: bench
declared:
ENTRIES
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
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web-NUMBER
spec:
  selector: {app: web-NUMBER}
  sessionAffinity: None
  ports:
    - {name: http, port: 80, targetPort: 8080}
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web-NUMBER
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web-NUMBER}
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        manifests(Path(place))
    with tempfile.TemporaryDirectory() as place:
        overlays(Path(place))


def manifests(folder: Path) -> None:
    """500 findings over 200 files."""
    documents: list[list[str]] = [[] for _ in range(FILES)]
    for number in range(FINDINGS):
        documents[number % FILES].append(DEPLOYMENT.replace("NUMBER", str(number)))
    files = {f"manifests/{at:03}.yaml": "---\n".join(ones) for at, ones in enumerate(documents)}
    entries = "  - {path: manifests, scope: cluster}"
    there = repository(folder / "infra", {**files, "drift.yaml": CONFIG.replace("ENTRIES", entries)})
    records = records_of(there, snapshot(folder / "seed.jsonl", []))
    for at, one in enumerate(records):
        put(one["attributes"], ["spec", "replicas"], str(3 + at % 5))
    measure(folder, there, records, FINDINGS, f"{FILES} files")


def overlays(folder: Path) -> None:
    """Three findings in each overlay: an image, a port and a limit, as people change them in a hurry."""
    files = dict(_base_files())
    for number in range(OVERLAYS):
        lines = (f"namespace: team-{number}", f"resources: [../../bases/{number % BASES}]")
        files[f"overlays/{number:03}/kustomization.yaml"] = "\n".join(lines) + "\n"
    entries = "\n".join(f"  - {{path: overlays/{number:03}, scope: cluster}}" for number in range(OVERLAYS))
    there = repository(folder / "infra", {**files, "drift.yaml": CONFIG.replace("ENTRIES", entries)})
    records = records_of(there, snapshot(folder / "seed.jsonl", []))
    for one in records:
        body = one["attributes"]
        if body["kind"] == "Deployment":
            put(body, ["spec", "template", "spec", "containers", "0", "image"], '"registry.example/web:2"')
        elif body["kind"] == "Service":
            put(body, ["spec", "sessionAffinity"], '"ClientIP"')
        else:
            put(body, ["spec", "maxReplicas"], "9")
    measure(folder, there, records, 3 * OVERLAYS, f"{OVERLAYS} Kustomize overlays of {BASES} bases")


def _base_files() -> Iterator[tuple[str, str]]:
    texts = {"deployment": DEPLOYMENT, "service": SERVICE, "scaler": SCALER}
    for base in range(BASES):
        for name, text in texts.items():
            yield f"bases/{base}/{name}.yaml", text.replace("NUMBER", str(base))
        yield (
            f"bases/{base}/kustomization.yaml",
            f"resources: [{', '.join(f'{one}.yaml' for one in texts)}]\n",
        )


def measure(folder: Path, there: Path, records: list[dict[str, Any]], findings: int, over: str) -> None:
    """Prints the processor seconds of a dry run in which every finding is adopted, Git's and other programs'
    included."""
    live = snapshot(folder / "live.jsonl", records)
    config = load(there / "drift.yaml", None, {})
    report = Run(config, live=[live]).scan().report
    ids = [one["id"] for one in report["findings"]]
    assert len(ids) == findings, len(ids)
    before = _spent()
    began = time.monotonic()
    outcome = Remediation(config, report, [live], choices(ids, (), ()), True, True).run()
    spent, passed = _spent() - before, time.monotonic() - began
    (request,) = outcome["pull_requests"]
    assert len(request["findings"]) == findings, outcome["findings"][:3]
    print(
        f"remediate: {findings} findings over {over} planned, edited and proved in {spent:.1f} s of "
        f"processor time ({passed:.1f} s passed; goal: under {SECONDS:.0f})"
    )
    assert spent < SECONDS


def _spent() -> float:
    """Processor seconds of this process and those that it waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usages)
