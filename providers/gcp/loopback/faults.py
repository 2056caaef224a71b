"""What a loopback Google Cloud does wrong, as the real one does. Projects are named by id, folders as
``folders/N``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drift.loopback import Counts


@dataclass(slots=True)
class Faults:
    """All faults; none by default.

    ``denied``      scope → reason (``IAM_PERMISSION_DENIED``, ``SERVICE_DISABLED``), of Cloud Asset's calls
    ``hidden``      scopes that Resource Manager refuses to tell of
    ``throttled``   scope → how many calls are answered RESOURCE_EXHAUSTED before it works
    ``slow``        scope → seconds before each answer
    ``broken``      scopes whose calls end as INTERNAL
    ``expires``     after so many calls the credential has expired (UNAUTHENTICATED)
    ``cut``         scope → pages that are told before the listing breaks off (UNAVAILABLE)
    ``retry_after`` seconds, told with RESOURCE_EXHAUSTED
    ``lacking``     scope → permissions that are not granted there, as TestIamPermissions says
    """

    denied: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    throttled: Mapping[str, int] = field(default_factory=dict)
    slow: Mapping[str, float] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    expires: int | None = None
    cut: Mapping[str, int] = field(default_factory=dict)
    retry_after: float = 0
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _counts: Counts = field(default_factory=Counts)

    def throttles(self, scope: str) -> bool:
        """Whether a call is one too many, counting this time."""
        return self._counts.strikes(("throttled", scope), self.throttled.get(scope, 0))

    def expired(self) -> bool:
        """Whether the credential has expired, counting this call."""
        calls = self._counts.add("calls")
        return self.expires is not None and calls > self.expires
