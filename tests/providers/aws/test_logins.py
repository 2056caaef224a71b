"""Who asks: profiles that stand on others, tokens, sessions that have ended, and whose policy it is that
refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.credentials
import botocore.tokens
import pytest
from botocore.exceptions import ClientError

from drift.errors import CredentialsError
from providers.aws.accounts import Entered, entered
from providers.aws.failures import explain
from providers.aws.loopback import ACCOUNT
from providers.aws.session import Clients, Refused
from providers.aws.settings import Settings
from tests.conftest import client
from tests.providers.aws.organization_estate import REGION, ROLE, Estate, denied, organisation


@pytest.fixture(scope="module")
def made() -> Iterator[Estate]:
    with organisation() as found:
        yield found


@pytest.fixture
def estate(made: Estate, monkeypatch: pytest.MonkeyPatch) -> Estate:
    return made.at_rest(monkeypatch)


def test_an_sso_session_that_has_ended_is_told_once_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider):
        monkeypatch.setattr(module, "_SSO_TOKEN_CACHE_DIR", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    common = "sso_account_id = 111122223333\nsso_role_name = read\nregion = eu-west-1\n"
    start = "sso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n"
    old = f"[profile old]\n{start}{common}"
    config.write_text(
        f"[profile audit]\nsso_session = acme\n{common}[sso-session acme]\n{start}{old}", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for profile in ("audit", "old"):
        with pytest.raises(
            CredentialsError,
            match=f"^aws: the SSO session has ended.*: run aws sso login --profile {profile}$",
        ):
            Clients(Settings(profile=profile))


def test_an_sso_session_gives_the_credentials_of_its_role(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `aws sso login` leaves its token; the portal gives credentials for it."""
    shop = estate.accounts["shop"]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for module in (botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider):
        monkeypatch.setattr(module, "_SSO_TOKEN_CACHE_DIR", str(tmp_path))
    config = tmp_path / "config"
    config.write_text(
        f"[profile shop]\nsso_session = acme\nsso_account_id = {shop}\nsso_role_name = read\n"
        f"[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = {REGION}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    token = {"accessToken": "eyJ", "expiresAt": "2999-01-01T00:00:00Z", "region": REGION}
    (tmp_path / f"{hashlib.sha1(b'acme').hexdigest()}.json").write_text(json.dumps(token))  # noqa: S324 - botocore's name
    role = f"arn:aws:iam::{shop}:role/read"
    given = client(estate.upstream, "sts").assume_role(RoleArn=role, RoleSessionName="sso")["Credentials"]
    keys = ("accessKeyId", given["AccessKeyId"]), ("secretAccessKey", given["SecretAccessKey"])
    session = ("sessionToken", given["SessionToken"]), ("expiration", 32503680000000)
    answered = json.dumps({"roleCredentials": dict([*keys, *session])}).encode()
    estate.weather.fault = lambda call: (
        (200, answered, {"Content-Type": "application/json"})
        if call.path.startswith("/federation/credentials")
        else None
    )
    (one,) = entered(Clients(Settings(profile="shop", regions=[REGION])))
    assert isinstance(one, Entered) and one.place.account == shop
    asked = [call.path for call in estate.weather.calls if "/federation/" in call.path]
    assert len(asked) == 1 and f"account_id={shop}" in asked[0] and "role_name=read" in asked[0]


def test_a_profile_may_stand_on_another_and_on_a_token(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``source_profile``, and the token of a pod or of a pipeline's job."""
    shop, play = estate.accounts["shop"], estate.accounts["play"]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    config, token = tmp_path / "config", tmp_path / "token"
    token.write_text("eyJhbGciOiJub25lIn0.e30.", encoding="utf-8")
    config.write_text(
        "[profile base]\naws_access_key_id = AKIALOOPBACKLOOPBACK\naws_secret_access_key = loopback\n"
        f"[profile shop]\nsource_profile = base\nrole_arn = arn:aws:iam::{shop}:role/{ROLE}\n"
        f"[profile play]\nrole_arn = arn:aws:iam::{play}:role/{ROLE}\nweb_identity_token_file = {token}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for profile, account in (("shop", shop), ("play", play)):
        (one,) = entered(Clients(Settings(profile=profile, regions=[REGION])))
        assert isinstance(one, Entered) and one.place.account == account
    estate.weather.fault = lambda call: denied("not to assume") if call.operation == "AssumeRole" else None
    with pytest.raises(CredentialsError, match="not to assume"):
        Clients(Settings(profile="shop", regions=[REGION]))


def test_each_account_may_have_a_profile_of_its_own(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with SSO, where nobody is logged in anywhere else; one whose session has ended is a row."""
    shop, play, data = (estate.accounts[name] for name in ("shop", "play", "data"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for module in (botocore.credentials.SSOProvider, botocore.tokens.SSOTokenProvider):
        monkeypatch.setattr(module, "_SSO_TOKEN_CACHE_DIR", str(tmp_path))
    config = tmp_path / "config"
    keys = "aws_access_key_id = AKIALOOPBACKLOOPBACK\naws_secret_access_key = loopback\n"
    sso = "sso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\nsso_role_name = read\n"
    config.write_text(
        f"[profile base]\n{keys}[profile ended]\n{sso}sso_account_id = {data}\n"
        f"[profile shop]\nsource_profile = base\nrole_arn = arn:aws:iam::{shop}:role/{ROLE}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    accounts = [
        {"id": shop, "profile": "shop"},
        {"id": play, "profile": "base", "role": ROLE, "external_id": "ours"},
        {"id": data, "profile": "ended"},
        {"id": ACCOUNT, "profile": "gone"},
    ]
    settings = Settings.model_validate({"regions": [REGION], "accounts": accounts})
    first, second, third, fourth = entered(Clients(settings))
    assert isinstance(first, Entered) and (first.place.account, first.place.role) == (shop, None)
    assert isinstance(second, Entered) and second.place.account == play
    assert isinstance(third, Refused) and third.error.status == "denied"
    assert third.error.message.endswith("run aws sso login --profile ended")
    assert isinstance(fourth, Refused) and "profile (gone) could not be found" in fourth.error.message
    with pytest.raises(CredentialsError, match="no credentials found"):
        Clients(settings.model_copy(update={"accounts": None}))


def test_an_account_may_lie_in_another_partition(estate: Estate) -> None:
    accounts = [{"id": estate.accounts["shop"], "role": ROLE, "regions": ["us-gov-west-1"]}]
    clients = Clients(Settings.model_validate({"regions": [REGION], "accounts": accounts}))
    (one,) = entered(clients)
    assert isinstance(one, Entered) and str(one.place.role).startswith("arn:aws-us-gov:iam::")
    assert clients.client(one.place, "sts", clients.home_of(one.place)).meta.region_name == "us-gov-west-1"
    assert clients.home_of(None) == REGION


#: Words of AWS's own: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
REFUSALS = {
    "with an explicit deny in a service control policy": "service control policies can allow it",
    "because no service control policy allows the s3:Get action": "service control policies can allow",
    "with an explicit deny in a resource control policy": "resource control policies can allow it",
    "because no permissions boundary allows the s3:Get action": "boundary of the role has to allow it",
    "with an explicit deny in a session policy": "policy of the session has to allow it",
    "because no VPC endpoint policy allows the s3:Get action": "policy of the VPC endpoint has to allow",
    "with an explicit deny in an identity-based policy": "which no grant undoes",
    "because no identity-based policy allows the s3:Get action": "",
    "because no resource-based policy allows the s3:Get action": "",
}


@pytest.mark.parametrize(("words", "advice"), REFUSALS.items())
def test_who_can_allow_it_is_told_where_the_role_can_not(words: str, advice: str) -> None:
    message = f"User: arn:aws:iam::1:role/r is not authorized to perform: sqs:ListQueues {words}"
    error: Any = {"Error": {"Code": "AccessDenied", "Message": message}}
    told = explain(ClientError(error, "ListQueues"), "sqs:ListQueues")
    assert told.status == "denied" and message in told.message
    assert advice in told.message and ("; " in told.message) is bool(advice)
    assert told.above is ("service control policy" in words), "else one row stands for a whole region"
