"""Credentials that drift.yaml refers to: kept, or lent, by a store of secrets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError, CredentialRetrievalError
from pydantic import SecretStr

from drift.deadline import Deadline
from drift.limits import Limits
from drift.secret import SecretError, lent, members
from providers.aws import bounded
from providers.aws.role import RoleCredentials

#: What the parts of credentials are called: by Vault's engine, by STS, by the variables of AWS' own programs.
#: Source: https://developer.hashicorp.com/vault/api-docs/secret/aws#generate-credentials.
_NAMES = {
    "AccessKeyId": ("access_key", "AccessKeyId", "aws_access_key_id", "AWS_ACCESS_KEY_ID"),
    "SecretAccessKey": ("secret_key", "SecretAccessKey", "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    "SessionToken": (
        *("security_token", "session_token", "SessionToken"),
        *("aws_session_token", "AWS_SESSION_TOKEN"),
    ),
}
#: What ends never is asked for again after so many seconds all the same: who kept it may have changed it.
_LONGEST = 12 * 3600.0
#: For how long a user that was made just now may be unknown to AWS, and how often one looks (seconds).
#: Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency.
_UNKNOWN_SECONDS, _LOOK_SECONDS = 30.0, 2.0


def credentials(secret: SecretStr) -> RoleCredentials:
    """The credentials that a secret holds, asked for anew before they end."""

    def ask() -> Mapping[str, Any]:
        try:
            text, good_for = lent(secret)
            found = members(text, _NAMES)
        except SecretError as error:
            raise CredentialRetrievalError(provider="credentials", error_msg=str(error)) from error
        lacks = [_NAMES[name][0] for name in ("AccessKeyId", "SecretAccessKey") if name not in found]
        if lacks:
            said = f"the secret has no {' and no '.join(f'`{one}`' for one in lacks)}"
            raise CredentialRetrievalError(provider="credentials", error_msg=said)
        ends = datetime.now(UTC) + timedelta(seconds=min(good_for, _LONGEST))
        return {"Credentials": {"SessionToken": "", **found, "Expiration": ends}}

    return RoleCredentials(ask)


def session(secret: SecretStr, deadline: Deadline, limits: Limits, region: str | None) -> boto3.Session:
    """A session with the credentials that a secret holds."""
    made: Any = bounded.Session(deadline, limits)
    if region is not None:
        made.set_config_variable("region", region)
    made._credentials = credentials(secret)  # noqa: SLF001 - the way botocore's own users go
    return boto3.Session(botocore_session=made)


def known(secret: SecretStr, own: boto3.Session, endpoint: str | None, deadline: Deadline) -> None:
    """Returns when AWS knows the credentials: of a user that was made for this run it may take a while to.
    Raises what the call raises."""
    if math.isinf(lent(secret)[1]):
        return
    create: Any = own.client
    sts = create("sts", region_name=own.region_name or "us-east-1", endpoint_url=endpoint)
    waited = 0.0
    while True:
        try:
            sts.get_caller_identity()
        except ClientError as error:
            told = error.response.get("Error", {}).get("Code")
            if told not in ("InvalidClientTokenId", "SignatureDoesNotMatch") or waited >= _UNKNOWN_SECONDS:
                raise
            deadline.sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
        else:
            return
