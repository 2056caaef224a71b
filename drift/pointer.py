"""The steps of a JSON Pointer (RFC 6901)."""

from __future__ import annotations


def escape(name: str) -> str:
    """A member's name as one step of a pointer.

    >>> escape("a/b~c")
    'a~1b~0c'
    """
    return name.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """The name that a step stands for."""
    return step.replace("~1", "/").replace("~0", "~")
