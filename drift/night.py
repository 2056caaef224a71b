"""What happens at night in a demo: who does what behind Git's back, and what drift must find of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: ``resource`` is the resource's id, or part of its id, name or declared address, ``paths``
    are its changes', ``actor`` who the cloud itself says it was, None where it does not."""

    type: str
    resource: str
    kind: str = "changed"
    paths: tuple[str, ...] = ()
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody does at ``clock``, in a sentence, and all that must be found of it.

    ``apply`` takes what the demo's cloud is changed through.
    """

    clock: str
    sentence: str
    apply: Callable[..., None]
    found: tuple[Found, ...]

    def __str__(self) -> str:
        return f"{self.clock} {self.sentence}"
