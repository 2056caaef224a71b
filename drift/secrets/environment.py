"""``env://NAME``: an environment variable of this process."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from pydantic import BaseModel

from drift.deadline import Deadline
from drift.secret import BaseSecretStore, OpenStore, Secret, SecretError


class EnvironmentSecrets(BaseSecretStore):
    """What whoever starts the program gives it."""

    name = "env"

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        return _Environment()


class _Environment:
    def read(self, path: str, deadline: Deadline) -> Secret:
        value = os.environ.get(unquote(path))
        if value is None:
            raise SecretError("the environment variable is not set; set it, or correct its name")
        return Secret(value)

    def close(self, deadline: Deadline) -> None:
        pass
