"""Benchmarks, which no other test runs, can at least be started: all that they import is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import tests.bench

NAMES = [one.name for one in pkgutil.iter_modules(tests.bench.__path__) if one.name != "__main__"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_imported(name: str) -> None:
    importlib.import_module(f"tests.bench.{name}")
