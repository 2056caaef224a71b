"""A Pulumi stack as a declared source: inputs are what the program said, outputs are identity and what only
the cloud knew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from drift.declared.pulumi import export
from drift.listing import beginning, files_below
from drift.source import BaseSource, Declaration, Loader, Location

#: Files of a stack, as they end; a backend of one's own keeps them so.
_ENDINGS = (".json", ".json.gz")
#: Below a backend's folder: what a stack was, and no stack.
_OLDER = frozenset({"history", "backups", "locks"})


class Pulumi(BaseSource):
    """A stack's export or checkpoint, or a folder with such files anywhere below it."""

    name = "pulumi"

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(_stacks(path))
        return export.is_stack(head)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses every stack. Raises DeclaredError where not one is; of others beside it such a file is a
        problem."""
        from drift.declared.pulumi.stacks import load

        files = [location.path] if location.path.is_file() else list(_stacks(location.path))
        return load(location, loader, files)


def _stacks(folder: Path) -> Iterator[Path]:
    """The files of a folder that hold stacks, but no older ones."""
    for file in files_below(folder, _ENDINGS):
        if not _OLDER & set(file.relative_to(folder).parts[:-1]) and export.is_stack(beginning(file)):
            yield file
