"""The backend ``s3``: a Terraform state in a bucket.

Source: https://developer.hashicorp.com/terraform/language/backend/s3. A workspace other than the default one
lies at ``PREFIX/NAME/KEY``, where the prefix is ``env:`` unless ``workspace_key_prefix`` says another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from drift.backend import BaseBackend, Identity, Stored
from drift.deadline import Deadline
from drift.errors import ConfigError, CredentialsError, DeclaredError
from drift.limits import Limits
from providers.aws.settings import Settings

_CHUNK = 1 << 20
#: How long credentials are used before the SDK is asked for them again.
_ASKED_AGAIN = timedelta(minutes=10)


class S3Backend(BaseBackend):
    name = "s3"
    schemes = ("s3",)
    stores = ("s3",)

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        if not parts.netloc or not parts.path.strip("/"):
            raise ConfigError(f"{url}: write s3://BUCKET/KEY")
        return {"bucket": parts.netloc, "key": parts.path.lstrip("/"), **dict(parse_qsl(parts.query))}

    def shown(self, stored: Stored, workspace: str) -> str:
        return f"s3://{stored.said('bucket')}/{_key(stored, workspace)}"

    def workspaces(self, stored: Stored) -> Sequence[str]:
        from providers.aws import bounded
        from providers.aws.failures import CALL_ERRORS, explain

        prefix, key = f"{_prefix(stored)}/", str(stored.said("key"))
        found: list[str] = []
        try:
            client = _client(stored)
            bucket = str(stored.said("bucket"))
            for start in (key, prefix):
                for page in bounded.pages(client, "list_objects_v2", Limits(), Bucket=bucket, Prefix=start):
                    for each in page.get("Contents") or ():
                        name = each["Key"]
                        if name == key:
                            found.append(Stored.default)
                        elif name.startswith(prefix) and name.endswith(f"/{key}"):
                            found.append(name.removeprefix(prefix).removesuffix(f"/{key}"))
        except CALL_ERRORS as error:
            raise DeclaredError(explain(error, "s3:ListBucket").message) from error
        return list(dict.fromkeys(found))

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

        from providers.aws.failures import CALL_ERRORS, explain

        more: dict[str, Any] = {}
        if key := stored.said("sse_customer_key"):
            more = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
        try:
            answer = _client(stored).get_object(
                Bucket=str(stored.said("bucket")), Key=_key(stored, workspace), **more
            )
            yield from answer["Body"].iter_chunks(_CHUNK)
        except (IncompleteReadError, ResponseStreamingError, ReadTimeoutError) as error:
            raise DeclaredError(f"the download broke off: {error}") from error
        except CALL_ERRORS as error:
            raise DeclaredError(explain(error, "s3:GetObject").message) from error

    def identity(self, deadline: Deadline) -> Identity:
        from providers.aws import login

        session, limits = login.session(deadline, Limits(), None), Limits()
        login.log_in(session, deadline, limits)
        settings = {"region": session.region_name} if session.region_name else {}
        return Identity(partial(_given, session.get_credentials()), settings)


def _given(credentials: Any) -> Mapping[str, Any]:
    """The credentials that the SDK has now; it renews them before they end."""
    frozen = credentials.get_frozen_credentials()
    return {
        "access_key_id": frozen.access_key,
        "secret_access_key": frozen.secret_key,
        "token": frozen.token,
        "expires_at": datetime.now(UTC) + _ASKED_AGAIN,
    }


def _prefix(stored: Stored) -> str:
    return (stored.said("workspace_key_prefix") or "env:").strip("/")


def _key(stored: Stored, workspace: str) -> str:
    key = str(stored.said("key")).lstrip("/")
    return key if workspace == Stored.default else f"{_prefix(stored)}/{workspace}/{key}"


def _block(value: Any) -> Mapping[str, Any]:
    """A nested block, in either form that a parser gives it."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, Mapping) else {}


def _client(stored: Stored) -> Any:
    """A client as the block says, else as ``live.aws`` does. Raises DeclaredError."""
    from botocore.config import Config

    from providers.aws import bounded
    from providers.aws.session import Clients, Place

    base = stored.settings.get("aws")
    own = base if isinstance(base, Settings) else Settings()
    said = _block(stored.config.get("endpoints")).get("s3") or stored.said("endpoint")
    endpoint = said or own.endpoint
    reading, attempts = min(own.read_timeout, stored.seconds), min(own.max_attempts, 3)
    changed = {"profile": stored.said("profile") or own.profile, "endpoint": endpoint}
    settings = own.model_copy(update={**changed, "read_timeout": reading, "max_attempts": attempts})
    keys: dict[str, Any] = {
        "aws_access_key_id": stored.said("access_key"),
        "aws_secret_access_key": stored.said("secret_key"),
        "aws_session_token": stored.said("token"),
    }
    region = stored.said("region")
    if not keys["aws_access_key_id"]:
        assumed = _block(stored.config.get("assume_role")) or stored.config
        role = assumed.get("role_arn")
        host = urlsplit(str(said)).hostname or str(said) if said else None
        stored.lend("the identity of this run", host, stored.said("profile"), role and str(role))
        try:
            clients = Clients(settings, stored.deadline)
        except CredentialsError as error:
            raise DeclaredError(str(error)) from error
        region = region or clients.home
        place = None
        if role:
            account = str(role).split(":")[4] if str(role).count(":") >= 5 else ""
            asked = assumed.get("external_id")
            place = Place(account, str(role), SecretStr(str(asked)) if asked else None)
        return clients.client(place, "s3", region)
    config = Config(
        connect_timeout=own.connect_timeout,
        read_timeout=reading,
        retries={"mode": "standard", "max_attempts": attempts},
    )
    if not keys["aws_secret_access_key"]:
        raise DeclaredError("it says `access_key` without `secret_key`; say both or neither")
    session = bounded.Session(stored.deadline, Limits())
    return session.create_client("s3", region_name=region, endpoint_url=endpoint, config=config, **keys)
