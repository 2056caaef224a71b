"""The caller's own identity, of a profile or of the environment: had once at the start, so that what is wrong
with it is told once, and what to do."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import CredentialRetrievalError, ProfileNotFound
from pydantic import SecretStr

from drift.deadline import Cut, Deadline, Passed
from drift.errors import CredentialsError
from drift.limits import Limits
from providers.aws import bounded
from providers.aws.failures import CALL_ERRORS, LOGGED_OUT


def session(deadline: Deadline, limits: Limits, profile: str | None) -> boto3.Session:
    """A session of a profile, or of what the environment says, that is not logged in yet. Raises
    CredentialsError."""
    try:
        return boto3.Session(botocore_session=bounded.Session(deadline, limits, profile=profile))
    except ProfileNotFound as error:
        raise CredentialsError(f"aws: {error}; correct the profile") from error
    except CALL_ERRORS as error:
        raise CredentialsError(f"aws: the SDK's configuration can't be used: {error}") from error


def lent_session(
    secret: SecretStr, deadline: Deadline, limits: Limits, region: str | None, endpoint: str | None
) -> boto3.Session:
    """A session with the credentials that a secret of the configuration holds, once AWS knows them. Raises
    CredentialsError, and what the call raises."""
    from providers.aws import lent

    secret.get_secret_value()  # what is wrong with the reference is said as that
    made = lent.session(secret, deadline, limits, region)
    try:
        _had(made)
        lent.known(secret, made, endpoint, deadline)
    except CredentialRetrievalError as error:
        raise CredentialsError(f"aws: {error}") from error
    return made


def log_in(own: boto3.Session, deadline: Deadline, limits: Limits) -> None:
    """Has a session get its credentials. Raises CredentialsError, and Passed."""
    try:
        # A program that gives them (credential_process) takes no time-out.
        credentials = deadline.ask(lambda: _had(own), limits.login_seconds)
    except Passed:
        raise
    except LOGGED_OUT as error:
        profile = f" --profile {own.profile_name}" if own.profile_name != "default" else ""
        raise CredentialsError(
            f"aws: the SSO session has ended, or none was begun: run aws sso login{profile}"
        ) from error
    except Cut as error:
        raise CredentialsError(f"aws: credentials: {error}; correct the profile") from error
    except ProfileNotFound as error:
        raise CredentialsError(f"aws: {error}; correct the profile") from error
    except CALL_ERRORS as error:
        raise CredentialsError(f"aws: the SDK's configuration can't be used: {error}") from error
    if credentials is None:
        raise CredentialsError(
            "aws: no credentials found; set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run where a role is "
            "attached (IRSA, instance profile)"
        )


def _had(own: boto3.Session) -> Any:
    credentials = own.get_credentials()
    if credentials is not None:
        credentials.get_frozen_credentials()
    return credentials
