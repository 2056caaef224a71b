"""A running loopback forge of each kind, one a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from forges.loopback import FORGES
from forges.loopback.server import Faults
from tests.forges.stands import Stand, stand


@pytest.fixture(scope="module", params=sorted(FORGES))
def _stand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    made = stand(request.param, tmp_path_factory.mktemp("forge"))
    yield made
    made.server.close()


@pytest.fixture
def forge(_stand: Stand) -> Iterator[Stand]:
    """A forge that does nothing wrong, and whose rules were kept when the test ends."""
    server = _stand.server
    server.faults, server.calls, server.page = Faults(), [], 100
    people, teams = set(server.people), set(server.teams)
    yield _stand
    server.people, server.teams = people, teams
    violations, server.violations = server.violations, []
    assert violations == []
