"""Every property that a template may set is read of AWS's answers, at every depth, by expressions and hooks
alike, or it is said why not (``tests/recorded/every.yaml``)."""

from __future__ import annotations

import fnmatch
from typing import Any

import pytest

from providers.aws.facts import catalogue
from tests.recorded.every import known, missing

TYPES = sorted(catalogue().compared)


@pytest.mark.parametrize("type_", TYPES)
def test_is_read(type_: str) -> None:
    assert missing(catalogue().entries[type_]) == []


def test_what_is_not_read_is_seen() -> None:
    entry = catalogue().entries["AWS::SQS::Queue"]
    said: dict[str, Any] = {**entry.said["properties"]}
    del said["DelaySeconds"]
    less = type(entry)(entry.type, {**entry.said, "properties": said}, entry.schema, entry.where)
    assert missing(less) == ["DelaySeconds"]


def test_every_reason_is_of_a_property() -> None:
    for type_, words in known().items():
        paths = catalogue().entries[type_].schema["paths"]
        assert [one for one in words.get("why", {}) if not fnmatch.filter(paths, one)] == [], type_
        assert set(words) <= {"answered", "why"}
