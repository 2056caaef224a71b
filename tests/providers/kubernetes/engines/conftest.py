"""The renderers that engines need, and a small engine for what all have in common."""

from collections.abc import Iterator

import pytest

from providers.kubernetes import declared_engines, edge
from providers.kubernetes.engines import every
from tests.providers.kubernetes.declared.conftest import helm, helm_folder, renderer
from tests.providers.kubernetes.engines import fake

__all__ = ["fake_engine", "helm", "helm_folder", "renderer"]


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The engine ``fake`` is known."""
    marks = declared_engines.Marks(frozenset((fake.KIND,)))
    monkeypatch.setattr(declared_engines, "ENGINES", {**declared_engines.ENGINES, "fake": marks})
    monkeypatch.setattr("providers.kubernetes.engines.source.ENGINES", declared_engines.ENGINES)
    monkeypatch.setattr(every, "_CLASSES", {**every._CLASSES, "fake": f"{fake.__name__}:Fake"})
    kept = {**edge._statuses(), fake.KIND: {"inventory": frozenset(), "revision": frozenset()}}
    monkeypatch.setattr(edge, "_statuses", lambda: kept)
    every.engine.cache_clear()
    yield
    every.engine.cache_clear()
