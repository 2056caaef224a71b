"""What a loopback Azure does wrong, as the real one does. Subscriptions are named by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.loopback import Counts


@dataclass(slots=True)
class Faults:
    """All faults; none by default.

    ``denied``      subscriptions of which everything is answered AuthorizationFailed ``denied_types`` types
    (lower case) that are answered AuthorizationFailed, in every subscription ``groups``      subscription →
    resource groups (lower case), where only these are granted: all else is left out of listings
    ``unregistered`` namespaces (lower case) that no subscription is registered for (409) ``unlisted``
    types (lower case) without a listing in a subscription (405) ``throttled``   subscription → how many calls
    are answered 429 before it works ``slow``        subscription → seconds before each answer ``broken``
    subscriptions whose calls end as 500 ``expires``     after so many calls the token has expired (401)
    ``quota``       calls that Resource Graph takes before it asks to wait; None: any number ``retry_after``
    seconds, told with 429 and with Resource Graph's quota ``granted``     subscription → what is granted over
    all of it, as Azure lists it; else all reading
    """

    denied: frozenset[str] = frozenset()
    denied_types: frozenset[str] = frozenset()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unregistered: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    throttled: Mapping[str, int] = field(default_factory=dict)
    slow: Mapping[str, float] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    expires: int | None = None
    quota: int | None = None
    retry_after: int = 1
    granted: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    _counts: Counts = field(default_factory=Counts)

    def permissions(self, subscription: str) -> list[dict[str, Any]]:
        """What the caller may do over a whole subscription."""
        if subscription in self.groups:
            return []
        if subscription in self.granted:
            return self.granted[subscription]
        return [{"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]

    def throttles(self, subscription: str) -> bool:
        """Whether a call is one too many, counting this time."""
        return self._counts.strikes(("throttled", subscription), self.throttled.get(subscription, 0))

    def expired(self) -> bool:
        """Whether the token has expired, counting this call."""
        calls = self._counts.add("calls")
        return self.expires is not None and calls > self.expires
