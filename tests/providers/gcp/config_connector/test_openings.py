"""What opens something is told in every recorded type that has such a field, where Git leaves it unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from tests import planted, shared
from tests.providers.gcp.config_connector import recorded
from tests.providers.gcp.test_requests import baseline

SECOND = "recordings/gcp-config-connector-second"
pytestmark = shared.needs(recorded.RECORDING, SECOND)
RULES = list(recorded.provider.severity_rules())


@pytest.mark.parametrize(
    ("pattern", "value", "types"),
    [
        (r"[sS]erviceAccount$", "eve@theirs.iam.gserviceaccount.com", 5),
        (r"/(authorized\w*Networks|allowed\w*Ranges)$", ["0.0.0.0/0"], 2),
        (r"/pushEndpoint$", "https://theirs.example.com/", 1),
        (r"/sslMode$", "ALLOW_UNENCRYPTED_AND_ENCRYPTED", 1),
    ],
)
def test_it_is_told_loudly(monkeypatch: pytest.MonkeyPatch, pattern: str, value: Any, types: int) -> None:
    asked, quiet = set(), []
    known: dict[str, list[tuple[str, ...]]] = {}
    for recording in (recorded.RECORDING, SECOND):
        monkeypatch.setattr(recorded, "FOLDER", shared.path(recording))
        for row in recorded.rows():
            request = row.get("create_request")
            if not (request and row.get("live_after_create")):
                continue
            declared = baseline(request, request["body"])
            facts = recorded.provider.facts(declared.type)
            if declared.type in asked or facts is None:
                continue
            if declared.type not in known:
                known[declared.type] = list(planted.places(facts.root, pattern))
            for path in known[declared.type]:
                body = planted.with_value(row["live_after_create"], path, value)
                if body is None or not planted.silent(declared.attributes, path):
                    continue
                asked.add(declared.type)
                sides = declared, declared.but(attributes=body, origin=None)
                found = planted.told(recorded.judged(declared, body), path, sides, RULES)
                if found not in ("high", "critical"):
                    quiet.append((declared.type, path, found))
    assert len(asked) >= types
    assert quiet == []
