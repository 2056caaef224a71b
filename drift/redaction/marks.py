"""Marks that stand for secrets within texts of files (``$secret:`` and the beginning of a hash): what they
stand for is found again beside the other side of a pair."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote

import orjson

from drift.model import Sensitive, Unresolved
from drift.redaction.whole import as_json

MARK = re.compile(r"\$secret:[0-9a-f]{16}")
_SIGN = "$secret:"
UNKNOWN = "a secret in it was hidden with another key, or has changed"


def marked(value: Any) -> bool:
    """Whether a text or a name at or below a value has a mark."""
    if isinstance(value, str):
        return _SIGN in value
    text = as_json(value)
    return any(_SIGN in one for one in _texts(value)) if text is None else _SIGN.encode() in text


def unmarked(declared: Any, live: Any, mark: Callable[[str], str]) -> tuple[Any, Any]:
    """Both sides, where marks are told by what stands in their place on the other: there the text is that of
    the other side. ``mark`` makes the mark of a secret. A text that is like one of the other side but for its
    marks, which no secret there has, is Unresolved in what is declared. The same objects where there is
    nothing to tell."""
    sides = set(_texts(declared)), set(_texts(live))
    found: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for number, own in enumerate(sides):
        plain = [text for text in sides[1 - number] if text not in own]
        for text in own:
            if not MARK.search(text) or text in sides[1 - number]:
                continue
            pattern, names = _pattern(text)
            fitting = [one for one in plain if pattern.fullmatch(one)]
            same = next((one for one in fitting if _stands_for(one, pattern, names, mark)), None)
            if same is not None:
                found[number][text] = same
            elif fitting and number == 0:
                found[0][text] = Unresolved(UNKNOWN)
            elif fitting:
                found[0].update(dict.fromkeys(fitting, Unresolved(UNKNOWN)))
    return _put(declared, found[0]), _put(live, found[1])


def _pattern(text: str) -> tuple[re.Pattern[str], list[str]]:
    """What a marked text was, with a group for each mark."""
    parts = MARK.split(text)
    return re.compile("(.+?)".join(map(re.escape, parts)), re.DOTALL), MARK.findall(text)


def _stands_for(text: str, pattern: re.Pattern[str], names: list[str], mark: Callable[[str], str]) -> bool:
    """Whether a text has the secrets of some marks where a pattern has them."""
    if MARK.search(text):
        return False
    found = pattern.fullmatch(text)
    assert found is not None
    return all(
        any(mark(one) == name for one in _readings(said))
        for said, name in zip(found.groups(), names, strict=True)
    )


def _readings(text: str) -> Iterator[str]:
    """What a text may stand for: itself, or what it is in another encoding."""
    yield text
    yield unquote(text)
    with contextlib.suppress(orjson.JSONDecodeError):
        yield str(orjson.loads(f'"{text}"'))
    for decode in (_from_base64, bytes.fromhex):
        try:
            yield decode(text).decode()
        except (ValueError, binascii.Error):
            continue


def _from_base64(text: str) -> bytes:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Sensitive):
        value = value.value
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str):
                yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _put(value: Any, found: dict[str, Any]) -> Any:
    if not found:
        return value
    if isinstance(value, Sensitive):
        new = _put(value.value, found)
        return value if new is value.value else new if isinstance(new, Unresolved) else Sensitive(new)
    if isinstance(value, str):
        return found.get(value, value)
    if isinstance(value, dict):
        put = {
            key if isinstance(named := found.get(key, key), Unresolved) else named: _put(item, found)
            for key, item in value.items()
        }
        return type(value)(put)
    return [_put(item, found) for item in value] if isinstance(value, list) else value
