"""The digest of a finding tells that its values changed, and nothing of a secret."""

from __future__ import annotations

from typing import Any

from drift.redaction import Redactor
from drift.report.digest import digest


def finding(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"changes": [{"sensitive": False, **one} for one in changes]}


def test_it_is_of_paths_and_values_in_any_order() -> None:
    one, two = {"path": "/A", "declared": 1, "live": 2}, {"path": "/B", "live": "x"}
    told = digest(finding(one, two))
    assert told == digest(finding(two, one)) and told is not None and len(told) == 16
    assert told != digest(finding(one, {**two, "live": "y"}))
    assert told != digest(finding(one))
    assert digest(finding({"path": "/A", "live": 1})) != digest(finding({"path": "/A", "declared": 1}))


def test_what_has_no_changes_has_none() -> None:
    assert digest(finding()) is None


def test_no_secret_is_in_it_nor_its_hash() -> None:
    def with_hash(key: str, value: str) -> str | None:
        redactor = Redactor(key)
        hidden, name = redactor.hide(value), redactor.mark(value)
        return digest(finding({"path": "/Env", "live": {"TOKEN": hidden, name: 1}}))

    assert with_hash("k1", "hunter2") == with_hash("k2", "correct horse")
    secret = {"path": "/Password", "sensitive": True}
    assert digest(finding(secret)) == digest(finding(secret))
