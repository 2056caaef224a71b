"""What a forge takes of a title and of a body: one line, and no more than its limit."""

from __future__ import annotations

import re

from drift.forge import ForgeError

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.M)
_MACHINE = re.compile(r"\n*(<!--[^\n]*-->)\s*\Z")
#: The end of what is cut, before what only machines read.
CUT = "*Cut here: {forge} takes {most:,} characters. All of it is in drift's report.*"

TOO_MANY = (
    "{forge}: the line by which drift knows the pull request again has {length:,} characters, and {most:,} "
    "are taken: lower remediate.max_changes"
)
#: Characters for what is closed where a text is cut.
_CLOSED = 200


def title(text: str, most: int, beginning: str = "") -> str:
    """A title of one line with no control character, that begins so and has at most so many characters."""
    line = beginning + (" ".join("".join(c if c.isprintable() else " " for c in text).split()) or "drift")
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def without(text: str, beginning: re.Pattern[str]) -> str:
    """A text that does not begin so, however often it did."""
    text = text.strip()
    while (found := beginning.match(text)) and found.end():
        text = text[found.end() :]
    return text


def body(text: str, most: int, forge: str) -> str:
    """A body that fits. Its last line, for machines, stays whole; what is cut says so, and ends the code and
    the fold in which it is cut. What no forge can store (a NUL, half a character) is left out. Raises
    ForgeError where that line alone is longer."""
    text = text.replace("\x00", "").encode("utf-8", "ignore").decode()
    if length(text) <= most:
        return text
    kept, mark = parted(text)
    told = f"\n\n{CUT.format(forge=forge, most=most)}" + (f"\n\n{mark}" if mark else "")
    room = most - length(told) - _CLOSED
    if room < 0:
        raise ForgeError(TOO_MANY.format(forge=forge, length=length(mark), most=most))
    kept = _first(kept, room)
    kept = kept[: kept.rfind("\n")] if "\n" in kept else kept
    return kept + _closing(kept) + told


def parted(text: str) -> tuple[str, str]:
    """A text, and its last line for machines; the latter is empty where there is none."""
    machine = _MACHINE.search(text)
    return (text[: machine.start()], machine[1]) if machine else (text, "")


def length(text: str) -> int:
    """Characters as the strictest forge counts them: UTF-16's."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def same(one: str, other: str) -> bool:
    """Whether two texts are one, whatever a forge does to ends of lines."""
    return _plain(one) == _plain(other)


def _first(text: str, most: int) -> str:
    kept = text[:most]
    while length(kept) > most:
        kept = kept[: len(kept) - (length(kept) - most)]
    return kept


def _closing(text: str) -> str:
    fence = ""
    for found in _FENCE.findall(text):
        if not fence:
            fence = found
        elif found[0] == fence[0] and len(found) >= len(fence):
            fence = ""
    folds = max(text.count("<details") - text.count("</details>"), 0)
    return (f"\n{fence[:100]}" if fence else "") + "\n</details>" * min(folds, 5)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
