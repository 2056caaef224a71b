"""``gcpsm://PROJECT/NAME#key``: Google Cloud Secret Manager keeps a value of drift.yaml."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from urllib.parse import quote, unquote

from pydantic import BaseModel, Field

from drift.deadline import Cut, Deadline
from drift.errors import CellError
from drift.secret import BaseSecretStore, OpenStore, Secret, SecretError
from drift.settings import Section
from providers.gcp.settings import Settings as GcpSettings

_HOST = "secretmanager.googleapis.com"
_PART = re.compile(r"[A-Za-z0-9_.:-]{1,255}")


class Settings(Section):
    """`secrets.gcpsm` of drift.yaml. Credentials are Application Default Credentials."""

    endpoint: str | None = Field(None, description="Another address (a loopback server: http://HOST:PORT).")
    quota_project: str | None = Field(None, description="Project that the calls are counted on.")


class SecretManager(BaseSecretStore):
    """Secrets by project and name; ``/VERSION`` after it names another than the latest one."""

    name = "gcpsm"
    Settings: type[BaseModel] = Settings

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        assert isinstance(settings, Settings)
        return _Opened(settings)


class _Opened:
    def __init__(self, settings: Settings) -> None:
        self._settings = GcpSettings(
            endpoint=settings.endpoint, quota_project=settings.quota_project, timeout=10, max_attempts=3
        )

    def read(self, path: str, deadline: Deadline) -> Secret:
        from providers.gcp.session import Session

        parts = [
            one for one in unquote(path).split("/") if one not in ("projects", "secrets", "versions", "")
        ]
        if len(parts) not in (2, 3) or not all(map(_PART.fullmatch, parts)):
            raise SecretError("write gcpsm://PROJECT/NAME, or gcpsm://PROJECT/NAME/VERSION")
        project, name, version = map(quote, (*parts, "latest")[:3])
        at = f"v1/projects/{project}/secrets/{name}/versions/{version}:access"
        try:
            # AccessSecretVersion: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
            (answer,) = Session(self._settings, deadline).get_pages(_HOST, at)
            return Secret(base64.b64decode(answer["payload"]["data"], validate=True).decode())
        except CellError as error:
            raise _said(error) from None
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise SecretError("the secret is no text, or the answer none of Secret Manager's") from None

    def close(self, deadline: Deadline) -> None:
        pass


def _said(error: CellError) -> SecretError:
    """An error of the call in words; the service's own hold names."""
    from google.api_core import exceptions as api

    cause = error.__cause__
    if error.status == "denied":
        return SecretError(
            "no permission: roles/secretmanager.secretAccessor on the secret is needed, and its API"
        )
    if error.status == "throttled":
        return SecretError("Secret Manager refuses more calls for now: its quota is used up", temporary=True)
    if isinstance(cause, api.NotFound):
        return SecretError("there is no secret of this name, or no such version, in the project")
    if isinstance(cause, api.BadRequest):
        return SecretError("this version is disabled or destroyed; enable it, or name another one")
    if isinstance(error, Cut):
        return SecretError(f"Secret Manager: {error.why}")
    return SecretError("Secret Manager failed, or can't be reached", temporary=True)
