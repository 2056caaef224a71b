"""Tells why a finding is one, from the evidence that its run kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import zstandard

from drift import runs
from drift.errors import DriftError


def explain(finding_id: str, run: str) -> str:
    """The finding's evidence as text. Raises DriftError when the run, the finding or its evidence is not there."""
    report = runs.find(run)
    finding = next((one for one in report["findings"] if one["id"] == finding_id), None)
    if finding is None:
        raise DriftError(f"{finding_id}: no such finding in run {report['run']['id']}; ids are in its report")
    record = _evidence(_folder(run, report), finding_id)
    lines = [
        f"{finding['severity']} {finding['kind']}: {finding['type']} {finding['name'] or finding['resource_id']}"
    ]
    lines.append(f"  {finding['severity_reason']}")
    where = finding["declared_at"]
    if where:
        place = where["file"] or where["source"]
        lines.append(
            f"  declared at {place}"
            + (f":{where['line']}" if where["line"] else "")
            + (f" ({where['address']})" if where["address"] else "")
        )
    for change in finding["changes"]:
        lines.append(
            f"{change['path']}" + ("  (not declared, and no known default)" if change["undeclared"] else "")
        )
        if change["sensitive"]:
            lines.append("    secret; it differs")
            continue
        for side in ("declared", "live"):
            lines.append(
                f"    {side:9} raw        {_json(_at(record.get(side, {}).get('raw'), change['path']))}"
            )
            lines.append(f"    {'':9} canonical  {_json(change.get(side, '(absent)'))}")
    folds = record.get("folds", ())
    if folds:
        lines.append(f"accepted as equal: {len(folds)}")
        lines.extend(f"    {fold['path']}: {fold['fact']}" for fold in folds)
    return "\n".join(lines) + "\n"


def _folder(run: str, report: dict[str, Any]) -> Path:
    path = Path(run)
    if path.is_file():
        return path.parent
    return path if path.is_dir() else runs.DEFAULT / str(report["run"]["id"])


def _evidence(folder: Path, finding_id: str) -> dict[str, Any]:
    path = folder / runs.EVIDENCE
    try:
        with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
            for line in io.BufferedReader(stream):
                record: dict[str, Any] = orjson.loads(line)
                if record["finding"] == finding_id:
                    return record
    except (OSError, zstandard.ZstdError, orjson.JSONDecodeError) as error:
        raise DriftError(f"{path}: the evidence can't be read: {error}") from error
    raise DriftError(f"{path}: holds no evidence of {finding_id}")


def _at(value: Any, path: str) -> Any:
    """The raw value at a canonical path, or the nearest one above it that exists."""
    for part in path.strip("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return value if not isinstance(value, dict) else "(absent)"
    return value


def _json(value: Any) -> str:
    return value if value == "(absent)" else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
