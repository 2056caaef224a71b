"""The report for GitLab's code quality widget: each finding at its declared line in the merge request.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

from drift.visible import visible
from reports import unread, view
from reports.sarif import NOWHERE
from reports.values import in_short

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}


class CodeQualityReport:
    """Writes a JSON list; what could not be read stands in it, too, at drift.yaml."""

    name = "codequality"
    suffix = "codequality.json"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``."""
        out.write(orjson.dumps(list(_issues(report)), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _issues(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for finding in view.ordered(view.drifted(report.get("findings") or [])):
        declared = finding.get("declared_at") or {}
        line = declared.get("line")
        said = f"{view.name_of(finding)} ({visible(finding.get('type'))}): {in_short(finding)}"
        yield _issue(
            said,
            f"drift/{visible(finding.get('kind'))}",
            visible(finding.get("id") or ""),
            _SEVERITIES[view.severity_of(finding)],
            visible(declared.get("file") or NOWHERE),
            line if isinstance(line, int) and line > 0 else 1,
        )
    for status, message in unread.said(report):
        identity = hashlib.sha256(f"{status}\n{message}".encode("utf-8", "replace")).hexdigest()[:32]
        yield _issue(f"Not read: {message}", f"drift/{status}", identity, "major", NOWHERE, 1)


def _issue(said: str, check: str, identity: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": said,
        "check_name": check,
        "fingerprint": identity,
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
