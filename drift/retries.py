"""Trying again, by a library that says nothing of it: its own log lines would stand in the middle of what a
command prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stamina import Attempt


def retry_context(**how: Any) -> Iterable[Attempt]:
    """The tries of one thing, as :func:`stamina.retry_context` has them. Imported when there is something to
    try: it brings all of asyncio."""
    import stamina
    from stamina.instrumentation import set_on_retry_hooks

    set_on_retry_hooks(())
    return stamina.retry_context(**how)
