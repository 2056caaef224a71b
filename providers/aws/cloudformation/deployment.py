"""A template as people deploy it: as which stack, where, with which parameters and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.aws.cloudformation.template import Template


@dataclass(frozen=True)
class Made:
    """Where the code stands that made a resource of a template: ``path`` of constructs, ``file`` and
    ``line``, where they are known."""

    path: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Deployment:
    """``stack`` is a name or ARN, ``policy`` says which updates of the stack are allowed; what is None is not
    said. ``made`` are the logical ids that a program wrote
    and where."""

    template: Template
    stack: str | None = None
    scope: str | None = None
    region: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None
    protected: bool | None = None
    notified: tuple[str, ...] | None = None
    role: str | None = None
    policy: Any = None
    made: Mapping[str, Made] = field(default_factory=dict)
