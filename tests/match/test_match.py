"""Which declared resource is which live one, and what is said where that can't be known."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from drift.config.model import Config
from drift.facts import TypeFacts
from drift.judge import Judgement, Terms, judge
from drift.live.estate import ANY, Estate
from drift.match.matches import Matches
from drift.match.pairing import match
from drift.model import Cell, Coverage, Origin, Resource
from drift.provider import BaseProvider
from drift.redaction.redact import Redactor
from drift.task import Live

TYPE, GLOBAL_TYPE, NAMELESS = "T::Regional", "T::Global", "T::Nameless"


class Cloud(BaseProvider):
    """A provider of three types; ``arn:NAME`` is the canonical spelling of an id."""

    name = "cloud"

    def __init__(self) -> None:
        self._facts = {
            TYPE: TypeFacts(TYPE),
            GLOBAL_TYPE: TypeFacts(GLOBAL_TYPE, regional=False),
            NAMELESS: TypeFacts(NAMELESS, natural_key=False),
        }

    def facts(self, type: str) -> TypeFacts | None:
        return self._facts.get(type)

    def types(self) -> list[str]:
        return list(self._facts)

    def canonical_id(self, resource: Resource) -> str | None:
        text = resource.id
        return text if text is None or text.startswith("arn:") else f"arn:{text}"

    def system(self, live: Resource, context: Any) -> str | None:
        return "made by itself" if live.attributes.get("System") else None

    def connect(self, settings: Any, deadline: Any) -> Live:
        raise NotImplementedError


def live(
    id_: str,
    name: str | None = None,
    *,
    scope: str = "s",
    region: str | None = "r",
    type_: str = TYPE,
    **attributes: Any,
) -> Resource:
    return Resource("cloud", scope, type_, f"arn:{id_}", attributes, region, name or id_)


def said(
    id_: str | None,
    name: str | None = None,
    *,
    scope: str = "s",
    region: str | None = "r",
    type_: str = TYPE,
    at: str = "x",
    **more: Any,
) -> Resource:
    fields = {key: more.pop(key) for key in ("partial", "shared") if key in more}
    origin = Origin("test", "file", address=at)
    return Resource("cloud", scope, type_, id_, more, region, name, origin, **fields)


def estate(*resources: Resource, rows: tuple[Coverage, ...] = (), checked: bool = True) -> Estate:
    found = Estate({"cloud": Cloud()})
    for resource in resources:
        assert found.add(resource)
    for row in rows:
        found.cover(row)
    if checked:
        for type_, region in ((TYPE, "r"), (TYPE, "r2"), (GLOBAL_TYPE, "global"), (NAMELESS, "r")):
            cell = Cell("cloud", "s", region, type_)
            if found.status(cell) is None:
                found.cover(Coverage(cell, "checked"))
    return found


def pairs(matches: Matches) -> list[tuple[str | None, str | None]]:
    return [(pair.declared.id, pair.live.id) for pair in matches.pairs]


def reasons(matches: Matches) -> list[str]:
    return [one.reason for one in matches.unverifiable]


def verdict(matches: Matches, found: Estate) -> Judgement:
    return judge(matches, Terms(found, Config(version=1), Redactor("k")))


def kinds(matches: Matches, found: Estate) -> list[tuple[str, str | None]]:
    return [(one.kind, one.resource.id) for one in verdict(matches, found).findings]


# By key


def test_an_id_matches_in_any_spelling() -> None:
    assert pairs(match([said("a")], estate(live("a"), live("b")))) == [("arn:a", "arn:a")]


def test_a_resource_in_another_region_is_another_resource() -> None:
    found = estate(live("a", region="r2"))
    matches = match([said("a")], found)
    assert kinds(matches, found) == [("missing", "arn:a"), ("unmanaged", "arn:a")]


def test_an_id_without_region_matches_where_it_is_alone() -> None:
    assert pairs(match([said("a", region=None)], estate(live("a", region="r2")))) == [("arn:a", "arn:a")]


def test_an_id_that_stands_in_two_regions_is_not_missing() -> None:
    found = estate(live("a"), live("a", region="r2"))
    matches = match([said("a", region=None)], found)
    assert reasons(matches) == [
        "its id stands in several places; set `scope` and `region` on the declared entry"
    ]
    assert kinds(matches, found) == []


def test_a_region_on_a_global_type_does_not_count() -> None:
    found = estate(live("a", region=None, type_=GLOBAL_TYPE))
    assert pairs(match([said("a", type_=GLOBAL_TYPE)], found)) == [("arn:a", "arn:a")]


def test_the_only_scope_there_is() -> None:
    found = estate(live("a"), live("rogue"))
    matches = match([said("a", scope="")], found)
    assert pairs(matches) == [("arn:a", "arn:a")]
    assert kinds(matches, found) == [("unmanaged", "arn:rogue")]


def test_an_unknown_scope_among_several() -> None:
    found = estate(live("a"), live("b", scope="s2"))
    assert pairs(match([said("b", scope="")], found)) == [("arn:b", "arn:b")]
    assert reasons(match([said("c", scope="")], found)) == [
        "its account or project is not known; set `scope` on the declared entry"
    ]


# By name


def test_a_unique_name_matches_where_the_id_is_not_known() -> None:
    found = estate(live("a", "web"), live("b", "db"))
    assert pairs(match([said(None, "web")], found)) == [(None, "arn:a")]


def test_a_name_is_looked_for_in_its_region_only() -> None:
    found = estate(live("a", "web", region="r2"))
    assert kinds(match([said(None, "web")], found), found)[0] == ("missing", None)


@pytest.mark.parametrize("type_", [TYPE, NAMELESS])
def test_an_ambiguous_name_makes_all_of_them_possible(type_: str) -> None:
    found = estate(live("a", "web", type_=type_), live("b", "web", type_=type_))
    matches = match([said(None, "web", type_=type_, at="web_server")], found)
    assert reasons(matches) == ["its id is not known, so it can't be told from others of its type"]
    judged = verdict(matches, found)
    assert judged.findings == []
    assert [one.reason for one in judged.unverifiable[1:]] == [
        "possibly web_server, whose id is not known"
    ] * 2


def test_a_name_that_nothing_has_is_missing() -> None:
    found = estate(live("a", "db"))
    assert kinds(match([said(None, "web")], found), found) == [("missing", None), ("unmanaged", "arn:a")]


def test_neither_id_nor_name() -> None:
    found = estate(live("a"))
    matches = match([said(None)], found)
    assert kinds(matches, found) == []
    assert len(verdict(matches, found).unverifiable) == 2


def test_a_declared_id_is_never_given_up_for_a_name() -> None:
    """A resource that was deleted and made again by hand is not the one that is declared."""
    found = estate(live("new", "web"))
    assert kinds(match([said("old", "web")], found), found) == [
        ("missing", "arn:old"),
        ("unmanaged", "arn:new"),
    ]


# Several declarations


def test_declared_twice() -> None:
    matches = match([said("a", V=1, at="x"), said("arn:a", V=1, at="y")], estate(live("a")))
    assert (len(matches.pairs), matches.problems) == (1, [])
    matches = match([said("a", V=1, at="x"), said("arn:a", V=2, at="y")], estate(live("a")))
    assert "is declared differently at file (x) and file (y)" in matches.problems[0].message
    by_name = match([said("a", at="x"), said(None, "a", at="y")], estate(live("a")))
    assert reasons(by_name) == ["arn:a is declared more than once"]


def test_parts_are_merged_in_any_order() -> None:
    whole = said("a", at="0", Name="a", Block={"A": False}, Rules=[1])
    parts = [
        said("a", at="1", partial=True, Policy={"P": 1}),
        said("a", at="2", partial=True, Block={"B": True}),
        said("a", at="3", partial=True, shared=frozenset({"Rules"}), Rules=[2]),
        said("a", at="4", partial=True, shared=frozenset({"Rules"}), Rules=[3]),
    ]
    results = set()
    for order in permutations([whole, *parts]):
        (pair,) = match(order, estate(live("a"))).pairs
        assert not pair.declared.partial
        assert pair.declared.shared == frozenset()
        results.add(repr(sorted(pair.declared.attributes.items())))
    assert results == {
        repr(
            sorted(
                {
                    "Name": "a",
                    "Block": {"B": True},  # a part says the whole property; a state may hold an older one
                    "Policy": {"P": 1},
                    "Rules": [1, 2, 3],
                }.items()
            )
        )
    }


def test_parts_alone_stay_partial_in_any_order() -> None:
    parts = [
        said("a", at="1", partial=True, Policy={"P": 1}),
        said("a", at="2", partial=True, shared=frozenset({"Rules"}), Rules=[2]),
        said("a", at="3", partial=True, shared=frozenset({"Rules"}), Rules=[3]),
    ]
    for order in permutations(parts):
        (pair,) = match(order, estate(live("a"))).pairs
        assert pair.declared.partial
        assert pair.declared.shared == {"Rules"}
        assert pair.declared.attributes == {"Policy": {"P": 1}, "Rules": [2, 3]}


def test_a_list_that_one_part_sets_is_owned() -> None:
    parts = [
        said("a", at="1", partial=True, Rules=[1]),
        said("a", at="2", partial=True, shared=frozenset({"Rules"}), Rules=[2]),
    ]
    for order in permutations(parts):
        (pair,) = match(order, estate(live("a"))).pairs
        assert (pair.declared.shared, pair.declared.attributes) == (frozenset(), {"Rules": [1, 2]})


def test_parts_that_contradict_each_other_are_told() -> None:
    parts = [said("a", at="1", partial=True, Policy=1), said("a", at="2", partial=True, Policy=2)]
    for order in permutations(parts):
        matches = match(order, estate(live("a")))
        assert matches.pairs[0].declared.attributes == {"Policy": 1}
        assert "Policy is declared differently at file (1) and file (2)" in matches.problems[0].message


# What was not read is never missing

UNREAD = ("denied", "throttled", "failed", "unsupported", "skipped")


@pytest.mark.parametrize("status", UNREAD)
@pytest.mark.parametrize(
    "cell",
    [
        Cell("cloud", "s", "r", TYPE),
        Cell("cloud", "s", "r", ANY),
        Cell("cloud", "s", ANY, TYPE),
        Cell("cloud", "s", ANY, ANY),
        Cell("cloud", ANY, ANY, ANY),
    ],
)
@pytest.mark.parametrize("region", ["r", None])
def test_an_unread_cell_has_nothing_missing(status: Any, cell: Cell, region: str | None) -> None:
    found = estate(rows=(Coverage(cell, status, message="why"),), checked=False)
    for one in (said("a", region=region), said(None, "a", region=region), said(None, region=region)):
        matches = match([one], found)
        assert matches.missing == []
        assert reasons(matches) == [f"its cell was not read: {status}: why"]


def test_a_region_that_was_not_read_may_hold_what_has_no_region() -> None:
    row = Coverage(Cell("cloud", "s", "r2", TYPE), "denied", message="why")
    assert match([said("a", region=None)], estate(rows=(row,))).missing == []
    wide = Coverage(Cell("cloud", "s", "r3", ANY), "denied", message="why")
    assert match([said("a", region=None)], estate(rows=(wide,))).missing == []
    assert match([said("a", region="r")], estate(rows=(row, wide))).missing != []


def test_what_was_listed_may_be_missing() -> None:
    row = Coverage(Cell("cloud", "s", "r", TYPE), "denied", message="tags", listed=True)
    assert [one.id for one in match([said("a")], estate(rows=(row,))).missing] == ["arn:a"]


def test_what_was_read_before_a_failure_is_not_unmanaged_while_an_id_is_unknown() -> None:
    row = Coverage(Cell("cloud", "s", "r", TYPE), "failed", message="why")
    found = estate(live("a", "other"), rows=(row,))
    assert kinds(match([said(None)], found), found) == []


def test_a_scope_or_region_that_is_not_configured_is_skipped() -> None:
    found = estate(live("a"))
    matches = match([said("a", scope="s9"), said("a", region="r9")], found)
    assert reasons(matches) == [
        "declared for s9; read was s; add it under live.cloud",
        "declared for r9 in s; read was r, r2; add it under live.cloud",
    ]
    row = found.coverage[Cell("cloud", "s9", "r", TYPE)]
    assert (row.status, row.declared) == ("skipped", 1)


def test_what_is_declared_and_not_read_is_counted_where_its_provider_is_read() -> None:
    row = Coverage(Cell("cloud", "s", "r", "T::Regional"), "skipped", message="left out")
    found = estate(rows=(row,))
    declared = [said("a"), said("b"), said("c", scope=""), said("d", type_="T::New")]
    match(declared, found)
    counts = {cell.type: row.declared for cell, row in found.coverage.items() if row.declared}
    assert counts == {TYPE: 3, "T::New": 1}  # the one without a scope is of the only one


def test_a_region_that_another_scope_was_read_in_is_not_told_as_read() -> None:
    found = estate(live("a"), rows=(Coverage(Cell("cloud", "s2", "r3", TYPE), "checked"),))
    [reason] = reasons(match([said("c", region="r9")], found))
    assert reason.startswith("declared for r9 in s; read was r")
    assert "r3" not in reason


def test_nothing_is_counted_of_a_provider_that_is_not_read_or_of_what_is_not_asked_for() -> None:
    unread = Estate({"cloud": Cloud()})
    assert len(match([said("a"), said("b", type_="T::New")], unread).unverifiable) == 2
    assert [(row.status, row.declared) for row in unread.coverage.values()] == [("skipped", 0)] * 2
    found = estate(live("a"))
    matches = match([said("x", scope="other"), said("b", type_="T::New")], found, lambda _: False)
    assert (matches.unverifiable, matches.missing) == ([], [])
    assert not any(row.declared for row in found.coverage.values())


def test_an_unsupported_type_is_in_the_ledger() -> None:
    found = estate()
    matches = match([said("a", type_="T::New"), said("b", type_="T::New")], found)
    row = found.coverage[Cell("cloud", "s", "r", "T::New")]
    assert (row.status, row.resources, row.message) == (
        "unsupported",
        2,
        "declared, but the type is not supported",
    )
    assert len(matches.unverifiable) == 2


def test_what_the_cloud_made_is_nobodys() -> None:
    found = estate(live("a"), live("b", System=True))
    judged = verdict(match([said("a")], found), found)
    assert (judged.findings, judged.system) == ([], 1)


def test_types_that_nobody_declares_are_counted() -> None:
    found = estate(live("a"))
    judged = verdict(match([], found), found)
    assert (judged.findings, sum(judged.unlisted.values())) == ([], 1)


def test_every_resource_of_an_unread_account_is_told_the_same() -> None:
    found = estate(live("a"))
    matches = match([said("x", scope="other"), said("y", scope="other")], found)
    assert reasons(matches) == ["declared for other; read was s; add it under live.cloud"] * 2


def test_what_one_line_declares_twice_is_judged_where_it_is_read() -> None:
    """An object of a cluster that is not read, and the cloud's resource that it asks for."""
    cloud = said("a").but(origin=Origin("s", "f.yaml", 1))
    both = cloud.but(provider="cluster", scope="c")
    alone = both.but(id="b", origin=Origin("s", "f.yaml", 9))
    for declared in ([cloud, both, alone], [alone, both, cloud]):
        found = estate(live("a"))
        found.providers = {**found.providers, "cluster": Cloud()}
        matches = match(declared, found)
        assert len(matches.pairs) == 1
        assert [one.resource_id for one in matches.unverifiable] == ["arn:b"]
