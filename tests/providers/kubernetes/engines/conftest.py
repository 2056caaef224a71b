"""The renderers that engines need, and a small engine for what all have in common."""

from collections.abc import Iterator
from typing import cast

import pytest

from providers.kubernetes import declared_engines, edge
from providers.kubernetes.engines import every
from tests.providers.kubernetes.declared.conftest import helm, helm_folder, renderer
from tests.providers.kubernetes.engines import fake

__all__ = ["fake_engine", "helm", "helm_folder", "renderer"]


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The engine ``fake`` is known."""
    # Added in place: a module that is first imported meanwhile keeps the mapping itself, never a copy.
    engines = cast(dict[str, declared_engines.Marks], declared_engines.ENGINES)
    monkeypatch.setitem(engines, "fake", declared_engines.Marks(frozenset((fake.KIND,))))
    monkeypatch.setitem(cast(dict[str, str], every._CLASSES), "fake", f"{fake.__name__}:Fake")
    kept = {**edge._statuses(), fake.KIND: {"inventory": frozenset(), "revision": frozenset()}}
    monkeypatch.setattr(edge, "_statuses", lambda: kept)
    every.engine.cache_clear()
    yield
    every.engine.cache_clear()
