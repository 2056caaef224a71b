"""Spares what is read for the whole run the garbage collector's looks, which take as long as all the rest at
volume; and lets what is thrown away go back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: So many objects that may be garbage are made before :func:`spared` has any looked at.
_PORTION = 200_000
#: What glibc's mallopt calls the size from which memory is mapped by itself, and the size with which it
#: begins.
_MAPPED_FROM = (-3, 128 * 1024)


@contextmanager
def kept() -> Iterator[None]:
    """Within it nothing looks for cyclic garbage: for work whose result, many objects, is held until it ends.

    What is not held is freed as ever, by its reference count.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            if gc.get_threshold()[0] == _PORTION:
                gc.freeze()  # else all of it were looked at now, though it is held
            gc.enable()


@contextmanager
def spared() -> Iterator[None]:
    """For a whole run that talks to clouds, which leaves cyclic garbage (a client is some): what is there
    when it begins, and what :func:`kept` made, is not looked at, and what comes only in large portions."""
    before = gc.get_threshold()
    if before[0] == _PORTION:
        yield
        return
    gc.freeze()
    gc.set_threshold(_PORTION, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def held() -> Iterator[None]:
    """:func:`kept`, for work on much that is there when it begins and stays until it ends: :func:`swept` does
    not look at that either."""
    with kept():
        gc.freeze()
        try:
            yield
        finally:
            gc.unfreeze()


def swept() -> None:
    """Frees the cyclic garbage made since the last time, within :func:`kept` too; what is older is not looked
    at."""
    gc.collect(0)


def returned() -> None:
    """Lets memory of a page that was read go back to the system when it is freed, where the C library is
    glibc.

    glibc raises the size from which it does so with each that it frees; then what is kept lies scattered
    between pages that are not, and a third of all memory is held for nothing.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library has its own ways
        ctypes.CDLL(None).mallopt(*_MAPPED_FROM)
