"""Builds the report, a ``drift-report/1`` document (docs/reference/report.md), from a judgement and the
ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from drift import __version__
from drift.finding import NO_OWNER, SEVERITIES, Change, Finding, Undeclared, Unverifiable
from drift.live.estate import Estate
from drift.model import MISSING, Forge, Origin, Problem, Resource
from drift.redaction import told
from drift.report.digest import digest
from drift.report.forge import web_link
from drift.rules.ruling import Hidden
from drift.source import Location
from drift.terms import Judgement

SCHEMA = "drift-report/1"


@cache
def json_schema() -> dict[str, Any]:
    """The JSON Schema of the report."""
    schema: dict[str, Any] = orjson.loads(Path(__file__).with_name("report.schema.json").read_bytes())
    return schema


def build(
    judgement: Judgement,
    estate: Estate,
    *,
    run: Mapping[str, Any],
    locations: Iterable[tuple[str, Location]],
    problems: Iterable[Problem],
    written: Callable[[Finding], Mapping[str, tuple[str, int]]] = lambda _: {},
    compared: Iterable[Mapping[str, Any]] = (),
    forges: Mapping[str, Forge] = MappingProxyType({}),
    url: str | None = None,
) -> dict[str, Any]:
    """The document. ``run`` has id, started_at and finished_at; ``locations`` are (source, location) pairs;
    ``written`` tells where each change of a finding is written, ``compared`` how deeply what is declared is
    compared (:mod:`drift.report.depths`); ``forges`` says which forge runs at a host; ``url`` is where people
    find the folder of runs."""
    findings = [_finding(one, estate, written(one), forges) for one in judgement.findings]
    kinds = Counter(finding["kind"] for finding in findings)
    severities = Counter(finding["severity"] for finding in findings)
    owners = Counter(finding["owner"] or NO_OWNER for finding in findings)
    return {
        "schema": SCHEMA,
        "run": {
            **run,
            "version": __version__,
            "environment": judgement.environment,
            "history": None,
            "url": f"{url.rstrip('/')}/{run['id']}/" if url else None,
            "declared": [_source(name, location) for name, location in locations],
        },
        "summary": {
            "declared": judgement.declared,
            "live": len(estate),
            "in_sync": judgement.in_sync,
            "changed": kinds["changed"],
            "missing": kinds["missing"],
            "unmanaged": kinds["unmanaged"],
            "undeclared": len(judgement.undeclared),
            "unverifiable": len(judgement.unverifiable),
            "suppressed": len(judgement.ruling.hidden),
            "folded": judgement.folded,
            "system": judgement.system,
            "unmanaged_ignored": judgement.ignored,
            "unmanaged_not_listed": sum(judgement.unlisted.values()),
            "by_severity": {name: severities[name] for name in SEVERITIES},
            "by_owner": dict(sorted(owners.items(), key=lambda item: (-item[1], item[0]))),
        },
        "coverage": [estate.coverage[cell].record() for cell in sorted(estate.coverage)],
        "compared": list(compared),
        "findings": findings,
        "undeclared": [_undeclared(one) for one in sorted(judgement.undeclared, key=_value_place)],
        "resolved": [],
        "unverifiable": [_unverifiable(one) for one in sorted(judgement.unverifiable, key=_place)],
        "suppressed": [_suppressed(one) for one in sorted(judgement.ruling.hidden, key=_hidden_place)],
        "rules": list(judgement.ruling.told()),
        "unmanaged_not_listed": [
            {**cell._asdict(), "resources": count} for cell, count in sorted(judgement.unlisted.items())
        ],
        "problems": [{"source": problem.source, "message": problem.message} for problem in problems],
    }


def with_digests(report: dict[str, Any]) -> dict[str, Any]:
    """The document with the digest of each finding's values, as they were compared."""
    findings = []
    for one in report["findings"]:
        findings.append({**one, "digest": digest(one)})
        if any("compared" in change for change in one["changes"]):
            changes = [{k: v for k, v in change.items() if k != "compared"} for change in one["changes"]]
            findings[-1]["changes"] = changes
    return {**report, "findings": findings}


def _finding(
    finding: Finding,
    estate: Estate,
    written: Mapping[str, tuple[str, int]],
    forges: Mapping[str, Forge],
) -> dict[str, Any]:
    resource = finding.resource
    origin = finding.declared.origin if finding.declared else None
    provider = estate.providers.get(resource.provider)
    row = estate.status(resource.cell)
    line = _line(origin, finding.changes) if origin else None
    return {
        "id": finding.id,
        "kind": finding.kind,
        "provider": resource.provider,
        "scope": resource.scope,
        **({"scope_name": name} if (name := _scope_name(estate, resource)) else {}),
        "region": resource.cell.region,
        "type": resource.type,
        "resource_id": _called(finding),
        "name": resource.name or (finding.declared.name if finding.declared else None),
        "severity": finding.severity,
        "severity_reason": finding.severity_reason,
        "categories": sorted(finding.categories),
        "owner": finding.owner,
        "status": finding.status,
        "first_seen": finding.first_seen,
        "read_at": row.read_at if row else None,
        **({"read_by": row.by} if row and row.by else {}),
        "declared_at": _declared_at(origin, finding.changes) if origin else None,
        "changes": [_change(one, finding, written) | _compared(one) for one in finding.changes],
        **({"note": told(finding.note)} if finding.note else {}),
        **({"content": dict(finding.content)} if finding.content else {}),
        "attribution": asdict(finding.attribution) if finding.attribution else None,
        "links": {
            "console": provider.console_url(resource) if provider and finding.live else None,
            "declared": origin and web_link(origin.url, origin.commit, origin.file, line, forges),
        },
    }


def _scope_name(estate: Estate, resource: Resource) -> str | None:
    """What people call the scope of a resource, where its provider learnt it."""
    names = estate.context(resource.provider).get("names")
    name = names.get(resource.scope) if isinstance(names, Mapping) else None
    return str(name) if name and name != resource.scope else None


def _declared_at(origin: Origin, changes: tuple[Change, ...]) -> dict[str, Any]:
    return {
        "source": origin.source,
        "file": origin.file,
        "line": _line(origin, changes),
        "address": origin.address,
        "commit": origin.commit,
        **({"via": list(origin.via)} if origin.via else {}),
        **({"by": origin.by} if origin.by else {}),
    }


def _line(origin: Origin, changes: tuple[Change, ...]) -> int | None:
    lines = [line for change in changes if (line := line_of(origin, change.path)) is not None]
    return min(lines) if lines else origin.line


def line_of(origin: Origin, path: str) -> int | None:
    """The line that declares a path, or the nearest known one above it."""
    while path:
        if path in origin.lines:
            return origin.lines[path]
        path = path.rsplit("/", 1)[0]
    return None


def _change(
    change: Change, finding: Finding, written: Mapping[str, tuple[str, int]] = MappingProxyType({})
) -> dict[str, Any]:
    one: dict[str, Any] = {"id": finding.change_id(change), "path": change.path}
    one |= _sides(change.declared, change.live) if change.raw is None else _sides(*change.raw)
    if change.note:
        one["note"] = told(change.note)
    if change.path in written:
        file, line = written[change.path]
        one["written_at"] = {"file": file, "line": line}
    elif (origin := finding.declared.origin if finding.declared else None) and origin.file:
        nearest = line_of(origin, change.path)
        if nearest is not None:
            one["written_at"] = {"file": origin.file, "line": nearest}
    return {**one, "undeclared": change.undeclared, "sensitive": change.sensitive}


def _sides(declared: Any, live: Any) -> dict[str, Any]:
    sides = (("declared", declared), ("live", live))
    return {side: value for side, value in sides if value is not MISSING}


def _compared(change: Change) -> dict[str, Any]:
    """How two sides were compared that are spelled otherwise: what the digest is of."""
    return {} if change.raw is None else {"compared": _sides(change.declared, change.live)}


def _suppressed(one: Hidden) -> dict[str, Any]:
    resource, change = one.finding.resource, one.change
    told = None if change is None else _change(change, one.finding)
    return {
        "id": one.finding.id,
        "kind": one.finding.kind,
        "provider": resource.provider,
        "scope": resource.scope,
        "region": resource.cell.region,
        "type": resource.type,
        "resource_id": _called(one.finding),
        "name": resource.name,
        "path": "" if change is None else change.path,
        "change": told,
        "rule": one.note.rule,
        "reason": one.note.reason,
        "owner": one.note.owner,
        "until": one.note.until.isoformat() if one.note.until else None,
        "partial": one.partial,
    }


def _hidden_place(one: Hidden) -> tuple[str, ...]:
    resource = one.finding.resource
    path = one.change.path if one.change else ""
    return (*resource.cell, _called(one.finding), one.finding.kind, path, one.finding.id)


def _called(finding: Finding) -> str:
    resource = finding.resource
    origin = finding.declared.origin if finding.declared else None
    return resource.id or (origin.address if origin else None) or resource.name or "?"


def _unverifiable(one: Unverifiable) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "scope": one.scope,
        "type": one.type,
        "resource_id": one.resource_id,
        "path": one.path,
        "reason": told(one.reason),
        "declared_at": _declared_at(one.origin, ()) if one.origin else None,
    }


def _undeclared(one: Undeclared) -> dict[str, Any]:
    return {
        "id": one.id,
        **one.cell._asdict(),
        "resource_id": one.resource_id,
        "name": one.name,
        "path": one.path,
        **({} if one.live is MISSING else {"live": one.live}),
        "sensitive": one.sensitive,
        "reason": one.reason,
        "declared_at": _declared_at(one.origin, ()) if one.origin else None,
    }


def _value_place(one: Undeclared) -> tuple[str, ...]:
    return (*one.cell, one.resource_id, one.path)


def _place(one: Unverifiable) -> tuple[str, ...]:
    return (one.provider, one.scope, one.type, one.resource_id, one.path, one.reason, str(one.origin))


def _source(name: str, location: Location) -> dict[str, Any]:
    return {
        "source": name,
        "location": location.display if location.url is None else f"{location.url}:{location.display}",
        "ref": location.ref,
        "commit": location.commit,
    }
