"""A GitHub App's login: a signed statement of who it is, for a token that is good for one repository and an
hour. Source: GitHub's "Generating a JSON Web Token (JWT) for a GitHub App" and "Generating an installation
access token for a GitHub App"."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from drift.deadline import Deadline
from drift.forge import ForgeError
from forges.answers import path
from forges.rest import Api

#: Seconds: a statement begins a minute ago, for a clock that is behind, and is good for ten minutes at most.
_BEFORE, _AFTER = 60, 480
#: So long before a token ends another is asked for.
_EARLY = 300.0
_ADVICE = {
    401: "GitHub does not take the App's key: do `app_id` and `private_key` belong together, and is this "
    "machine's clock right?",
    404: "the App is not installed in this repository: install it, or give `installation_id`",
}


class App:
    """The App of one repository; it asks for a token when one is wanted."""

    def __init__(
        self, *, app_id: str, key: Callable[[], str], installation: int | None, repository: tuple[str, str]
    ) -> None:
        self._app_id, self._ask_key, self._repository = app_id, key, repository
        self._key = ""
        self._installation = installation
        self._token, self._until = "", 0.0
        self._statement = ""
        self._api: Api | None = None

    def connect(self, root: str, deadline: Deadline, headers: Mapping[str, str], ca: str | None) -> None:
        """Told where to ask, before it is asked."""
        self._api = Api(
            root,
            "GitHub",
            deadline,
            headers=lambda: {**headers, "Authorization": f"Bearer {self._statement}"},
            hidden=self.secrets,
            advice=_ADVICE,
            ca=ca,
        )

    def check(self) -> None:
        """Raises ForgeError where the key is none."""
        self._statement = self._signed()

    def secrets(self) -> tuple[str, ...]:
        """What is never to be said."""
        return (self._token, self._statement, self._key)

    def token(self) -> str:
        """A token that is good for five minutes at least. Raises ForgeError."""
        if time.time() < self._until - _EARLY:
            return self._token
        assert self._api is not None
        owner, name = self._repository
        self._statement = self._signed()
        if self._installation is None:
            self._installation = self._api.get(path("repos", owner, name, "installation"))["id"]
        at = path("app", "installations", self._installation, "access_tokens")
        found = self._api.send("POST", at, {"repositories": [name]})
        self._token = str(found["token"])
        self._until = datetime.fromisoformat(str(found["expires_at"]).replace("Z", "+00:00")).timestamp()
        return self._token

    def _signed(self) -> str:
        """A JSON Web Token, RS256; Source: RFC 7515, 3.1, and RFC 7518, 3.3."""
        self._key = self._key or self._ask_key()
        try:
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import padding, rsa
        except ImportError:
            raise ForgeError(
                "a GitHub App's key needs cryptography: pip install 'driftline[github]'"
            ) from None
        try:
            key = serialization.load_pem_private_key(self._key.encode(), None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ForgeError(
                "remediate.forges.github: the App's key is no RSA private key in PEM without a passphrase, "
                "as GitHub gives it"
            )
        now = int(time.time())
        claims = {"iat": now - _BEFORE, "exp": now + _AFTER, "iss": self._app_id}
        said = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{said}.{_base64(key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _encoded(claims: Mapping[str, Any]) -> str:
    return _base64(orjson.dumps(claims))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
