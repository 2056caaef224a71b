"""``awssm://NAME#key``: AWS Secrets Manager keeps a value of drift.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from pydantic import BaseModel, Field

from drift.deadline import Cut, Deadline
from drift.limits import Limits
from drift.secret import BaseSecretStore, OpenStore, Secret, SecretError, parted
from drift.settings import Section, Url


class Settings(Section):
    """`secrets.awssm` of drift.yaml. Credentials come from the SDK's own chain."""

    region: str | None = Field(None, description="Where an ARN does not say it. Default: the SDK's region.")
    profile: str | None = Field(None, description="Profile of the shared AWS configuration.")
    endpoint: Url | None = Field(None, description="Another address (a loopback server, a VPC endpoint).")


class SecretsManager(BaseSecretStore):
    """Secrets by name or ARN; ``?stage=AWSPREVIOUS`` and ``?version=ID`` name another version than the
    current one."""

    name = "awssm"
    Settings: type[BaseModel] = Settings

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        assert isinstance(settings, Settings)
        return _Opened(settings)


class _Opened:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self, path: str, deadline: Deadline) -> Secret:
        from botocore.config import Config

        from providers.aws import login
        from providers.aws.failures import CALL_ERRORS

        name, query = parted(path)
        asked = parse_qs(query)
        said = {
            key: asked[word][0]
            for word, key in (("stage", "VersionStage"), ("version", "VersionId"))
            if word in asked
        }
        limits = Limits()
        own = login.session(deadline, limits, self._settings.profile)
        login.log_in(own, deadline, limits)
        create: Any = own.client
        try:
            client = create(
                "secretsmanager",
                region_name=_region(name) or self._settings.region or own.region_name,
                endpoint_url=self._settings.endpoint,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=10
                ),
            )
            found = client.get_secret_value(SecretId=name, **said)
        except CALL_ERRORS as error:
            raise _said(error) from None
        if "SecretString" in found:
            return Secret(str(found["SecretString"]))
        try:
            return Secret(bytes(found["SecretBinary"]).decode())
        except (KeyError, UnicodeDecodeError):
            raise SecretError("the secret is no text") from None

    def close(self, deadline: Deadline) -> None:
        pass


def _region(name: str) -> str | None:
    """The region that an ARN says."""
    parts = name.split(":")
    return parts[3] or None if name.startswith("arn:") and len(parts) > 6 else None


#: Codes of GetSecretValue's errors → what they mean. Source:
#: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors.
_MEANS = {
    "ResourceNotFoundException": "there is no secret of this name, or no such version, in this region",
    "InvalidRequestException": "the secret can't be read as it is: it may be marked for deletion",
    "DecryptionFailure": "the secret can't be decrypted: kms:Decrypt on its key is needed",
}


def _said(error: Exception) -> SecretError:
    """An error of the call in words; the service's own hold names."""
    from botocore.exceptions import ClientError, NoRegionError, ParamValidationError

    from providers.aws.failures import code, explain

    if isinstance(error, NoRegionError):
        return SecretError("no region: give `secrets.awssm.region`, or set AWS_REGION")
    if isinstance(error, ParamValidationError):
        return SecretError("names no secret; write awssm://NAME")
    if isinstance(error, Cut):
        return SecretError(f"secretsmanager:GetSecretValue: {error.why}")
    name, told = code(error), explain(error, "secretsmanager:GetSecretValue")
    if name in _MEANS:
        return SecretError(_MEANS[name])
    if told.status == "denied":
        return SecretError(
            f"{name}: allow secretsmanager:GetSecretValue on this secret, and kms:Decrypt on its key"
        )
    status = 0
    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    passes = told.status == "throttled" or status >= 500
    return SecretError(f"secretsmanager:GetSecretValue: {name}", temporary=passes)
