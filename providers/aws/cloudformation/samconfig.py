"""Reads how ``sam deploy`` deploys a template: ``samconfig.toml`` (or ``.yaml``) beside it.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from providers.aws.cloudformation.deployment import Deployment
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template

NAMES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
_BUILT = (".aws-sam", "build")
DEFAULT = "default"


def beside(path: Path) -> Path | None:
    """The configuration of the template at ``path``, which may be a built one."""
    folder = path.parent
    if folder.parts[-2:] == _BUILT:
        folder = folder.parent.parent
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def deployment(of: Template, environment: str | None, shown: str) -> Deployment:
    """A template as an environment of the configuration beside it deploys it, ``default`` where none is
    named; without anything said where there is none.

    Raises:
        DeclaredError: when the configuration can't be read, or has no such environment.
    """
    file = beside(of.path)
    if file is None:
        if environment is not None:
            raise DeclaredError(f"{shown}: 'config_env' names an environment, but there is no {NAMES[0]}")
        return Deployment(of)
    told = _read(file)
    found = told.get(environment or DEFAULT)
    if not isinstance(found, Mapping):
        if environment is not None:
            names = ", ".join(sorted(name for name, one in told.items() if isinstance(one, Mapping)))
            raise DeclaredError(f"{shown}: {file.name} has no environment {environment!r}; it has {names}")
        return Deployment(of)
    said: dict[str, Any] = {}
    for command in ("global", "deploy"):
        part = found.get(command)
        part = part.get("parameters") if isinstance(part, Mapping) else None
        said.update(part if isinstance(part, Mapping) else {})
    other = said.get("template_file", said.get("template"))
    if isinstance(other, str) and Path(other).name != of.path.name and environment is None:
        return Deployment(of)  # of another template in the same folder
    overrides = _pairs(said.get("parameter_overrides"))
    protected = said.get("enable_termination_protection")
    notified = said.get("notification_arns")
    if isinstance(notified, str):
        notified = shlex.split(notified)
    return Deployment(
        of,
        stack=_text(said.get("stack_name")),
        region=_text(said.get("region")),
        parameters={name: value for name, value in overrides.items() if name in of.parameters},
        tags=_pairs(said["tags"]) if "tags" in said else None,
        protected=protected if isinstance(protected, bool) else None,
        notified=tuple(map(str, notified)) if isinstance(notified, list) else None,
        role=_text(said.get("role_arn")),
    )


def _read(file: Path) -> Mapping[str, Any]:
    content = reading.content(file, file.name)
    if file.suffix == ".toml":
        try:
            return tomllib.loads(content.decode())
        except (ValueError, RecursionError) as error:
            raise DeclaredError(f"{file.name}: is not valid TOML: {error}") from error
    found = parse(content, file.name)
    if not isinstance(found, Mapping):
        raise DeclaredError(f"{file.name}: expected a mapping of environments")
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _pairs(said: Any) -> dict[str, str]:
    """``A=1 B="two words"`` in any of the forms that SAM takes, also CloudFormation's
    ``ParameterKey=A,ParameterValue=1``."""
    if isinstance(said, Mapping):
        return {str(key): str(value) for key, value in said.items()}
    found: dict[str, str] = {}
    texts = said if isinstance(said, list) else [said] if isinstance(said, str) else []
    for text in texts:
        if isinstance(text, Mapping):
            found.update(_pairs(text))
            continue
        try:
            words = shlex.split(str(text))
        except ValueError:
            words = str(text).split()
        for word in words:
            if word.startswith("ParameterKey=") and ",ParameterValue=" in word:
                key, _, value = word.removeprefix("ParameterKey=").partition(",ParameterValue=")
            else:
                key, _, value = word.partition("=")
            if key:
                found[key] = value
    return found
