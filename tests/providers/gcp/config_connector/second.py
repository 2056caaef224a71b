"""The second recordings, of kinds that came later: general rules were tuned on half of their kinds (A) and
prove themselves on the other half (B)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from tests.providers.gcp.config_connector.recorded import PAIRS, judged, verdict
from tests.providers.gcp.test_requests import baseline

RECORDING = "recordings/gcp-config-connector-second"


def half(kind: str) -> str:
    """The half of a kind, by a rule that knows nothing but its name."""
    return "A" if int(hashlib.md5(kind.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0 else "B"


def in_sync(row: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """(form, whether it is loud) of what should be in sync."""
    for which, after in PAIRS:
        if row.get(which) and row.get(after):
            yield "object", bool(verdict(row, which, after).changes)
    request = row.get("create_request")
    if request and row.get("live_after_create"):
        asked = baseline(request, request["body"])
        yield "request", bool(judged(asked, row["live_after_create"]).changes)
