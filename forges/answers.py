"""What forges' answers say, each in its own way: why they refuse, how long to wait, where the next page is;
and the addresses that lead there."""

from __future__ import annotations

import email.utils
import ipaddress
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from drift.forge import ForgeError

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')
#: Statuses of a service that is broken for the moment.
BROKEN = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a forge answered: ``data`` is its JSON, None where it has none."""

    status: int
    headers: Mapping[str, str]
    data: Any


def following_link(answer: Answer) -> str | None:
    """The next page's address of a ``Link`` header; Source: RFC 8288."""
    found = _NEXT.search(answer.headers.get("link", ""))
    return found[1] if found else None


def members(data: Any, at: str) -> list[Any]:
    """What a listing has. Raises ForgeError where an answer is none, which does not say that nothing is."""
    if not isinstance(data, list):
        raise ForgeError(f"{at}: what was answered is no list")
    return data


def below(data: Any, key: str, at: str) -> list[Any]:
    """What a listing has below a key. Raises ForgeError as :func:`members` does."""
    if not isinstance(data, Mapping):
        raise ForgeError(f"{at}: what was answered is no list")
    return members(data.get(key), at)


def path(*parts: str | int, safe: str = "") -> str:
    """The parts of a path, each encoded as one. Raises ForgeError where one would lead elsewhere."""
    told = [str(part) for part in parts]
    for part in told:
        if not part or {".", ".."} & set(part.split("/")):
            raise ForgeError(f"{part!r} is no name that a forge has")
    return "/".join(quote(part, safe=safe) for part in told)


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    shown_port = "" if (parts.scheme, port) in (("https", 443), ("http", 80)) else f":{port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{shown_port}"


def in_clear(url: str) -> bool:
    """Whether others could read what is sent to an address: http://, but on this machine."""
    host = urlsplit(url).hostname or ""
    if not url.startswith("http://") or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def shown(url: str) -> str:
    """An address without what logs in, and without its query."""
    return f"{origin(url)}{urlsplit(url).path}"


def reason(data: Any) -> str:
    """What an error's body says, in one line; the forges' forms of it."""
    return " ".join(" ".join(_said(data)).split())[:400]


def _said(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key in ("message", "error", "error_description", "errors", "detail", "fields"):
            if key in data:
                yield from _said(data[key])
        if not {"message", "error", "errors"} & set(data):
            told = {str(key): list(_said(value)) for key, value in data.items()}
            yield "; ".join(f"{key}: {' '.join(value)}" for key, value in told.items() if value)
    elif isinstance(data, list):
        for one in data[:5]:
            yield from _said(one)


def throttled(answer: Answer) -> bool:
    """Whether it is asked too often: 429, or GitHub's 403 that says so; Source: GitHub's "Rate limits for the
    REST API"."""
    if answer.status == 429:
        return True
    if answer.status != 403:
        return False
    return (
        "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in reason(answer.data).lower()
    )


def wait(answer: Answer, number: int) -> float | None:
    """The seconds to wait before another try; None where there is none."""
    if not throttled(answer) and answer.status not in BROKEN:
        return None
    asked = answer.headers.get("retry-after")
    if asked is not None:
        return _seconds(asked)
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        if (
            throttled(answer)
            and name in answer.headers
            and answer.headers.get("x-ratelimit-remaining", "0") == "0"
        ):
            moment = _number(answer.headers[name])
            return max(moment - time.time(), 0.0) + 1.0
    if throttled(answer):  # "wait for at least one minute", then longer each time
        return 60.0 * 2.0 ** (number - 1)
    return min(2.0**number, 30.0)


def _seconds(asked: str) -> float:
    """``Retry-After``: seconds, or a moment."""
    if (given := _number(asked)) or asked.strip() == "0":
        return given
    try:
        return max(email.utils.parsedate_to_datetime(asked).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return 60.0


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d+)?", text.strip()) else 0.0
