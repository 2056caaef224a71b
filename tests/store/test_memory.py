"""What was read and thrown away goes back to the system; nothing of it matters to another C library."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import weakref

import pytest

from drift.store.memory import held, kept, returned, spared

_PAGES = """
import sys
from drift.store.memory import returned
if sys.argv[1] == "yes":
    returned()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
first = b"x" * 16_000_000
del first
kept, pages, before = [], [], resident()
for _ in range(50):
    pages.append(b"x" * 1_000_000)
    kept.append(b"y" * 60_000)
del pages
print(resident() - before - sum(map(len, kept)))
"""


def _held(asked: str) -> int:
    """Bytes held for nothing after 50 MB of pages were thrown away, between which something is kept."""
    done = subprocess.run(
        [sys.executable, "-c", _PAGES, asked], check=True, capture_output=True, text=True, timeout=300
    )
    return int(done.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library has no mallopt")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_pages_that_were_read_are_given_back() -> None:
    assert _held("no") > 30_000_000, "else there is nothing to prove"
    assert _held("yes") < 4_000_000


def test_a_library_without_the_switch_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    returned()


def test_the_collector_is_as_it_was() -> None:
    was = gc.isenabled()
    with kept(), kept():
        assert not gc.isenabled()
    assert gc.isenabled() == was


class Knot:
    """Holds itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_a_run_holds_is_not_looked_at_when_its_parts_end() -> None:
    before = gc.get_threshold()
    looked: list[int] = []

    def watch(phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            looked.append(1)

    with spared():
        gc.callbacks.append(watch)
        try:
            with kept():
                much = [[number] for number in range(300_000)]
            with held():
                more = [[number] for number in range(1_000)]
            more += [[number] for number in range(1_000)]
        finally:
            gc.callbacks.remove(watch)
    assert looked == []
    assert len(much) + len(more) == 302_000
    assert gc.get_threshold() == before


def test_garbage_of_a_run_is_freed_while_it_goes_on() -> None:
    with spared(), spared():
        knot = weakref.ref(Knot())
        filling = [[number] for number in range(300_000)]
        assert knot() is None, "else a run of many accounts fills the memory with closed clients"
    assert len(filling) == 300_000
