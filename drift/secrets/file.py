"""``file://PATH``: a file, as Kubernetes and Docker mount secrets; without the newline at its end."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from pydantic import BaseModel

from drift import reading
from drift.deadline import Deadline
from drift.errors import ConfigError
from drift.secret import BaseSecretStore, OpenStore, Secret, SecretError

#: Larger ones are no secrets: what Kubernetes takes of one is 1 MiB
#: (https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size).
_MOST = 1024 * 1024


class FileSecrets(BaseSecretStore):
    """Files of this machine; a relative path starts from the folder of drift.yaml."""

    name = "file"

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        return _Files(base)


class _Files:
    def __init__(self, base: Path) -> None:
        self._base = base

    def read(self, path: str, deadline: Deadline) -> Secret:
        try:
            found = reading.place(unquote(path), self._base)
        except ConfigError:
            raise SecretError("the path leads nowhere; correct it") from None
        text = reading.text(found, "the file", most=_MOST, error=SecretError)
        return Secret(text.removesuffix("\n").removesuffix("\r"))

    def close(self, deadline: Deadline) -> None:
        pass
