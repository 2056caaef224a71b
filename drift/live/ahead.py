"""What Git declares, told before the live side is read, for a provider that asks for things by their id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drift.live.estate import ANY, Estate
from drift.model import Cell, Coverage, Resource
from drift.provider import Provider
from drift.source import Declaration
from drift.task import Ahead


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
