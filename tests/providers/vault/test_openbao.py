"""Secrets that a real OpenBao server keeps: its KV engines, ways in, what it lends, what it refuses."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from drift.config.model import Config, parse
from drift.errors import DriftError
from drift.loopback import NO_PROXY, Answer, Request, Server, json
from drift.secrets import keyring
from providers.kubernetes.loopback import Loopback, Store
from tests.providers.vault.openbao import ROOT, OpenBao, running

VALUE = "correct horse battery staple"


@pytest.fixture(scope="module")
def bao() -> Iterator[OpenBao]:
    """The server, with a secret in each version of KV."""
    with running() as server:
        server.call("POST", "sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
        server.call("PUT", "kv1/team/mail", {"password": VALUE})
        server.call("PUT", "secret/data/team/mail", {"data": {"password": "an older one"}})
        server.call("PUT", "secret/data/team/mail", {"data": {"password": VALUE, "port": 465}})
        server.call("PUT", "kv1/team%23a/mail", {"pass#word": VALUE})
        for one in ("an older one", VALUE):
            server.call("PUT", "secret/data/team%23a/50%25%3F", {"data": {"pass#word": one}})
        server.policy("mail", "secret/data/team/mail", "kv1/team/mail", "rabbit/creds/drift")
        yield server


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waits between tries, and an environment that names no server."""
    monkeypatch.setattr(keyring, "_BACK_OFF", 0.0)
    for name in [one for one in os.environ if one.startswith(("VAULT_", "BAO_"))]:
        monkeypatch.delenv(name)
    for name, value in NO_PROXY.items():
        monkeypatch.setenv(name, value)


def configured(bao: OpenBao, reference: str, login: Mapping[str, Any] | None = None, **more: Any) -> Config:
    """A configuration whose redaction key is kept by the server."""
    section = {"address": bao.url, "login": login or {"token": ROOT}, **more}
    text = orjson.dumps(
        {"version": 1, "redaction": {"key": reference}, "secrets": {"vault": section}}
    ).decode()
    return parse(text, "drift.yaml", Path("/base"), None, {})


def value(config: Config) -> str:
    """Its redaction key, looked up."""
    assert config.redaction.key is not None
    return config.redaction.key.get_secret_value()


def complaint(config: Config) -> str:
    with pytest.raises(DriftError) as error:
        value(config)
    message = str(error.value)
    assert message.startswith("drift.yaml:1: redaction.key (vault): ")
    assert "team/mail" not in message and "password" not in message and VALUE not in message
    return message.removeprefix("drift.yaml:1: redaction.key (vault): ")


# What is read


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("vault://secret/team/mail#password", VALUE),
        ("vault://secret/team/mail#port", "465"),
        ("vault://secret/team/mail?version=1#password", "an older one"),
        ("vault://kv1/team/mail#password", VALUE),
        ("vault://kv1/team/mail", f'{{"password":"{VALUE}"}}'),
        ("user:${vault://kv1/team/mail#password}@host", f"user:{VALUE}@host"),
        ("vault://secret/team%23a/50%25%3F#pass%23word", VALUE),
        ("vault://secret/team%23a/50%25%3F?version=1#pass%23word", "an older one"),
        ("${vault://kv1/team%23a/mail#pass%23word}", VALUE),
    ],
)
def test_both_versions_of_kv_are_read(bao: OpenBao, reference: str, said: str) -> None:
    assert value(configured(bao, reference)) == said


def test_a_namespace_has_secrets_of_its_own(bao: OpenBao) -> None:
    bao.call("PUT", "sys/namespaces/team-a", {})
    inside = {"X-Vault-Namespace": "team-a"}
    bao.call("POST", "sys/mounts/own", {"type": "kv", "options": {"version": "2"}}, **inside)
    bao.call("PUT", "own/data/mail", {"data": {"password": VALUE}}, **inside)
    assert value(configured(bao, "vault://own/mail#password", namespace="team-a")) == VALUE
    assert "there is nothing at this path" in complaint(configured(bao, "vault://own/mail#password"))


def test_what_is_left_out_is_taken_from_the_variables_of_the_servers_own_program(
    bao: OpenBao, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "version: 1\nredaction: {key: 'vault://secret/team/mail#password'}"

    def read() -> str:
        return value(parse(text, "drift.yaml", Path("/base"), None, {}))

    with pytest.raises(DriftError, match=r"no address: give `secrets\.vault\.address`, or set VAULT_ADDR"):
        read()
    monkeypatch.setenv("BAO_ADDR", bao.url)
    monkeypatch.setenv("HOME", "/nonexistent")
    with pytest.raises(DriftError, match=r"no login: give `secrets\.vault\.login`, or set VAULT_TOKEN"):
        read()
    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    assert read() == VALUE


# Ways in


def entered(bao: OpenBao, login: Mapping[str, Any]) -> None:
    """Reads by a login, and proves that the token was given back."""
    before = accessors(bao)
    config = configured(bao, "vault://secret/team/mail#password", login)
    assert value(config) == VALUE
    assert len(accessors(bao) - before) == 1
    config.keyring.close()
    assert accessors(bao) <= before


def accessors(bao: OpenBao) -> set[str]:
    """Of all tokens that there are."""
    return set(bao.call("LIST", "auth/token/accessors")["data"]["keys"])


def test_an_app_role(bao: OpenBao, monkeypatch: pytest.MonkeyPatch) -> None:
    bao.call("POST", "sys/auth/approle", {"type": "approle"})
    bao.call("POST", "auth/approle/role/drift", {"token_policies": ["mail"]})
    role = bao.call("GET", "auth/approle/role/drift/role-id")["data"]["role_id"]
    secret = bao.call("POST", "auth/approle/role/drift/secret-id", {})["data"]["secret_id"]
    monkeypatch.setenv("DRIFT_TEST_SECRET_ID", secret)
    entered(bao, {"approle": {"role_id": role, "secret_id": "env://DRIFT_TEST_SECRET_ID"}})
    monkeypatch.setenv("DRIFT_TEST_SECRET_ID", "wrong")
    login = {"approle": {"role_id": role, "secret_id": "env://DRIFT_TEST_SECRET_ID"}}
    message = complaint(configured(bao, "vault://secret/team/mail#password", login))
    assert message.startswith("the login was refused: ")


def jwt(claims: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A JSON Web Token (RFC 7519)."""
    head = {"alg": "RS256", "typ": "JWT"}
    plain = b".".join(base64.urlsafe_b64encode(orjson.dumps(one)).rstrip(b"=") for one in (head, claims))
    return (plain + b"." + base64.urlsafe_b64encode(sign(plain)).rstrip(b"=")).decode()


@pytest.fixture(scope="module")
def key() -> Any:
    """An RSA key."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(key: Any, claims: Mapping[str, Any]) -> str:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    now = int(time.time())
    return jwt(
        {"iat": now - 5, "nbf": now - 5, "exp": now + 600, **claims},
        lambda text: key.sign(text, PKCS1v15(), SHA256()),
    )


def authority(key: Any) -> str:
    """A certificate (PEM) that signs itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    name, now = x509.Name([]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def test_a_token_of_a_pipeline(bao: OpenBao, key: Any, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    bao.call("POST", "sys/auth/jwt", {"type": "jwt"})
    bao.call("POST", "auth/jwt/config", {"jwt_validation_pubkeys": [public]})
    said = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "token_policies": ["mail"]}
    bao.call("POST", "auth/jwt/role/drift", said)
    (tmp_path / "token").write_text(signed(key, {"sub": "project:acme", "aud": "vault"}) + "\n")
    entered(bao, {"jwt": {"role": "drift", "token": f"file://{tmp_path}/token"}})
    (tmp_path / "token").write_text(signed(key, {"sub": "project:acme", "aud": "another"}))
    login = {"jwt": {"role": "drift", "token": f"file://{tmp_path}/token"}}
    message = complaint(configured(bao, "vault://secret/team/mail#password", login))
    assert message.startswith("the login was refused: ")


def test_the_service_account_of_a_pod(bao: OpenBao, key: Any, tmp_path: Path, cluster: Loopback) -> None:
    token = signed(
        key,
        {
            "iss": "https://kubernetes.default.svc",
            "sub": "system:serviceaccount:tools:drift",
            "kubernetes.io": {"namespace": "tools", "serviceaccount": {"name": "drift", "uid": "u-1"}},
        },
    )

    def reviewed(request: Request) -> Answer:
        """The API server's answer to a TokenReview (authentication.k8s.io/v1)."""
        if request.path != "/apis/authentication.k8s.io/v1/tokenreviews":
            return cluster.answer(request)
        asked = orjson.loads(request.body)
        user = {"username": "system:serviceaccount:tools:drift", "uid": "u-1", "groups": []}
        good = asked["spec"]["token"] == token
        return json(201, {**asked, "status": {"authenticated": good, **({"user": user} if good else {})}})

    cluster.http.answer = reviewed
    bao.call("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
    bao.call(
        "POST",
        "auth/kubernetes/config",
        {"kubernetes_host": cluster.url, "disable_local_ca_jwt": True, "kubernetes_ca_cert": authority(key)},
    )
    bao.call(
        "POST",
        "auth/kubernetes/role/drift",
        {
            "bound_service_account_names": ["drift"],
            "bound_service_account_namespaces": ["tools"],
            "token_policies": ["mail"],
        },
    )
    (tmp_path / "token").write_text(token)
    entered(bao, {"kubernetes": {"role": "drift", "service_account": str(tmp_path / "token")}})
    (tmp_path / "token").write_text(signed(key, {"sub": "system:serviceaccount:tools:other"}))
    login = {"kubernetes": {"role": "drift", "service_account": str(tmp_path / "token")}}
    message = complaint(configured(bao, "vault://secret/team/mail#password", login))
    assert message.startswith("the login was refused: ")
    login = {"kubernetes": {"role": "drift", "service_account": str(tmp_path / "none")}}
    message = complaint(configured(bao, "vault://secret/team/mail#password", login))
    assert "the service account's token: can't be read" in message


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Loopback]:
    """A loopback cluster."""
    from providers.kubernetes.loopback import Faults

    made = Loopback(Store(), Faults(), "prod", tmp_path / "kubeconfig")
    yield made
    made.close()


# What is refused


def test_what_is_not_there(bao: OpenBao) -> None:
    assert "there is nothing at this path" in complaint(
        configured(bao, "vault://secret/team/mail/none#password")
    )
    assert "there is nothing at this path" in complaint(configured(bao, "vault://none/team/mail#password"))
    assert "has no member of the name" in complaint(configured(bao, "vault://secret/team/mail#passwrod"))
    for odd in ("versoin=1", "version=x", "version", "ttl=1h"):
        assert "nothing stands but" in complaint(configured(bao, f"vault://secret/team/mail?{odd}#password"))


def test_no_permission_and_no_valid_token_are_told_apart(bao: OpenBao) -> None:
    may_not = {"token": bao.token(bao.policy("other", "secret/data/other"))}
    message = complaint(configured(bao, "vault://secret/team/mail#password", may_not))
    assert message.startswith("no permission: the policy of the token does not let it read this path")
    message = complaint(configured(bao, "vault://secret/team/mail#password", {"token": "s.wrong"}))
    assert message == "the token is not valid, or has ended; give another one"


def test_a_token_that_ended_is_had_again_where_there_is_a_login(bao: OpenBao, key: Any) -> None:
    bao.call("POST", "sys/auth/again", {"type": "approle"})
    said = {"token_policies": ["mail"], "bind_secret_id": False, "token_bound_cidrs": ["127.0.0.1/32"]}
    bao.call("POST", "auth/again/role/drift", said)
    role = bao.call("GET", "auth/again/role/drift/role-id")["data"]["role_id"]
    config = configured(
        bao, "vault://secret/team/mail#password", {"approle": {"role_id": role, "mount": "again"}}
    )
    before = accessors(bao)
    assert value(config) == VALUE
    (mine,) = accessors(bao) - before
    bao.call("POST", "auth/token/revoke-accessor", {"accessor": mine})
    ring = config.keyring
    ring._found.clear()
    assert value(config) == VALUE
    ring.close()
    assert accessors(bao) <= before


def test_a_server_that_is_sealed_or_away(bao: OpenBao) -> None:
    with running() as other:
        config = configured(other, "vault://secret/team/mail#password")
        other.call("PUT", "sys/seal")
        assert complaint(config).startswith("the server is sealed, or in maintenance; unseal it")
        url = other.url
    message = complaint(configured(other, "vault://secret/team/mail#password"))
    assert message == f"{url} can't be reached"


def test_secrets_do_not_come_in_clear_over_a_network(bao: OpenBao) -> None:
    config = configured(OpenBao("http://vault.acme.example:8200"), "vault://secret/team/mail#password")
    assert complaint(config).startswith(
        "what is read would cross the network in clear; give an https:// address"
    )


# What is lent


class Rabbit:
    """The management API of RabbitMQ, as far as OpenBao's engine asks it: who there is."""

    def __init__(self) -> None:
        self.users: list[str] = []
        self.gone: list[str] = []
        self.server = Server(self._answer)

    def _answer(self, request: Request) -> Answer:
        name = request.path.rpartition("/")[2]
        if request.path.startswith("/api/users/"):
            (self.users if request.method == "PUT" else self.gone).append(name)
        return Answer(204, b"")


@pytest.fixture(scope="module")
def rabbit(bao: OpenBao) -> Iterator[Rabbit]:
    """What OpenBao makes users in, each lent for nine seconds."""
    made = Rabbit()
    bao.call("POST", "sys/mounts/rabbit", {"type": "rabbitmq"})
    login = {"username": "admin", "password": "admin", "verify_connection": False}
    bao.call("POST", "rabbit/config/connection", {"connection_uri": made.server.url, **login})
    bao.call("POST", "rabbit/config/lease", {"ttl": 9, "max_ttl": 600})
    everything = '{"/": {"configure": ".*", "write": ".*", "read": ".*"}}'
    bao.call("POST", "rabbit/roles/drift", {"vhosts": everything})
    yield made
    made.server.close()


def revoked(rabbit: Rabbit, name: str) -> bool:
    """Whether a user is taken away; the server does what comes of a token's end a moment after its answer."""
    until = time.monotonic() + 60
    while name not in rabbit.gone and time.monotonic() < until:
        time.sleep(0.02)
    return rabbit.gone.count(name) == 1


def lease(bao: OpenBao) -> Mapping[str, Any]:
    """The one that is lent now."""
    (name,) = bao.call("LIST", "sys/leases/lookup/rabbit/creds/drift")["data"]["keys"]
    found = bao.call("PUT", "sys/leases/lookup", {"lease_id": f"rabbit/creds/drift/{name}"})
    return dict(found["data"])


@pytest.mark.parametrize("given", [True, False], ids=["a token that was given", "a login"])
def test_what_is_lent_is_kept_alive_and_given_back(bao: OpenBao, rabbit: Rabbit, given: bool) -> None:
    if given:
        login: dict[str, Any] = {"token": ROOT}
    else:
        bao.call("POST", "sys/auth/lent", {"type": "approle"})
        said = {"token_policies": ["mail"], "bind_secret_id": False, "token_bound_cidrs": ["127.0.0.1/32"]}
        bao.call("POST", "auth/lent/role/drift", {**said, "token_ttl": 60})
        role = bao.call("GET", "auth/lent/role/drift/role-id")["data"]["role_id"]
        login = {"approle": {"role_id": role, "mount": "lent"}}
    config = configured(bao, "vault://rabbit/creds/drift", login)
    document = orjson.loads(value(config))
    assert document["username"] == rabbit.users[-1] and document["password"]
    assert 0 < config.redaction.key.lent()[1] <= 9  # type: ignore[union-attr]
    until = time.monotonic() + 60
    while lease(bao)["last_renewal"] is None and time.monotonic() < until:
        time.sleep(0.1)
    assert lease(bao)["last_renewal"] is not None
    assert orjson.loads(value(config)) == document
    config.keyring.close()
    assert revoked(rabbit, document["username"])


LENT = """\
version: 1
redaction: {key: "vault://rabbit/creds/drift"}
declared: [{path: here}]
secrets: {vault: {address: "%s", login: {token: "env://BAO_TEST"}}}
live: {kubernetes: {kubeconfig: kubeconfig}}
"""


@pytest.mark.parametrize("ended", ["by itself", "by SIGTERM"])
def test_what_is_lent_is_given_back_however_the_run_ends(
    bao: OpenBao, rabbit: Rabbit, ended: str, tmp_path: Path
) -> None:
    (tmp_path / "drift.yaml").write_text(LENT % bao.url)
    (tmp_path / "here").mkdir()
    hanging = Server(lambda _: Answer(503, b"", {"Retry-After": "30"}))
    if ended == "by SIGTERM":
        kubeconfig = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": hanging.url}}],
            "users": [{"name": "c", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        }
        (tmp_path / "kubeconfig").write_bytes(orjson.dumps(kubeconfig))
    before = len(rabbit.users)
    process = subprocess.Popen(
        [sys.executable, "-m", "drift", "scan", "-q"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "BAO_TEST": ROOT, **NO_PROXY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if ended == "by SIGTERM":
        until = time.monotonic() + 300
        while len(rabbit.users) <= before and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=300)
    hanging.close()
    assert process.returncode not in (0, -signal.SIGTERM), err
    assert revoked(rabbit, rabbit.users[-1]), err
    assert "rabbit" not in err and "vault://" not in err
