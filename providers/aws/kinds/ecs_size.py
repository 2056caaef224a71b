"""Sizes of ECS tasks, which may be said in two units."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_SIZE = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})\s*(vcpu|gb)?\s*", re.ASCII | re.IGNORECASE)


def _ecs_size(value: Any, context: Context) -> Canonical:
    """``1 vCPU`` ≡ ``1024`` CPU units, ``0.5GB`` ≡ ``512`` MiB; numbers as text, as the API has them.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html, ``cpu``
    and ``memory``: "String values are converted to an integer indicating the CPU units when the task
    definition is registered".

    >>> _ecs_size(".25 vCPU", Context())
    '256'
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return value
    match = _SIZE.fullmatch(str(value))
    if match is None:
        return value
    size = Decimal(match[1]) * (1024 if match[2] else 1)
    return str(int(size)) if size == int(size) else value


ECS_SIZE = Kind("ecs-size", _ecs_size)
