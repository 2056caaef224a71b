"""What is wanted of each provider: what Git declares, told before the live side is read to who asks by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from drift import plugins
from drift.live.estate import ANY, Estate
from drift.model import Cell, Coverage, Resource
from drift.provider import Provider
from drift.source import Declaration
from drift.task import Ahead, Wanted


def ahead(
    name: str,
    sources: Sequence[tuple[Declaration, frozenset[tuple[str, str]]]],
    providers: Mapping[str, Provider],
) -> Ahead:
    """What :attr:`drift.task.Wanted.declared` of the provider ``name`` asks ``sources``, of each
    of which stands beside it what :meth:`drift.source.Declaration.types` says.

    Only those sources translate themselves that declare one of the types; whatever only a live resource
    tells is :class:`drift.model.Unresolved` in what they say, and an id that only one tells is None.
    """

    def told(types: frozenset[str], context: Mapping[str, Any], scopes: Iterable[str]) -> Iterator[Resource]:
        view = Estate(providers)
        view.contexts[name].update(context)
        for scope in scopes:
            view.cover(Coverage(Cell(name, scope, ANY, ANY), "skipped", message="not read yet"))
        wanted = frozenset((name, type_) for type_ in types)
        for source, declares in sources:
            if wanted.isdisjoint(declares):
                continue
            for one in source.beforehand(view, wanted):
                if isinstance(one, Resource) and (one.provider, one.type) in wanted:
                    yield one

    return told


def each_wanted(
    settings: Iterable[str], sources: Iterable[Declaration], selects: Callable[[str], bool]
) -> dict[str, Wanted]:
    """What is to be read of each provider that is configured, by its name: what is declared, and at which
    versions, of the types that ``selects`` says."""
    types: set[tuple[str, str]] = set()
    asks: set[tuple[str, str]] = set()
    versions: dict[str, str] = {}
    told = [(source, source.types()) for source in sources]
    for source, declares in told:
        types |= declares
        asks |= source.asks()
        versions.update(source.versions())
    return {
        name: Wanted(
            frozenset(type_ for provider, type_ in types if provider == name),
            selects,
            versions,
            ahead(name, told, plugins.providers()),
            frozenset(word for provider, word in asks if provider == name),
        )
        for name in settings
    }
