"""Writes live state as a declared baseline: one reviewable YAML file for each scope, region and type."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import yaml

from drift.files import replacing
from drift.live.estate import Estate
from drift.model import Resource
from drift.redaction import Redactor

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write(
    folder: Path, estate: Estate, selects: Callable[[Resource], bool], redactor: Redactor
) -> list[Path]:
    """Writes every live resource that somebody made and that is selected. What the cloud made by itself is
    left out, and what an inventory only names."""
    written: list[Path] = []
    kept = (
        resource
        for resource in estate
        if not resource.bare
        and selects(resource)
        and (provider := estate.providers.get(resource.provider)) is not None
        and not provider.system(resource, estate.context(resource.provider))
        and not provider.hooks.made_by(resource, estate)
    )
    for cell, members in groupby(kept, key=lambda resource: resource.cell):
        path = folder / cell.provider / _safe(cell.scope) / _safe(cell.region) / f"{_safe(cell.type)}.yaml"
        with replacing(path) as out:
            for resource in members:
                out.write(b"---\n")
                out.write(
                    yaml.dump(
                        redactor.covered(resource).record(),
                        Dumper=_Dumper,
                        sort_keys=False,
                        allow_unicode=True,
                        encoding="utf-8",
                    )
                )
        written.append(path)
    return written


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "none"
