"""The report as SARIF 2.1.0, for code scanning: each finding at its declared line.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; GitHub's limits:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote

import orjson

from drift.visible import visible
from reports import moments, todo, unread, view
from reports.values import in_short

#: So many results GitHub takes of one run.
MOST = 25_000
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: Where a finding is shown that no file declares: there people say what becomes of such.
NOWHERE = "drift.yaml"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_RANKS = {"critical": 100.0, "high": 80.0, "medium": 50.0, "low": 20.0, "info": 5.0}
_RULES = {
    "changed": ("Changed", "Live differs from what is declared."),
    "missing": ("Missing", "Declared, and not live."),
    "unmanaged": ("Unmanaged", "Live, and declared nowhere."),
}


class SarifReport:
    """Writes one run of SARIF; what could not be read are its notifications."""

    name = "sarif"
    suffix = "sarif"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``, its severest findings where code scanning does not take all."""
        run = report.get("run") or {}
        drifted = view.ordered(view.drifted(report.get("findings") or []))
        notes = [_notification(message) for _, message in unread.said(report)]
        if len(drifted) > MOST:
            notes.append(_notification(f"{len(drifted) - MOST:,} less severe findings are left out here."))
        document = {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "drift",
                            "semanticVersion": str(run.get("version") or "0"),
                            "rules": [_rule(name) for name in _RULES],
                        }
                    },
                    "automationDetails": {
                        "id": f"drift/{quote(str(run.get('environment') or ''), safe='')}/"
                    },
                    "invocations": [_invocation(run, notes)],
                    "columnKind": "unicodeCodePoints",
                    "results": [_result(one) for one in drifted[:MOST]],
                }
            ],
        }
        out.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _invocation(run: Mapping[str, Any], notes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "executionSuccessful": run.get("exit_code") != 1,
        "toolExecutionNotifications": list(notes),
    }
    for name, key in (("startTimeUtc", "started_at"), ("endTimeUtc", "finished_at")):
        if moments.parse_time(run.get(key)) is not None:
            told[name] = str(run[key])
    return told


def _notification(message: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": _unlinked(message)}, "descriptor": {"id": "not-read"}}


def _unlinked(text: str) -> str:
    """A text in which nothing is a link: ``[a](b)`` is one in SARIF's plain text, too (3.11.6)."""
    return text.replace("](", "] (")


def _rule(kind: str) -> dict[str, Any]:
    name, text = _RULES[kind]
    return {
        "id": kind,
        "name": name,
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": todo.advice({"kind": kind})},
        "properties": {"tags": ["drift"]},
    }


def _result(finding: Mapping[str, Any]) -> dict[str, Any]:
    kind, severity = str(finding.get("kind")), view.severity_of(finding)
    reason = visible(finding.get("severity_reason") or "")
    said = f"{view.name_of(finding)} ({visible(finding.get('type'))}): {in_short(finding, most=4, width=60)}"
    told: dict[str, Any] = {
        "level": _LEVELS[severity],
        "rank": _RANKS[severity],
        "message": {"text": _unlinked(f"{said}. {reason}" if reason else said)},
        "locations": [_location(finding)],
        "partialFingerprints": {"driftFinding/v1": visible(finding.get("id") or "")},
        "properties": {
            "severity": severity,
            "owner": view.owner_of(finding),
            "provider": visible(finding.get("provider")),
            "scope": visible(finding.get("scope")),
            "region": visible(finding.get("region")),
            "status": view.status_of(finding),
        },
    }
    if kind in _RULES:
        told |= {"ruleId": kind, "ruleIndex": list(_RULES).index(kind)}
    status = view.status_of(finding)
    if status:
        again = (finding.get("history") or {}).get("changed_again")
        known = "updated" if again else "unchanged"
        told["baselineState"] = known if status == "recurring" else "new"
    if link := view.safe_link((finding.get("links") or {}).get("console")):
        told["hostedViewerUri"] = link
    return told


def _location(finding: Mapping[str, Any]) -> dict[str, Any]:
    declared = finding.get("declared_at") or {}
    line = declared.get("line")
    physical: dict[str, Any] = {"artifactLocation": artifact(declared.get("file"))}
    physical["region"] = {"startLine": line if isinstance(line, int) and line > 0 else 1}
    return {
        "physicalLocation": physical,
        "logicalLocations": [
            {
                "name": view.name_of(finding),
                "fullyQualifiedName": visible(finding.get("resource_id") or ""),
                "kind": "resource",
            }
        ],
    }


def artifact(file: object) -> dict[str, Any]:
    """A file of the repository; one outside of it as its own address."""
    path = str(file) if file else NOWHERE
    if path.startswith("/"):
        return {"uri": f"file://{quote(path, errors='replace')}"}
    return {"uri": quote(path, safe="/-._~", errors="replace"), "uriBaseId": "%SRCROOT%"}
