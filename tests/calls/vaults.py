"""What is asked of Vault: ways in, a secret that is lent, what is kept alive and given back; and what forges
keep there."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from drift.errors import DriftError
from drift.loopback import Answer, Server
from drift.loopback import json as told
from drift.secrets.reference import reference
from providers.vault.loopback import Loopback
from tests.calls.aws import VALUE
from tests.calls.clouds import Maker, named
from tests.calls.stand import Outcome, Stand, asked, environment, patched
from tests.faulty import Weather, faulty
from tests.secrets.stores import configured

#: As it is elsewhere (seconds).
_MOST = {
    "drift__secrets__keyring__SECONDS": 30.0,
    "drift__secrets__keyring__CLOSING_SECONDS": 5.0,
    "providers__vault__server___RENEWING_SECONDS": 10.0,
}
_QUIET = {"NO_PROXY": "127.0.0.1"}
_FORM = (
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)


class Open(Loopback):
    """A Vault that lets everybody in, whatever way, and lends all the same value."""

    def __init__(self, ttl: int = 3600) -> None:
        super().__init__(
            engines=dict.fromkeys(("lent", "other"), lambda: ({"value": VALUE}, lambda: None)), ttl=ttl
        )

    def _login(self, mount: str, body: Mapping[str, Any]) -> Answer:
        token = f"s.{len(self.asked)}.of-{mount}"
        self.tokens.add(token)
        return told(200, {"auth": {"client_token": token, "lease_duration": self._ttl, "renewable": True}})


@contextmanager
def _patient(seconds: float) -> Iterator[None]:
    """A secret is looked up, and given back, for so long at most, and without a pause between two tries."""
    longest = {name: min(most, 4 * seconds) for name, most in _MOST.items()}
    with patched(drift__secrets__keyring___BACK_OFF=0.0, **longest):
        yield


def _vault(said: Mapping[str, Any] | None) -> Maker:
    """A secret that is lent to who comes in one way (None: with a token), and given back."""

    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        made = Open()
        made.tokens.add("s.0")
        with ExitStack() as stack:
            stack.callback(made.close)
            url, weather = stack.enter_context(faulty(made.url, "plain"))
            stack.enter_context(environment(VAULT_TOKEN="s.0", **_QUIET))  # noqa: S106 - of a server on loopback
            login = None if said is None else _login(said, folder, stack)

            def act(seconds: float) -> Outcome:
                def lent() -> str:
                    more = {} if login is None else {"login": login}
                    config = configured("vault://lent#value", vault={"address": url, **more})
                    try:
                        assert config.redaction.key is not None
                        return config.redaction.key.get_secret_value()
                    finally:
                        config.keyring.close()

                with _patient(seconds):
                    return asked(lent, DriftError)

            yield Stand("vault", weather, act, named, _GIVEN_BACK, [VALUE])

    return maker


def _login(said: Mapping[str, Any], folder: Path, stack: ExitStack) -> Mapping[str, Any]:
    """A way in, with what it needs: who the machine is, in a file or by a service of the platform."""
    key = rsa.generate_private_key(65537, 2048).private_bytes(*_FORM).decode()
    account = {
        "type": "service_account",
        "private_key": key,
        "private_key_id": "k",
        "client_email": "drift@acme.example",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    (folder / "account.json").write_text(json.dumps(account))
    (folder / "token").write_text("eyJ.service.account\n")
    ends = int(time.time()) + 3600
    given = {"access_token": "eyJ.of.azure", "expires_on": str(ends), "token_type": "Bearer"}
    platform = Server(lambda _: told(200, given))
    stack.callback(platform.close)
    environ = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "account.json"),
        "IDENTITY_ENDPOINT": f"{platform.url}/token",
        "IDENTITY_HEADER": "mine",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    stack.enter_context(environment(**environ))
    ((way, section),) = said.items()
    own = {"service_account": str(folder / "token")} if way == "kubernetes" else {}
    return {way: {**section, **own}}


@contextmanager
def kept(folder: Path) -> Iterator[Stand]:
    """A secret that is kept alive for as long as the run, and a token that somebody revokes meanwhile."""
    made = Open(_TTL)
    try:
        with (
            faulty(made.url, "plain") as (url, weather),
            environment(**_QUIET),
            patched(providers__vault__leases___LEAST=0.05, providers__vault__server___LEAST_SECONDS=0.05),
        ):

            def act(seconds: float) -> Outcome:
                weather.calls.clear()

                def had() -> str:
                    way = {"approle": {"role_id": "r", "secret_id": "s"}}
                    config = configured("vault://lent#value", vault={"address": url, "login": way})
                    try:
                        key = config.redaction.key
                        other = config.keyring.held([reference("vault://other#value")], "drift.yaml:1: other")
                        assert key is not None
                        one = key.get_secret_value()
                        _seen(weather, _RENEWALS)
                        made.tokens.clear()
                        return f"{one} {other.get_secret_value()}"
                    finally:
                        config.keyring.close()

                with _patient(seconds):
                    return asked(had, DriftError)

            yield Stand("vault: kept", weather, act, named, _GIVEN_BACK, [VALUE])
    finally:
        made.close()


def _seen(weather: Weather, calls: frozenset[str]) -> None:
    """Waits until all of these calls have come, or what they are about has ended."""
    until = time.monotonic() + 2 * _TTL
    while not calls <= {named(call) for call in weather.calls} and time.monotonic() < until:
        time.sleep(0.01)


#: How long what is lent is good here (seconds).
_TTL = 3
_RENEWALS = frozenset({"PUT /v1/sys/leases/renew", "POST /v1/auth/token/renew-self"})
_GIVEN_BACK = {
    (".*/mounts/(lent|other)", ".*"): "a server need not tell what keeps a path; reading it says the rest",
    ("PUT /v1/sys/leases/(revoke|renew)", ".*"): "the lease ends by itself, and standard error says so",
    (".*(lookup|renew|revoke)-self", ".*"): "a token that is given has no end that is known",
}

MAKERS: dict[str, Maker] = {
    "vault": _vault(None),
    "vault: by approle": _vault({"approle": {"role_id": "r", "secret_id": "s"}}),
    "vault: by kubernetes": _vault({"kubernetes": {"role": "drift"}}),
    "vault: by jwt": _vault({"jwt": {"role": "drift", "token": "eyJ.of.ci"}}),
    "vault: by aws": _vault({"aws": {"role": "drift"}}),
    "vault: by azure": _vault({"azure": {"role": "drift"}}),
    "vault: by gcp": _vault({"gcp": {"role": "drift"}}),
    "vault: kept": kept,
}
