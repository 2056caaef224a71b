"""Whether a chart's version lies in a range of versions, as Flux and Helm read ranges.

Source: github.com/Masterminds/semver, "Checking Version Constraints".
"""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.A)
_TERM = re.compile(
    r"(=|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?"
    r"(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?",
    re.A,
)
_HYPHEN = re.compile(r"\s*(\S+)\s+-\s+(\S+)\s*")


class _Version(NamedTuple):
    numbers: tuple[int, int, int]
    #: Before a release; the release itself comes after all of them.
    early: tuple[tuple[int, int | str], ...]

    @property
    def order(self) -> tuple[tuple[int, int, int], int, tuple[tuple[int, int | str], ...]]:
        return self.numbers, 0 if self.early else 1, self.early


def is_exact(said: str) -> bool:
    """Whether a text names one version, and no range."""
    return bool(re.fullmatch(r"=?\s*v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", said.strip()))


def fits(version: str, said: str) -> bool:
    """Whether a version lies in a range; False where either can't be read.

    >>> fits("6.5.1", "6.x"), fits("7.0.0", "^6.2"), fits("1.2.9", "~1.2.3 || 3"), fits("2.0.0-rc.1", ">=1")
    (True, False, True, False)
    """
    own = _version(version)
    if own is None:
        return False
    return any(_all(own, part) for part in said.split("||"))


def _version(text: str) -> _Version | None:
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        return None
    early = tuple(
        (0, int(one)) if one.isdigit() else (1, one) for one in (found[4].split(".") if found[4] else ())
    )
    return _Version((int(found[1]), int(found[2] or 0), int(found[3] or 0)), early)


def _all(own: _Version, said: str) -> bool:
    between = _HYPHEN.fullmatch(said)
    if between:
        said = f">={between[1]} <={between[2]}"
    said = said.replace(",", " ").strip() or "*"
    at = 0
    while at < len(said):
        term = _TERM.match(said, at)
        if term is None:
            return False
        if not _holds(own, term):
            return False
        at = term.end()
        while at < len(said) and said[at] == " ":
            at += 1
    return True


def _holds(own: _Version, term: re.Match[str]) -> bool:
    sign = term[1] or ""
    if own.early and not term[5]:
        return False
    stated = [one for one in (term[2], term[3], term[4]) if one is not None]
    numbers: list[int] = []
    for one in stated:
        if not one.isdigit():
            break
        numbers.append(int(one))
    low = _version(".".join(map(str, numbers)) + (f"-{term[5]}" if term[5] else "")) if numbers else None
    if low is None:
        return sign not in ("!=", ">", "<")
    if sign == "^":
        place = next((number for number, one in enumerate(numbers) if one), len(numbers) - 1)
        return own.order >= low.order and own.numbers < _above(numbers, place)
    if sign in ("~", "~>"):
        return own.order >= low.order and own.numbers < _above(numbers, min(1, len(numbers) - 1))
    whole = len(numbers) == 3
    within = (
        own.order == low.order if whole else low.numbers <= own.numbers < _above(numbers, len(numbers) - 1)
    )
    match sign:
        case "" | "=":
            return within
        case "!=":
            return not within
        case ">":
            return own.order > low.order if whole else own.numbers >= _above(numbers, len(numbers) - 1)
        case ">=" | "=>":
            return own.order >= low.order
        case "<":
            return own.order < low.order
        case _:
            return own.order <= low.order if whole else own.numbers < _above(numbers, len(numbers) - 1)


def _above(numbers: list[int], place: int) -> tuple[int, int, int]:
    """The first version with more at a place."""
    found = [*numbers[:place], numbers[place] + 1, 0, 0, 0]
    return found[0], found[1], found[2]
