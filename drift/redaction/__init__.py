"""Hides secrets at the edge: by what is known of a path, by name, by look."""

from __future__ import annotations

from drift.redaction.guess import HOLDERS, looks_secret, may_hold_random, telling
from drift.redaction.marks import marked, unmarked
from drift.redaction.messages import told
from drift.redaction.quick import may_hold_secret
from drift.redaction.redact import Like, Redactor, holds_secret
from drift.redaction.variables import NAMED_VALUES
from drift.redaction.variables import may_hold as may_hold_variables
from drift.redaction.whole import is_plain, is_secret, sensitive_texts, texts, with_names

#: Environment variable that gives the redaction key where the configuration has none.
KEY_VARIABLE = "DRIFT_REDACTION_KEY"

__all__ = [
    "NAMED_VALUES",
    "HOLDERS",
    "KEY_VARIABLE",
    "Like",
    "Redactor",
    "holds_secret",
    "is_plain",
    "is_secret",
    "looks_secret",
    "marked",
    "may_hold_random",
    "may_hold_secret",
    "may_hold_variables",
    "sensitive_texts",
    "telling",
    "texts",
    "told",
    "unmarked",
    "with_names",
]
