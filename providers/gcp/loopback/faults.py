"""What a loopback Google Cloud does wrong, as the real one does. Projects are named by id, folders as
``folders/N``."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """

    denied: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    throttled: Mapping[str, int] = field(default_factory=dict)
    slow: Mapping[str, float] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    expires: int | None = None
    cut: Mapping[str, int] = field(default_factory=dict)
    retry_after: float = 0
    _calls: int = 0
    _throttled: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def throttles(self, scope: str) -> bool:
        """Whether a call is one too many, counting this time."""
        with self._lock:
            happened = self._throttled.get(scope, 0)
            if happened >= self.throttled.get(scope, 0):
                return False
            self._throttled[scope] = happened + 1
            return True

    def expired(self) -> bool:
        """Whether the credential has expired, counting this call."""
        with self._lock:
            self._calls += 1
            return self.expires is not None and self._calls > self.expires
