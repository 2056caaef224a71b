"""What is declared, told before the live side is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift.finding import Unverifiable
from drift.live.ahead import ahead
from drift.model import Problem, Resource
from drift.source import LiveView


class Source:
    """Declares one resource whose id only the context tells, and others beside it."""

    def __init__(self, type_: str) -> None:
        self.type, self.views = type_, list[LiveView]()
        self.asked: list[frozenset[tuple[str, str]]] = []

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset({("cloud", self.type), ("cloud", "beside"), ("other", "t")})

    def resources(self, live: LiveView) -> Iterator[Any]:
        self.views.append(live)
        id_ = live.context("cloud").get("ids", {}).get(self.type)
        for type_ in (self.type, "beside"):
            yield Resource("cloud", "s", type_, id_, {"at": sorted(live.scopes("cloud"))})
        yield Resource("other", "s", self.type, "x", {})
        yield Unverifiable("cloud", "s", self.type, "y", "", "nobody knows")
        yield Problem("source", "something is wrong")

    def beforehand(self, live: LiveView, types: frozenset[tuple[str, str]]) -> Iterator[Any]:
        self.asked.append(types)
        return self.resources(live)


def test_only_sources_of_the_types_translate_themselves_by_what_is_known_so_far() -> None:
    one, other = Source("t"), Source("u")
    told = ahead("cloud", [(one, one.types()), (other, other.types())], {})  # type: ignore[list-item]
    found = list(told(frozenset({"t"}), {"ids": {"t": "t-1"}}, ["s", "s2"]))
    assert found == [Resource("cloud", "s", "t", "t-1", {"at": ["s", "s2"]})]
    assert len(one.views) == 1 and not other.views
    assert one.asked == [frozenset({("cloud", "t")})]
    assert one.views[0].find("cloud", "s", "t", "t-1") is None
