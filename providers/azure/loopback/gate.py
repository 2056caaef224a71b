"""What the loopback Azure refuses, in Azure's own words: a caller without rights, too many calls, an unknown
version."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from providers.azure.ids import parse
from providers.azure.loopback.faults import Faults
from providers.azure.loopback.store import Store

GROUP = "Microsoft.Resources/resourceGroups"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")


class Refusal(Exception):
    """An error answer: status, ARM's code, message, and headers."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})


class Gate:
    """Raises Refusal where an answer is not given."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store, self.faults = store, faults
        self._asked_graph = 0

    def _check(self, parts: list[str], query: Mapping[str, str]) -> None:
        if "api-version" not in query:
            raise Refusal(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        faults = self.faults
        if faults.expired():
            raise Refusal(
                401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than now."
            )
        if parts[0] != "subscriptions" or len(parts) < 2:
            return
        id_ = parts[1]
        if id_ in faults.slow:
            time.sleep(faults.slow[id_])
        if id_ in faults.denied and len(parts) > 1:
            raise forbidden("/" + "/".join(parts[:2]), "Microsoft.Resources/subscriptions/resources/read")
        if id_ in faults.broken:
            raise Refusal(500, "InternalServerError", "Encountered internal server error.")
        if faults.throttles(id_):
            raise Refusal(
                429,
                "TooManyRequests",
                "The request is being throttled as the limit has been reached for operation type - "
                "Read_ObservationWindow.",
                {"Retry-After": str(faults.retry_after)},
            )

    def _version(self, low: str, query: Mapping[str, str]) -> None:
        """Refuses an API version that the type is not served at."""
        said = query["api-version"]
        path = low if low.rpartition("/providers/")[2].count("/") % 2 == 0 else f"{low}/x"
        found = parse(path)
        type_ = found.type if found is not None else ""
        served = self.store.served(type_)
        if _VERSION.fullmatch(said) and said in served:
            return
        space, _, kind = type_.partition("/")
        raise Refusal(
            400,
            "NoRegisteredProviderFound" if _VERSION.fullmatch(said) else "InvalidApiVersionParameter",
            f"No registered resource provider found for API version '{said}' for type '{kind}' of '{space}'. "
            f"The supported api-versions are '{', '.join(served)}'.",
        )

    def _visible(self, id_: str) -> bool:
        """Whether the caller may read a resource: anything, but for subscriptions of which only groups are
        granted."""
        parts = id_.split("/")
        groups = self.faults.groups.get(parts[2]) if len(parts) > 2 and parts[1] == "subscriptions" else None
        return groups is None or (len(parts) > 4 and parts[4] in groups)

    def _allowed(self, type_: str, parts: list[str]) -> None:
        if type_.partition("/")[0].lower() in self.faults.unregistered:
            space = type_.partition("/")[0]
            raise Refusal(
                409,
                "MissingSubscriptionRegistration",
                f"The subscription is not registered to use namespace '{space}'. See "
                "https://aka.ms/rps-not-found for how to register subscriptions.",
            )
        if type_.lower() in self.faults.denied_types:
            raise forbidden("/" + "/".join(parts), f"{type_}/read")

    def _not_found(self, low: str) -> Refusal:
        found = parse(low)
        if found is not None and found.resource_group:
            group = f"/subscriptions/{found.subscription}/resourcegroups/{found.resource_group}"
            if group not in self.store.resources and any(
                one["type"] == GROUP for one in self.store.resources.values()
            ):
                return Refusal(
                    404,
                    "ResourceGroupNotFound",
                    f"Resource group '{found.resource_group}' could not be found.",
                )
        what = low.rpartition("/providers/")[2]
        return Refusal(
            404,
            "ResourceNotFound",
            f"The Resource '{what}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        )

    def _quota(self) -> dict[str, str]:
        if self.faults.quota is None:
            return {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
        self._asked_graph += 1
        left = self.faults.quota - self._asked_graph
        if left < 0:
            self._asked_graph = 0
            raise Refusal(
                429,
                "RateLimiting",
                "Please provide below info when asking for support. Client application has been throttled.",
                {"Retry-After": str(self.faults.retry_after)},
            )
        if left == 0:
            self._asked_graph = 0
        return {
            "x-ms-user-quota-remaining": str(left),
            "x-ms-user-quota-resets-after": f"00:00:{self.faults.retry_after:02}",
        }


def forbidden(scope: str, action: str) -> Refusal:
    """The answer to who may not do this there."""
    return Refusal(
        403,
        "AuthorizationFailed",
        "The client 'drift' with object id '00000000-0000-4000-8000-000000000000' does not have "
        f"authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access "
        "was recently granted, please refresh your credentials.",
    )
