"""Recordings and cases beside the checkout, in ``../shared``: where they are, and the skip where they are
not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared"


def path(name: str) -> Path:
    """The place of a recording or of the cases, there or not: ``recordings/azure-arm``, ``cases``."""
    return FOLDER / name


def files(name: str, pattern: str) -> list[Path]:
    """The files below a folder of ``../shared`` that a glob names, sorted; none where the folder is not
    there."""
    return sorted(path(name).glob(pattern))


def needs(*names: str) -> pytest.MarkDecorator:
    """The mark ``shared`` of tests that read these parts of ``../shared``: see :func:`skip_without`."""
    return pytest.mark.shared(*names)


@cache
def _says_so(file: Path) -> bool:
    return "shared" in file.read_text(encoding="utf-8")


def skip_without(item: pytest.Item) -> None:
    """Skips a test whose mark ``shared`` names a part that does not lie beside the checkout."""
    for mark in item.iter_markers("shared"):
        assert _says_so(item.path), f"{item.path}: .ci/run looks for such tests in files that say `shared`"
        for name in mark.args:
            if not path(name).exists():
                pytest.skip(f"../shared/{name} does not lie beside the checkout")
