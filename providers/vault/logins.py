"""The ways in to Vault: each gives what the server answers to a login."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from drift import reading
from drift.secret import SecretError
from providers.vault.settings import AppRole, Aws, Azure, Gcp, Jwt, Kubernetes, Login

#: Of a token's file no more is read.
_MOST = 1024 * 1024
#: For how long what is signed for Google's way in is good (seconds); Vault takes fifteen minutes at most
#: (https://developer.hashicorp.com/vault/docs/auth/gcp#iam-login).
_SIGNED = 600


def log_in(login: Login, client: Any) -> Mapping[str, Any]:
    """Logs in; the client has the token then. Gives the answer. Raises SecretError, and hvac's errors."""
    for name, way in _WAYS.items():
        section = getattr(login, name)
        if section is not None:
            answer = way(section, client)
            if not isinstance(answer, Mapping) or not isinstance(answer.get("auth"), Mapping):
                raise SecretError("the answer to the login has no token")
            return answer
    raise AssertionError(login)


def _approle(said: AppRole, client: Any) -> Any:
    secret = None if said.secret_id is None else said.secret_id.get_secret_value()
    return client.auth.approle.login(said.role_id.get_secret_value(), secret, mount_point=said.mount)


def _kubernetes(said: Kubernetes, client: Any) -> Any:
    file = said.service_account.expanduser()
    token = reading.text(file, "the service account's token", most=_MOST, error=SecretError).strip()
    return client.auth.kubernetes.login(said.role, token, mount_point=said.mount)


def _jwt(said: Jwt, client: Any) -> Any:
    return client.auth.jwt.jwt_login(said.role, said.token.get_secret_value().strip(), path=said.mount)


def _aws(said: Aws, client: Any) -> Any:
    import botocore.session
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = botocore.session.get_session().get_credentials()
        frozen = None if found is None else found.get_frozen_credentials()
    except (BotoCoreError, ClientError) as error:
        raise SecretError(f"AWS gives no identity to log in with ({type(error).__name__})") from None
    if frozen is None:
        raise SecretError(
            "there is no AWS identity to log in with; set AWS_PROFILE, or run where there is a role"
        )
    return client.auth.aws.iam_login(
        frozen.access_key,
        frozen.secret_key,
        frozen.token,
        header_value=said.server_id,
        role=said.role,
        region=said.region,
        mount_point=said.mount,
    )


def _azure(said: Azure, client: Any) -> Any:
    try:
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import DefaultAzureCredential
    except ImportError as error:
        raise _lacking(error, "azure") from None
    try:
        token = DefaultAzureCredential().get_token(f"{said.resource.rstrip('/')}/.default").token
    except ClientAuthenticationError:
        raise SecretError(
            "there is no Azure identity to log in with; run where there is a managed one"
        ) from None
    return client.auth.azure.login(
        said.role,
        token,
        subscription_id=said.subscription,
        resource_group_name=said.resource_group,
        vm_name=said.vm,
        vmss_name=said.vmss,
        mount_point=said.mount,
    )


def _gcp(said: Gcp, client: Any) -> Any:
    try:
        from google.auth.exceptions import GoogleAuthError
    except ImportError as error:
        raise _lacking(error, "gcp") from None
    try:
        token = _of_google(said.role)
    except GoogleAuthError:
        raise SecretError(
            "there is no Google identity to log in with; set GOOGLE_APPLICATION_CREDENTIALS to the key of a "
            "service account, or run where there is one"
        ) from None
    return client.auth.gcp.login(said.role, token, mount_point=said.mount)


def _of_google(role: str) -> str:
    """A token that says who this is: signed by the service account's key, else by the machine (a role of the
    kind `gce`). Source: https://developer.hashicorp.com/vault/docs/auth/gcp."""
    import google.auth
    from google.auth import jwt
    from google.auth.compute_engine import IDTokenCredentials
    from google.auth.transport.requests import Request

    found, _ = google.auth.default()
    if hasattr(found, "signer") and hasattr(found, "service_account_email") and hasattr(found, "_token_uri"):
        until = int(time.time()) + _SIGNED
        claims = {"sub": found.service_account_email, "aud": f"vault/{role}", "exp": until}
        signed: bytes = jwt.encode(found.signer, claims)
        return signed.decode()
    request = Request()
    made = IDTokenCredentials(request, f"http://vault/{role}", use_metadata_identity_endpoint=True)
    made.refresh(request)
    return str(made.token)


def _lacking(error: ImportError, extra: str) -> SecretError:
    return SecretError(f"the package {error.name} is missing: pip install 'driftline[{extra}]'")


_WAYS: Mapping[str, Callable[[Any, Any], Any]] = {
    "approle": _approle,
    "kubernetes": _kubernetes,
    "jwt": _jwt,
    "aws": _aws,
    "azure": _azure,
    "gcp": _gcp,
}
