"""Values of expressions: what is not known, and the forms that functions expect of their arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from drift.model import Sensitive, Unresolved

_LONGEST = 1_000_000


class Unknown(Exception):
    """A value can't be told. The message is the reason, as people read it."""


def what(value: Any) -> str:
    """What a value is, for messages: never the value itself, which may be secret."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, bool):
        return "a boolean"
    return "an array" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"


def known(value: Any) -> Any:
    """A value with nothing unknown or marked inside. Raises Unknown."""
    if isinstance(value, Unresolved):
        raise Unknown(value.reason)
    if isinstance(value, Sensitive):
        return known(value.value)
    if isinstance(value, Mapping):
        return {key: known(item) for key, item in value.items()}
    return [known(item) for item in value] if isinstance(value, list) else value


def text(value: Any) -> str:
    """A value as ``string()`` and ``format()`` write it. Raises Unknown."""
    value = known(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    if value is None:
        return ""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def integer(value: Any) -> int:
    """A whole number, also as text. Raises Unknown."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d{1,18}\s*", value, re.A):
        return int(value)
    raise Unknown(f"expected a whole number, got {what(value)}")


def boolean(value: Any) -> bool:
    """A boolean, also as text or number. Raises Unknown."""
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    raise Unknown(f"expected a boolean, got {what(value)}")


def word(value: Any) -> str:
    """A text and nothing else. Raises Unknown."""
    raised(value)
    if isinstance(value, str):
        return value
    raise Unknown(f"expected a text, got {what(value)}")


def array(value: Any) -> list[Any]:
    """An array and nothing else. Raises Unknown."""
    raised(value)
    if isinstance(value, list):
        return value
    raise Unknown(f"expected an array, got {what(value)}")


def mapping(value: Any) -> Mapping[str, Any]:
    """An object and nothing else. Raises Unknown."""
    raised(value)
    if isinstance(value, Mapping):
        return value
    raise Unknown(f"expected an object, got {what(value)}")


def equal(one: Any, other: Any) -> bool:
    """``equals()``: texts with their case, types told apart."""
    one, other = known(one), known(other)
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other)


def bounded(value: Any) -> Any:
    """A result that is not longer than a template may be. Raises Unknown."""
    if isinstance(value, (str, list)) and len(value) > _LONGEST:
        raise Unknown("the value is longer than a template may be")
    return value


def opened(value: Any) -> tuple[Any, bool]:
    """A value without its mark, and whether it had one. Raises Unknown."""
    secret = isinstance(value, Sensitive)
    value = value.value if isinstance(value, Sensitive) else value
    return raised(value), secret


def raised(value: Any) -> Any:
    """A value that is known at its top. Raises Unknown."""
    if isinstance(value, Unresolved):
        raise Unknown(value.reason)
    return value


def marked(value: Any) -> bool:
    """Whether anything in a value is marked as secret."""
    if isinstance(value, Mapping):
        return any(map(marked, value.values()))
    return isinstance(value, Sensitive) or (isinstance(value, list) and any(map(marked, value)))


def attempted(compute: Callable[..., Any], *arguments: Any) -> Any:
    """What ``compute`` gives; Unresolved where it raises Unknown, so that only this part of a whole is not
    known."""
    try:
        return compute(*arguments)
    except Unknown as reason:
        return Unresolved(str(reason))


def spread(value: Any) -> Any:
    """An array or object whose items are marked, in place of one that is marked as a whole."""
    if not isinstance(value, Sensitive):
        return value
    inside = value.value
    if isinstance(inside, list):
        return [item if marked(item) else Sensitive(item) for item in inside]
    return {key: item if marked(item) else Sensitive(item) for key, item in mapping(inside).items()}
