"""A Vault server: logged in to when something is read first; both versions of its KV engine are read, and
whatever else answers a GET; what it lends is kept alive until the run ends."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import hvac
from hvac import exceptions

from drift import bounded_http, reading
from drift.deadline import Deadline
from drift.limits import Limits
from drift.secret import Secret, SecretError, parted
from providers.vault.failures import NOT_ALLOWED, refused, told
from providers.vault.leases import Loan, Loans
from providers.vault.logins import log_in
from providers.vault.settings import Settings

#: No answer of Vault's is larger: a request is 32 MiB at most, an entry of its storage 1 MiB
#: (https://developer.hashicorp.com/vault/docs/internals/limits).
_LIMITS = Limits(answer_bytes=8 * 1024 * 1024, answer_seconds=60)
#: How long renewing one loan may take.
_RENEWING_SECONDS = 10.0
#: A login is made anew where its token is good for less (seconds).
_LEAST_SECONDS = 5.0
_TOKEN_FILE = Path("~/.vault-token")
_MOST = 64 * 1024


class Vault:
    """One server that is logged in to when it is asked first."""

    def __init__(self, settings: Settings, address: str) -> None:
        self._settings, self._address = settings, address
        self._lock = threading.RLock()
        self._token, self._ours = "", False
        self._good_for: Callable[[], float] = lambda: 0.0
        self._loans = Loans(self._renew)

    def read(self, path: str, deadline: Deadline) -> Secret:
        client = self._client(deadline)
        self._enter(client)
        try:
            return self._found(client, path)
        except exceptions.Forbidden:
            if self._valid(client):
                raise SecretError(NOT_ALLOWED) from None
        if not self._ours:
            raise SecretError("the token is not valid, or has ended; give another one")
        with self._lock:  # it was revoked, or has ended: it is had again as it was had
            if self._token == client.token:
                self._token = ""
        self._enter(client)
        with told(self._address):
            return self._found(client, path)

    def _found(self, client: Any, path: str) -> Secret:
        """What is at a path. Raises SecretError, and hvac's Forbidden."""
        place, query = parted(path)
        asked = parse_qs(query, keep_blank_values=True)
        version = asked.pop("version", [""])[0]
        if asked or (query and not version.isdecimal()):
            raise SecretError("behind `?` nothing stands but `version=` and a number; correct it")
        with told(self._address, but=exceptions.Forbidden):
            where, of_kv2 = self._place(client, place.strip("/"))
            if version and not of_kv2:
                raise SecretError("only KV version 2 keeps versions; leave out `?version=`")
            query = f"?version={version}" if version else ""
            answer = client.adapter.get(f"/v1/{quote(where, safe='/')}{query}")
        data = answer.get("data") if isinstance(answer, Mapping) else None
        if of_kv2 and isinstance(data, Mapping):
            data = data.get("data")
        if not isinstance(data, Mapping):
            raise SecretError(f"{self._address}: what is at this path is no secret, or was deleted")
        return Secret(dict(data), self._lent(answer, data))

    def _place(self, client: Any, path: str) -> tuple[str, bool]:
        """The path of the API that reads a secret, and whether KV version 2 keeps it, as Vault's own program
        finds out (``vault kv get``)."""
        try:
            answer = client.adapter.get(f"/v1/sys/internal/ui/mounts/{quote(path, safe='/')}")
        except (exceptions.Forbidden, exceptions.InvalidPath, exceptions.InvalidRequest):
            return path, False  # a server that does not tell; or nothing is there, as the answer will say
        mounted: Mapping[str, Any] = (answer.get("data") if isinstance(answer, Mapping) else None) or {}
        mount, options = str(mounted.get("path", "")), mounted.get("options") or {}
        if mounted.get("type") != "kv" or str(options.get("version")) != "2":
            return path, False
        return f"{mount}data/{path.removeprefix(mount)}", True

    def _lent(self, answer: Mapping[str, Any], data: Mapping[str, Any]) -> Callable[[], float]:
        """For how long a secret is good: a lease while it is kept alive, and no longer than the token."""
        lease, seconds = str(answer.get("lease_id") or ""), float(answer.get("lease_duration") or 0)
        if lease:
            good_for, token = self._loans.add(lease, seconds, bool(answer.get("renewable"))), self._good_for
            return lambda: min(good_for(), token())
        if lasts := _token_of_google(data):
            until = time.monotonic() + lasts
            return lambda: max(0.0, until - time.monotonic())
        return lambda: math.inf

    def _client(self, deadline: Deadline) -> Any:
        settings = self._settings
        ca = settings.ca and str(settings.ca.expanduser()) or settings.said("CACERT")
        session = bounded_http.session(_LIMITS, deadline)
        session.verify = ca or True
        return hvac.Client(
            self._address,
            token=self._token or "",
            namespace=settings.namespace or settings.said("NAMESPACE"),
            verify=ca or True,
            timeout=deadline.within(settings.timeout),
            session=session,
            allow_redirects=False,  # a token is for the server that it was given to
        )

    def _enter(self, client: Any) -> None:
        """Gives the client a token that is good, by a login where there is none. Raises SecretError."""
        with self._lock:
            if not self._token or (self._ours and self._good_for() < _LEAST_SECONDS):
                self._logged_in(client)
            client.token = self._token

    def _logged_in(self, client: Any) -> None:
        login = self._settings.login
        if login is None or login.token is not None:
            said = login.token.get_secret_value() if login and login.token else self._of_environment()
            self._token, self._ours = said.strip(), False
            if not self._token.isprintable() or not self._token.isascii() or not self._token:
                raise SecretError("the token that is given is not one line of plain text; give another one")
            self._good_for = self._of_token(client)
            return
        client.token = None
        with told(self._address, "the login"), refused():
            auth = log_in(login, client)["auth"]
        self._token, self._ours = str(auth["client_token"]), True
        self._good_for = self._loans.add(
            "", float(auth.get("lease_duration") or 0), bool(auth.get("renewable"))
        )

    def _of_token(self, client: Any) -> Callable[[], float]:
        """For how long a token that was given is good: it is renewed as long as it can be, too."""
        client.token = self._token
        try:
            with told(self._address):
                try:
                    data = client.auth.token.lookup_self()["data"]
                except exceptions.Forbidden:
                    return lambda: math.inf  # the reading will say what it may not
        except SecretError:
            self._token = ""
            raise
        return self._loans.add("", float(data.get("ttl") or 0), bool(data.get("renewable")))

    def _of_environment(self) -> str:
        given = self._settings.said("TOKEN")
        if given is not None:
            return given
        file = _TOKEN_FILE.expanduser()
        if not file.exists():
            raise SecretError("no login: give `secrets.vault.login`, or set VAULT_TOKEN")
        return reading.text(file, "~/.vault-token", most=_MOST, error=SecretError)

    def _valid(self, client: Any) -> bool:
        """Whether the token is good, where something was refused."""
        with told(self._address):
            try:
                client.auth.token.lookup_self()
            except exceptions.Forbidden:
                return False
        return True

    def _renew(self, loan: Loan) -> tuple[float, bool]:
        client = self._client(Deadline(_RENEWING_SECONDS))
        with told(self._address):
            if loan.id:
                answer = client.sys.renew_lease(loan.id)
                return float(answer["lease_duration"]), bool(answer["renewable"])
            auth = client.auth.token.renew_self()["auth"]
            return float(auth["lease_duration"]), bool(auth["renewable"])

    def close(self, deadline: Deadline) -> None:
        """Revokes what was lent: with the token of a login, which ends with it; else each lease."""
        self._loans.end()
        with self._lock:
            token, ours, leases = self._token, self._ours, self._loans.ids
            if not token or not (ours or leases):
                return
            client = self._client(deadline)
            self._token = ""
        left = "what Vault lent could not be given back, and ends by itself"
        with told(self._address, left):
            if ours:
                client.auth.token.revoke_self()
                return
            for one in leases:
                client.sys.revoke_lease(one)


def _token_of_google(data: Mapping[str, Any]) -> float:
    """For how many seconds an access token that Google's engine gives is good; it has no lease. 0 for all
    else. Source: https://developer.hashicorp.com/vault/api-docs/secret/gcp#generate-secret-iam-service-account-creds."""
    lasts = data.get("token_ttl")
    return float(lasts) if "expires_at_seconds" in data and isinstance(lasts, int) else 0.0
