"""Where a command's output goes: what ``-o`` and ``-f`` mean, on every command the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from drift import plugins
from drift.errors import ConfigError
from drift.objects import is_url

#: As ``-o``: standard output.
STDOUT = "-"


class Place(NamedTuple):
    """A folder for several formats, or a file or standard output (``file`` is None) for ``formats[0]``; the
    default where all are None and ``stdout`` is False."""

    formats: list[str]
    folder: Path | None = None
    file: Path | None = None
    stdout: bool = False


def placed(output: str | None, format: str | None, default: Sequence[str] = ()) -> Place:
    """What the two options ask for. ``format`` is names separated by commas, ``default`` the formats where
    none is named.

    ``-`` is standard output; a name that ends as one format's files do is a file, anything else a folder.
    Raises ConfigError for a format that is not there, and for an output that can't hold what is asked for.
    """
    asked = list(dict.fromkeys(name.strip() for name in (format or "").split(",") if name.strip()))
    known = plugins.names("renderers")
    for name in asked:
        if name not in known:
            raise ConfigError(f"there is no format {name!r}; installed are: {', '.join(known)}")
    if output is None:
        return Place(asked or list(default))
    if is_url(output):
        raise ConfigError(
            f"-o {output}: -o names a place on this machine; runs go to an object store by "
            "`output: {store: …}` in drift.yaml"
        )
    path = Path(output)
    if output in known and not path.exists():
        raise ConfigError(f"-o {output}: -o names a file or folder; for the format write -f {output}")
    if output == STDOUT:
        return Place(_one(output, asked, ""), stdout=True)
    folder = output.endswith(("/", "\\")) or path.is_dir()
    by_name = "" if folder else _by_suffix(path.suffix.lower().removeprefix("."), known)
    if folder or not (by_name or path.is_file()):
        return Place(asked or list(default), folder=path)
    return Place(_one(output, asked, by_name), file=path)


def _one(output: str, asked: list[str], by_name: str) -> list[str]:
    names = asked or [by_name]
    if len(names) != 1 or not names[0]:
        there = ", ".join(plugins.names("renderers"))
        raise ConfigError(f"-o {output} takes one format; name it with -f: {there}")
    return names


def _by_suffix(suffix: str, known: Sequence[str]) -> str:
    """The format whose files end so, the one of that very name first."""
    if suffix in known:
        return suffix
    return next((name for name in known if plugins.renderer(name).suffix == suffix), "") if suffix else ""
