"""Names the folders within a declared folder that a source reads, where none reads the folder itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from drift.listing import leads_out
from drift.source import Source

#: How deep and among how many folders to look: enough for `overlays/REGION/STAGE`.
_DEPTH = 3
_FOLDERS = 500
_NAMED = 5
_SKIPPED = frozenset({"node_modules", "__pycache__"})


def advice(folder: Path, sources: Sequence[Source]) -> str:
    """What to declare in place of ``folder``; empty where nothing below it is recognised."""
    if not folder.is_dir():
        return ""
    found = [
        f"{below.relative_to(folder).as_posix()} ({' or '.join(names)})"
        for below, names in _recognised(folder, sources)
    ]
    if not found:
        return ""
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"declare each of the folders in it: {', '.join(found[:_NAMED])}{more}"


def _recognised(folder: Path, sources: Sequence[Source]) -> Iterator[tuple[Path, list[str]]]:
    """The uppermost folders below ``folder`` that sources read, with these sources' names."""
    left = _FOLDERS
    todo = [(folder, 0)]
    while todo:
        here, depth = todo.pop(0)
        for below in _folders(here):
            left -= 1
            if left < 0:
                return
            names = [source.name for source in sources if source.recognises(below, b"")]
            if names:
                yield below, names
            elif depth + 1 < _DEPTH:
                todo.append((below, depth + 1))


def _folders(folder: Path) -> list[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        Path(entry.path)
        for entry in entries
        if entry.is_dir(follow_symlinks=False)
        and not entry.name.startswith(".")
        and entry.name not in _SKIPPED
        and not leads_out(Path(entry.path))
    ]
