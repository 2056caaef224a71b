"""Which files of a repository Flux leaves out of what it reads: its defaults, ``.sourceignore`` files, and
``spec.ignore`` of a source.

Source: github.com/fluxcd/pkg, sourceignore.go; fluxcd.io, "Git Repositories", Ignore.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

from drift import reading
from drift.errors import DeclaredError

_FILE = ".sourceignore"
_VCS = (".git/", ".gitignore", ".gitmodules", ".gitattributes")
_DEFAULTS = (
    "*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip",
    ".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml",
    "cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml",
    "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml",
)  # fmt: skip


def ignored(root: Path, ignore: str | None) -> Callable[[Path], bool]:
    """Whether a file below ``root`` is left out. ``ignore`` is a source's own list, which stands in place of
    the defaults."""
    lines = [*_VCS, *(_DEFAULTS if ignore is None else ignore.splitlines()), *_said(root)]
    spec = GitIgnoreSpec.from_lines(filter(_is_pattern, lines))

    def is_ignored(file: Path) -> bool:
        return file.is_relative_to(root) and spec.match_file(file.relative_to(root).as_posix())

    return is_ignored


def _is_pattern(line: str) -> bool:
    """Whether a line is one of such a file; Git passes over what is none (``!``, ``/``)."""
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _said(root: Path) -> Iterator[str]:
    """The lines of all files of the name, each for the folder that it lies in."""
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if name not in (".git", "node_modules"))
        if _FILE not in files:
            continue
        file = Path(folder, _FILE)
        inside = file.parent.relative_to(root).as_posix()
        try:
            text = reading.content(file, str(file)).decode("utf-8", "replace")
        except DeclaredError:
            continue
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                yield line if inside == "." else _below(inside, line)


def _below(folder: str, line: str) -> str:
    """A line of a file in a folder as it is said from the root."""
    sign, said = ("!", line[1:]) if line.startswith("!") else ("", line)
    anchored = "/" in said.strip().rstrip("/")
    return f"{sign}/{folder}/{said.lstrip('/')}" if anchored else f"{sign}/{folder}/**/{said}"
