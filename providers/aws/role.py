"""The credentials of a role that is assumed, renewed in good time before they end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.credentials import DeferredRefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

#: A role may be entered for fifteen minutes at least; botocore renews what ends within fifteen with every
#: call, and lets all calls wait where it ends within ten. So of a shorter life these parts are left then.
#: Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (``DurationSeconds``).
_EARLY, _LATE = (900, 0.5), (600, 0.25)


class RoleCredentials(DeferredRefreshableCredentials):
    """Credentials that ``assume`` gives when they are asked for first, and again before they end.

    ``assume`` is asked for STS's answer to AssumeRole, by one thread at a time; what it raises is raised by
    the call that needs them.
    """

    def __init__(
        self, assume: Callable[[], Mapping[str, Any]], now: Callable[[], datetime] = lambda: present()
    ) -> None:
        def renew() -> dict[str, str]:
            told = _told(assume())
            self._suit((datetime.fromisoformat(told["expiry_time"]) - now()).total_seconds())
            return told

        super().__init__(refresh_using=renew, method="assume-role", time_fetcher=now)

    def _suit(self, left: float) -> None:
        """Has a life of so many seconds renewed in good time."""
        if left <= 0:
            raise CredentialRetrievalError(
                provider=self.method, error_msg="they have ended already; is this machine's clock right?"
            )
        self._advisory_refresh_timeout = min(_EARLY[0], left * _EARLY[1])
        self._mandatory_refresh_timeout = min(_LATE[0], left * _LATE[1])


def _told(answer: Mapping[str, Any]) -> dict[str, str]:
    """STS's answer in botocore's words."""
    said = answer["Credentials"]
    return {
        "access_key": said["AccessKeyId"],
        "secret_key": said["SecretAccessKey"],
        "token": said["SessionToken"],
        "expiry_time": said["Expiration"].isoformat(),
    }


def present() -> datetime:
    """The moment by which credentials end."""
    return datetime.now(UTC)
