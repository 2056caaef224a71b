"""All stands by name, and the calls of each as they are tried (``tried.yaml``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from tests.calls import aws, clouds, others
from tests.calls.stand import Maker

STANDS: dict[str, Maker] = {**aws.MAKERS, **clouds.MAKERS, **others.MAKERS}
_FILE = Path(__file__).with_name("tried.yaml")


@cache
def tried() -> dict[str, list[str]]:
    """Stand → the calls that it makes in good weather, each of which is tried with each fault."""
    found: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def write(calls: dict[str, list[str]]) -> None:
    """Writes what stands make now."""
    text = "# The calls of each stand, as `python -m tests.chaos --calls all --write` finds them.\n"
    _FILE.write_text(text + yaml.safe_dump(calls, width=110), encoding="utf-8")
