"""Renders the chart with helm, once for each file of values."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
CHART = HERE.parents[1] / "chart"
VALUES = sorted((HERE / "values").glob("*.yaml"))


def helm(binary: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What a call of helm's ended with."""
    return subprocess.run(
        [str(binary), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300
    )


@cache
def text(binary: Path, values: Path) -> str:
    """All documents of the release ``drift`` in the namespace ``drift``."""
    done = helm(binary, "template", "drift", CHART, "--namespace", "drift", "--values", values)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(binary: Path, *said: str, values: Path | None = None) -> str:
    """Why the chart can't be rendered with what is said on the command line besides values."""
    options = [one for each in said for one in ("--set-json", each)]
    done = helm(
        binary, "template", "drift", CHART, "--values", values or HERE / "values" / "default.yaml", *options
    )
    assert done.returncode != 0, f"it was rendered with {said}"
    return done.stderr


def documents(binary: Path, values: Path) -> list[dict[str, Any]]:
    """The same, read."""
    return [one for one in yaml.safe_load_all(text(binary, values)) if one is not None]


def of_kind(ones: Iterable[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in ones if one["kind"] == kind]
