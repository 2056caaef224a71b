"""Short words for the tests of comparison: facts, resources and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.compare.decisions import Policy
from drift.compare.verdict import Verdict, compare
from drift.facts import TypeFacts
from drift.finding import Change
from drift.kinds.base import Context
from drift.kinds.registry import KINDS
from drift.model import Resource
from drift.redaction.redact import Redactor

TYPE = "Test::Thing"
REDACTOR = Redactor("a key for tests")


def facts(**paths: Mapping[str, Any]) -> TypeFacts:
    """Facts by path; ``__`` in a name stands for ``/`` and ``ANY`` for ``*``."""
    found = TypeFacts(TYPE)
    said = {name.replace("__", "/").replace("ANY", "*"): words for name, words in paths.items()}
    found.paths(said, KINDS, "test")
    return found


def resource(attributes: Mapping[str, Any], **more: Any) -> Resource:
    return Resource("test", "s", TYPE, "id", dict(attributes), "r", **more)


def judge(
    want: Mapping[str, Any],
    have: Mapping[str, Any],
    known: TypeFacts | None = None,
    *,
    redactor: Redactor = REDACTOR,
    policy: Policy | None = None,
    declared: Mapping[str, Any] | None = None,
    live: Mapping[str, Any] | None = None,
) -> Verdict:
    """The verdict on declared and live attributes; ``declared`` and ``live`` are more fields of the two
    resources."""
    found = known or facts()
    return compare(
        redactor.resource(resource(want, **(declared or {})), found.root),
        REDACTOR.resource(resource(have, **(live or {})), found.root),
        found,
        Context("test", "s", "r", TYPE),
        redactor,
        policy or (lambda _type, _path: "report"),
    )


def told(verdict: Verdict) -> dict[str, tuple[Any, Any]]:
    """Path → (declared, live) of each change, with "-" for a side that is absent."""
    return {change.path: (_side(change, "declared"), _side(change, "live")) for change in verdict.changes}


def _side(change: Change, name: str) -> Any:
    value = getattr(change, name)
    return "-" if repr(value) == "MISSING" else value
