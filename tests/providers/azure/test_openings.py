"""What opens something is told in every recorded type that has such a property, also where Git is silent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests import planted, shared
from tests.providers.azure import recorded

pytestmark = shared.needs(recorded.FIRST, recorded.SECOND)
RULES = list(recorded.PROVIDER.severity_rules())
#: What stands where nobody says anything, so that it tells of nobody.
DEFAULTS = {
    ("Microsoft.Storage/storageAccounts", "Allow"),
    ("Microsoft.ContainerRegistry/registries", "Allow"),
}


@pytest.mark.parametrize(
    ("pattern", "value", "types"),
    [
        (r"^/properties/(\w+/)?(min|minimum|minimal)TlsVersion$", "TLS1_1", 4),
        (r"^/properties/(\w+/)?(min|minimum|minimal)TlsVersion$", "1.0", 4),
        (r"^/properties/(\w+/)?ftpsState$", "AllAllowed", 1),
        (r"^/properties/network(Acls|RuleSet)/defaultAction$", "Allow", 2),
        (r"^/properties/publicAccess$", "Container", 1),
        (r"^/properties/(adminUserEnabled|anonymousPullEnabled|enableNonSslPort)$", True, 1),
    ],
)
def test_it_is_told_loudly(pattern: str, value: Any, types: int) -> None:
    asked, quiet = set(), []
    known: dict[str, list[tuple[str, ...]]] = {}
    for folder in (recorded.FIRST, recorded.SECOND):
        for pair in recorded.in_sync(folder):
            facts = recorded.PROVIDER.facts(pair.type)
            if pair.type in asked or facts is None:
                continue
            if pair.type not in known:
                known[pair.type] = list(planted.places(facts.root, pattern))
            for path in known[pair.type]:
                live = planted.with_value(pair.live, path, value)
                if live is None or not planted.silent(pair.declared, path):
                    continue
                asked.add(pair.type)
                other = replace(pair, live=live)
                sides = recorded.resource(pair, pair.declared), recorded.resource(pair, live)
                found = planted.told(recorded.judged(other), path, sides, RULES)
                if found not in ("high", "critical") and (pair.type, value) not in DEFAULTS:
                    quiet.append((pair.type, path, found))
    assert len(asked) >= types
    assert quiet == []
