"""Whose a declared file is, from the CODEOWNERS of its repository: GitHub's, and GitLab's with sections."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from codeowners import CodeOwners as Rules

from drift import reading
from drift.model import Origin
from drift.rules.places import Places, in_repository
from drift.source import Location

#: Where GitHub, GitLab, Gitea and Bitbucket look, in the order in which they do.
FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".bitbucket/CODEOWNERS")
#: Source: GitHub's "About code owners": a file of 3 MB and more is not loaded.
_MOST = 3 * reading.MB
#: In what is made of a pattern: a star and the plain text between it and the next one.
_STAR = re.compile(r"\[\^/\]\*((?:\\[^dDwWsSbBAZ]|[\w-])+)(?=\[\^/\]\*)")
_SECTION = re.compile(r"^\^?\[[^\]]+\](?:\[\d+\])?(?P<owners>(?:\s+\S+)*)\s*$")


class CodeOwners:
    """The CODEOWNERS of every repository that the locations are in."""

    def __init__(self, locations: Iterable[Location]) -> None:
        self._places = Places(locations)
        self._known: dict[tuple[Path, str], str | None] = {}
        self._rules = {
            location.root: _read(location.root) for location in self._places.locations if location.root
        }

    def of(self, origin: Origin) -> str | None:
        """The owners of the file that an origin names (``@acme/web, @ann``); None where nobody is named."""
        found = self._places.find(origin) if any(self._rules.values()) else None
        if found is None or found[0].root is None:
            return None
        path = in_repository(*found)
        if path is None:
            return None
        key = (found[0].root, path)
        if key not in self._known:
            self._known[key] = ", ".join(owners_of(path, self._rules[key[0]])) or None
        return self._known[key]


def owners_of(path: str, sections: Iterable[Rules]) -> list[str]:
    """The owners of a path: in each section the last line that fits decides; the sections' owners
    together."""
    found = (owner for rules in sections for _, owner in rules.of(path))
    return list(dict.fromkeys(found))


def sections(text: str) -> Iterator[Rules]:
    """The sections of a file, each by itself; a line without owners has its section's own.

    A line whose pattern can't be read is left out, as the forges do.
    """
    lines: list[str] = []
    owners = ""
    for line in text.splitlines():
        head = _SECTION.match(line.strip())
        if head is not None:
            yield _bounded(Rules("\n".join(lines)))
            lines, owners = [], head["owners"]
            continue
        said = re.sub(r"(^|\s)#.*", "", line).strip()
        if said:
            alone = len(said.replace("\\ ", "").split()) == 1
            with contextlib.suppress(ValueError, re.error):
                Rules(said)
                lines.append(said + owners if alone else said)
    yield _bounded(Rules("\n".join(lines)))


def _bounded(rules: Rules) -> Rules:
    """The same rules, which find in each star's place the first text that fits and look for no other, so that
    a pattern of many stars takes no time without end."""
    rules.paths = [
        (re.compile(_STAR.sub(r"(?>[^/]*?\1)", found.pattern)), path, owners, line, section)
        for found, path, owners, line, section in rules.paths
    ]
    return rules


def _read(root: Path) -> list[Rules]:
    file = next((root / name for name in FILES if (root / name).is_file()), None)
    if file is None:
        return []
    return list(sections(reading.text(file, str(file.relative_to(root)), most=_MOST)))
