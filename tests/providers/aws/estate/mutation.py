"""One change that somebody makes behind Git's back, and the finding that it must give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mutation:
    """``apply`` gets a function from a service's name to its boto3 client. ``resource`` occurs in the
    finding's id or name."""

    name: str
    apply: Callable[[Callable[[str], Any]], None]
    type: str
    resource: str
    kind: str = "changed"
    paths: tuple[str, ...] = ()
