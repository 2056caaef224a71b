"""The errors that a user can act on: each message names the file, key or resource and says what to do."""

from __future__ import annotations


class DriftError(Exception):
    """Base of all errors that end a command with exit code 1 and one line on stderr."""


class ConfigError(DriftError):
    """The configuration or the command line can't be used as it is."""


class DeclaredError(DriftError):
    """A declared source (state, template, manifest, baseline, Git ref) can't be read."""


class Unsigned(DriftError):
    """A commit that is to be signed is not, or not by a key that may. Ends the run: nothing is read of it."""


class SnapshotError(DriftError):
    """A live snapshot or an earlier run's files can't be read."""


class CredentialsError(DriftError):
    """A provider has no usable credentials, so nothing of it could be read."""


class CellError(DriftError):
    """A cell could not be read; ends in the coverage ledger, never in the exit of the run.

    ``status`` is one of the coverage statuses ``denied``, ``throttled``, ``failed``, ``unsupported``,
    ``skipped``. ``above``: what refused it stands above the cell, and most likely refuses all of its region.
    """

    def __init__(self, status: str, message: str, *, above: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.above = above
