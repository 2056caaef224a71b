"""Brings properties to the shape that CloudFormation itself makes of them before it calls a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Sensitive, Unresolved


def shaped(value: Any, paths: Mapping[str, str], path: str = "") -> Any:
    """The value with a list of one wherever the schema (:mod:`providers.aws.compile_schemas`) has a list and
    the template one member of it: CloudFormation takes ``SecurityGroupIngress: {…}`` for
    ``SecurityGroupIngress: [{…}]``.
    """
    marks = paths.get(path, "")
    if marks[:1] == "a" and isinstance(value, (Mapping, str, bool, int, float)):
        value = [value]
    if isinstance(value, (Unresolved, Sensitive)):
        return value
    if isinstance(value, dict):
        prefix = f"{path}/" if path else ""
        return {name: shaped(member, paths, f"{prefix}{name}") for name, member in value.items()}
    if isinstance(value, list):
        return [shaped(member, paths, f"{path}/*") for member in value]
    return value
