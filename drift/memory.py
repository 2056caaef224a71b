"""Spares what is read for the whole run the garbage collector's looks, which take as long as all the rest at volume."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
            gc.enable()


def swept() -> None:
    """Frees the cyclic garbage made since the last time, within :func:`kept` too; what is older is not looked at."""
    gc.collect(0)
