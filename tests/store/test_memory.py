"""What was read and thrown away goes back to the system; nothing of it matters to another C library."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys

import pytest

from drift.store.memory import kept, returned

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
        [sys.executable, "-c", _PAGES, asked], check=True, capture_output=True, text=True, timeout=60
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
