"""The demo's cluster: what is declared is what is deployed, however it is declared; and the night is in the
past."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.demo import Night
from providers.kubernetes.demo import larkspur
from providers.kubernetes.demo.larkspur import PARTS, REPOSITORY


def objects(text: str) -> dict[tuple[str, str], Any]:
    found = [body for body in yaml.safe_load_all(text) if body]
    return {(body["kind"], body["metadata"]["name"]): body for body in found}


def test_what_is_rendered_is_what_kustomize_makes() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    made = subprocess.run(
        [kubectl, "kustomize", str(REPOSITORY / PARTS[1].path)], capture_output=True, text=True, check=True
    ).stdout
    assert objects(made) == objects(PARTS[1].manifests.read_text(encoding="utf-8"))


def test_what_is_rendered_is_what_helm_makes() -> None:
    helm = shutil.which("helm")
    if helm is None:
        pytest.skip("helm is not installed")
    made = subprocess.run(
        [helm, "template", "loyalty", str(REPOSITORY / PARTS[2].path), "--namespace", "loyalty"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert objects(made) == objects(PARTS[2].manifests.read_text(encoding="utf-8"))


def test_without_the_tools_what_they_made_is_declared_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [part.entry()["path"] for part in PARTS] == [
        "kubernetes/cluster",
        "kubernetes/rendered/shop.yaml",
        "kubernetes/rendered/loyalty.yaml",
    ]
    assert "kustomize and kubectl are not installed" in larkspur._told()
    assert "helm is not installed" in larkspur._told()


@pytest.mark.parametrize(
    ("now", "evening", "early"),
    [
        (datetime(2026, 3, 3, 9, 30, tzinfo=UTC), "2026-03-02T22:48:00Z", "2026-03-03T05:02:00Z"),
        (datetime(2026, 3, 3, 3, 0, tzinfo=UTC), "2026-03-01T22:48:00Z", "2026-03-02T05:02:00Z"),
    ],
)
def test_the_night_is_over(now: datetime, evening: str, early: str) -> None:
    night = Night.last(now)
    assert (night.at("22:48"), night.at("05:02")) == (evening, early)
