"""All stands by name, and the calls of each as they are tried (``tried.yaml``); the places of the program
that ask, as far as they are reached then, or in the trials of whole estates (``reached.yaml``)."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from tests.calls import aws, clouds, forged, others, states, vaults
from tests.calls.sites import recording, sites
from tests.calls.stand import Maker
from tests.providers.azure import test_refused as of_azure
from tests.providers.gcp import test_refused as of_google
from tests.providers.kubernetes import test_refused as of_kubernetes

STANDS: dict[str, Maker] = {
    **aws.MAKERS,
    **clouds.MAKERS,
    **forged.MAKERS,
    **others.MAKERS,
    **states.MAKERS,
    **vaults.MAKERS,
}
#: Whole estates, each call of which is tried with each fault (tests/refusing.py), by what stands of theirs
#: begin with.
ESTATES: dict[str, ModuleType] = {"azure": of_azure, "gcp": of_google, "kubernetes": of_kubernetes}
_TRIED, _REACHED, _UNTRIED = (
    Path(__file__).with_name(f"{name}.yaml") for name in ("tried", "reached", "untried")
)


@cache
def tried() -> dict[str, list[str]]:
    """Stand → the calls that it makes in good weather, each of which is tried with each fault."""
    found: dict[str, list[str]] = yaml.safe_load(_TRIED.read_text(encoding="utf-8"))
    return found


@cache
def reached() -> frozenset[str]:
    """The places of the program at which calls are made that are tried."""
    return frozenset(yaml.safe_load(_REACHED.read_text(encoding="utf-8")) if _REACHED.exists() else ())


@cache
def untried() -> dict[str, str]:
    """Places that ask and are not tried yet, as patterns → why."""
    found: dict[str, str] = yaml.safe_load(_UNTRIED.read_text(encoding="utf-8"))
    return found


def write(names: Collection[str]) -> None:
    """Writes what these stands, and the estates beside them, ask now; what is written of others stays."""
    calls = dict(tried())
    with recording() as places:
        for name in names:
            with tempfile.TemporaryDirectory(prefix="calls-") as folder, STANDS[name](Path(folder)) as stand:
                calls[name] = list(stand.calls)
        for one in (one for cloud, one in ESTATES.items() if any(name.startswith(cloud) for name in names)):
            with tempfile.TemporaryDirectory(prefix="calls-") as folder, closing(_kept(one, folder)) as kept:
                next(kept)
    if len(names) < len(STANDS):
        places |= reached() & {site.name for site in sites()}
    said = "as `python -m tests.chaos --calls all --write` finds them.\n"
    text = yaml.safe_dump({name: calls[name] for name in STANDS}, width=110)
    _TRIED.write_text(f"# The calls of each stand, {said}{text}", encoding="utf-8")
    text = yaml.safe_dump(sorted(places), width=200)
    _REACHED.write_text(f"# The places that ask, {said}{text}", encoding="utf-8")


def _kept(estate: ModuleType, folder: str) -> Iterator[Any]:
    """An estate as its own tests make it: its calls are made once, in good weather."""

    class Folders:
        """What pytest makes folders by."""

        def mktemp(self, _: str) -> Path:
            return Path(folder)

    made: Iterator[Any] = estate.kept._get_wrapped_function()(Folders())  # noqa: SLF001 - a fixture's function
    return made
