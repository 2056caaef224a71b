"""JSON Pointers (RFC 6901): how the places in a value are spelled, taken apart and looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=16384)
def escape(name: str) -> str:
    """A member's name as one step of a pointer.

    >>> escape("a/b~c")
    'a~1b~0c'
    """
    return name.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """The name that a step stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def join(pointer: str, name: str | int) -> str:
    """The pointer of what stands below another one, by its name or index.

    >>> join("/tags", "a/b"), join("", 0)
    ('/tags/a~1b', '/0')
    """
    return f"{pointer}/{escape(str(name))}"


def split(pointer: str) -> list[str]:
    """The names that a pointer leads through; a path without its first slash is one, too.

    >>> split(""), split("/tags/a~1b"), split("tags/*"), split("/labels/")
    ([], ['tags', 'a/b'], ['tags', '*'], ['labels', ''])
    """
    return [unescape(step) for step in pointer.removeprefix("/").split("/")] if pointer else []


def step(value: Any, name: str | int) -> Any:
    """The member of an object, or of a list by its index; None where there is none."""
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list) and (isinstance(name, int) or name.isdecimal()) and int(name) < len(value):
        return value[int(name)]
    return None


def get(value: Any, names: Iterable[str | int]) -> Any:
    """What stands where names lead (:func:`split`); None where nothing does.

    >>> get({"rules": [{"port": 22}]}, split("/rules/0/port"))
    22
    """
    for name in names:
        value = step(value, name)
    return value


def within(pointer: str, above: str) -> bool:
    """Whether a pointer is another one, or stands below it."""
    return pointer == above or pointer.startswith(f"{above}/")
