"""Globs as Argo CD's libraries match them: ``{a,b}``, ``**``, and ``*`` that ends at a slash or does not."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from drift.listing import leads_out


@cache
def pattern(glob: str, *, across: bool = False) -> re.Pattern[str]:
    """A glob as an expression for whole paths. ``across`` says that ``*`` and ``?`` match slashes, too
    (gobwas without separators); else they end there and ``**`` goes on (doublestar)."""
    found, depth, at = "", 0, 0
    one = "." if across else "[^/]"
    while at < len(glob):
        sign = glob[at]
        if glob.startswith("**/", at) and not across:
            found += "(?:[^/]+/)*"
            at += 2
        elif glob.startswith("**", at):
            found += ".*"
            at += 1
        elif sign == "*":
            found += f"{one}*"
        elif sign == "?":
            found += one
        elif sign == "[" and "]" in glob[at + 2 :]:
            end = glob.index("]", at + 2)
            inner = glob[at + 1 : end].replace("\\", "\\\\")
            found += f"[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]"
            at = end
        elif sign == "{" and "}" in glob[at:]:
            depth += 1
            found += "(?:"
        elif sign == "}" and depth:
            depth -= 1
            found += ")"
        elif sign == "," and depth:
            found += "|"
        elif sign == "\\" and at + 1 < len(glob):
            at += 1
            found += re.escape(glob[at])
        else:
            found += re.escape(sign)
        at += 1
    return re.compile(f"{found}{')' * depth}", re.S)


def matches(glob: str, path: str, *, across: bool = False) -> bool:
    """Whether a glob matches a whole path; False for one that is none."""
    try:
        return pattern(glob, across=across).fullmatch(path) is not None
    except re.error:
        return False


def is_glob(said: str) -> bool:
    """Whether a text is more than the name of one file."""
    return any(sign in said for sign in "*?[")


def files(root: Path, glob: str) -> list[Path]:
    """The files below a folder that a glob (doublestar) matches: of each folder its own in order, then those
    of its folders."""
    found: list[Path] = []
    _walk(root, root, glob, found)
    return found


def folders(root: Path) -> list[str]:
    """All folders below one, relative to it, without hidden ones."""
    found: list[str] = []
    todo = [root]
    while todo:
        for one in _entries(todo.pop()):
            if one.is_dir() and not one.is_symlink() and not one.name.startswith("."):
                found.append(one.relative_to(root).as_posix())
                todo.append(one)
    return sorted(found)


def _walk(folder: Path, root: Path, glob: str, found: list[Path]) -> None:
    below = []
    for one in _entries(folder):
        if one.is_dir():
            if not one.is_symlink() and one.name != ".git":
                below.append(one)
        elif matches(glob, one.relative_to(root).as_posix()) and not leads_out(one):
            found.append(one)
    if "/" in glob or "**" in glob:
        for one in below:
            _walk(one, root, glob, found)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
