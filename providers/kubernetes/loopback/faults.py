"""What a loopback cluster does wrong, as real ones do. Kinds are named ``group/Kind``, or ``Kind`` for the
core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drift.loopback import Counts


@dataclass(slots=True)
class Faults:
    """All faults of a cluster; none by default.

    ``denied``      kinds that RBAC refuses (403)
    ``throttled``   kind → how many requests are answered 429 with ``Retry-After`` before it works
    ``expired``     kind → how many continue tokens are answered 410 Gone
    ``slow``        kind → seconds before each answer
    ``delay``       seconds before every answer, as the way to a cluster takes
    ``broken``      kind → ``html`` (no JSON), ``cut`` (breaks off) or ``error`` (500), always
    ``aggregated``  None where there is no aggregated discovery, else its version
    ``openapi``     False where there is no OpenAPI v3
    ``stale``       ``group/version`` whose API service does not answer
    ``token``       the bearer token that is asked for
    ``retry_after`` seconds, in the answer 429
    ``user``        who one is there
    """

    denied: frozenset[str] = frozenset()
    throttled: Mapping[str, int] = field(default_factory=dict)
    expired: Mapping[str, int] = field(default_factory=dict)
    slow: Mapping[str, float] = field(default_factory=dict)
    delay: float = 0.0
    broken: Mapping[str, str] = field(default_factory=dict)
    aggregated: str | None = "v2"
    openapi: bool = True
    stale: frozenset[str] = frozenset()
    token: str | None = None
    retry_after: int = 0
    user: str = "drift"
    _counts: Counts = field(default_factory=Counts)

    def strikes(self, what: str, key: str) -> bool:
        """Whether a counted fault (``throttled``, ``expired``) still has to happen, counting this time."""
        allowed: int = getattr(self, what).get(key, 0)
        return self._counts.strikes((what, key), allowed)
