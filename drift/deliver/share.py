"""What of a report is somebody's: the report cut to findings of some owners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from drift.finding import NO_OWNER, SEVERITIES


def owned(report: Mapping[str, Any], glob: str) -> dict[str, Any]:
    """The report with the findings, and those that ended, whose owner, or one of whose owners, the glob fits;
    counted anew. What could not be read is everybody's and stays."""
    findings = [one for one in report["findings"] if belongs(one.get("owner"), glob)]
    kinds = Counter(one["kind"] for one in findings)
    severities = Counter(one["severity"] for one in findings)
    owners = Counter(one.get("owner") or NO_OWNER for one in findings)
    return {
        **report,
        "findings": findings,
        "resolved": [one for one in report["resolved"] if belongs(one.get("owner"), glob)],
        "summary": {
            **report["summary"],
            **{kind: kinds[kind] for kind in ("changed", "missing", "unmanaged")},
            "by_severity": {name: severities[name] for name in SEVERITIES},
            "by_owner": dict(sorted(owners.items(), key=lambda item: (-item[1], item[0]))),
        },
    }


def belongs(owner: str | None, glob: str) -> bool:
    """Whether an owner, as CODEOWNERS may name several (``@acme/web, @ann``), is one that the glob fits."""
    wanted = glob.lower()
    names = [one.strip() for one in (owner or NO_OWNER).lower().split(",")]
    return any(fnmatchcase(one, wanted) for one in names)
