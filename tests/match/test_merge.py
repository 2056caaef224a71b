"""What several declarations say of one resource, put together before anything is matched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from drift.facts import TypeFacts
from drift.match.merge import Merged, merge
from drift.model import ABSENT, Joining, Problem, Resource
from tests.match.test_match import TYPE, said


def part(id_: str | None, at: str = "part", *, shared: tuple[str, ...] = (), **attributes: Any) -> Resource:
    return said(id_, at=at, partial=True, shared=frozenset(shared), **attributes)


def merged(*resources: Resource) -> tuple[list[Resource], list[Problem]]:
    problems: list[Problem] = []
    return list(merge(resources, {}, problems)), problems


def test_a_part_replaces_as_a_whole_what_it_says() -> None:
    whole = said("bucket", Versioning={"Status": "Off", "Old": 1}, Name="b")
    (one,), problems = merged(whole, part("bucket", Versioning={"Status": "On"}))
    assert one.attributes == {"Versioning": {"Status": "On"}, "Name": "b"}
    assert not one.partial and not problems


def test_a_part_adds_to_a_list_that_it_shares() -> None:
    whole = said("group", Rules=[1, 2])
    (one,), _ = merged(whole, part("group", shared=("Rules",), Rules=[2, 3]))
    assert one.attributes == {"Rules": [1, 2, 3]}


def test_a_part_adds_to_a_list_further_down_and_leaves_what_stands_beside_it() -> None:
    whole = said("net", properties={"space": "x", "subnets": ["a"]})
    (one,), _ = merged(whole, part("net", shared=("properties/subnets",), properties={"subnets": ["b"]}))
    assert one.attributes == {"properties": {"space": "x", "subnets": ["a", "b"]}}


def test_a_part_whose_parent_is_declared_elsewhere_stays_partial() -> None:
    (one,), _ = merged(
        part("group", "a", shared=("Rules",), Rules=[1]), part("group", "b", shared=("Rules",), Rules=[2])
    )
    assert (one.partial, set(one.shared), sorted(one.attributes["Rules"])) == (True, {"Rules"}, [1, 2])


def test_a_part_that_names_its_parent_finds_it_where_no_id_is_known() -> None:
    whole = said("arn:q", "queue", Size=1)
    named = said(None, "queue", partial=True, Policy="p")
    found, _ = merged(whole, named.but(id="queue"))
    assert [one.attributes for one in found] == [{"Size": 1, "Policy": "p"}]


def test_the_same_id_in_another_region_is_another_resource() -> None:
    found, problems = merged(said("a", region="r", A=1), said("a", region="r2", A=2))
    assert len(found) == 2 and not problems


def test_of_two_whole_declarations_the_first_stands_and_a_difference_is_told() -> None:
    (one,), problems = merged(said("a", at="one", A=1), said("a", at="two", A=2))
    assert one.attributes == {"A": 1}
    assert problems[0].message == (
        f"{TYPE} a is declared differently at file (one) and file (two); only the first is compared"
    )
    assert merged(said("a", at="one", A=1), said("a", at="two", A=1))[1] == []


def test_what_two_parts_say_differently_is_told() -> None:
    (one,), problems = merged(part("a", "one", P={"X": 1, "Y": 2}), part("a", "two", P={"X": 3, "Z": 4}))
    assert one.attributes == {"P": {"X": 1, "Y": 2, "Z": 4}}
    assert [one.message for one in problems] == [
        f"{TYPE} a: P/X is declared differently at file (one) and file (two); only the first is compared"
    ]


def test_a_part_of_something_unnamed_stands_for_itself() -> None:
    found, _ = merged(part(None, "one", A=1), part(None, "two", A=2))
    assert [one.attributes for one in found] == [{"A": 1}, {"A": 2}]


def whole(store: Merged) -> Iterator[tuple[int, Resource]]:
    """Each resource with its number."""
    yield from ((number, store.head(number)) for number in store.apart())
    yield from store.together()


def test_numbers_find_again_what_stands_alone_and_what_was_merged() -> None:
    given = [said("alone", A=1), said("whole", A=1), part("whole", B=2), said("other", A=3)]
    store = Merged({}, [])
    for resource in given:
        store.add(resource)
    numbers = {resource.id: number for number, resource in whole(store)}
    assert numbers["alone"] == 0 and numbers["other"] == 3 and numbers["whole"] < 0
    assert store.take(numbers["other"]) == given[3]
    assert store.take(numbers["whole"]).attributes == {"A": 1, "B": 2}
    assert store.place(numbers["whole"]) is None, "what was merged is in memory"


class Settings:
    """A provider whose every type is a setting of which a place has one."""

    def facts(self, type: str) -> TypeFacts:
        return TypeFacts(type, single=True)


def merged_settings(*resources: Resource) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    problems: list[Problem] = []
    found = list(merge(resources, cast(Any, {"cloud": Settings()}), problems))
    assert not problems
    return [(one.attributes, [rival.attributes for rival in one.rivals]) for one in found]


def test_all_that_is_declared_of_the_one_setting_of_a_place_is_kept() -> None:
    one, other, third = said("a", at="1", A=1), said("a", at="2", A=2), said("b", at="3", A=3)
    assert merged_settings(one, other, third) == [({"A": 1}, [{"A": 2}]), ({"A": 3}, [])]


def test_parts_of_a_setting_that_contradict_each_other_are_kept_apart_and_others_together() -> None:
    parts = [part("a", "1", A=1), part("a", "2", B=2), part("a", "3", A=3)]
    assert merged_settings(*parts) == [({"A": 1, "B": 2}, [{"A": 3}])]
    assert merged_settings(said("a", A=1), *parts[1:]) == [({"A": 1, "B": 2}, [{"A": 3}])]


def test_what_was_there_before_of_one_list_is_told_of_all_who_say_it() -> None:
    whole = said("group", Rules=[1, 9]).but(before={"Rules": [1, 8]})
    added = part("group", "2", shared=("Rules",), Rules=[2]).but(before={"Rules": Joining([2], [3])})
    (one,), _ = merged(whole, added)
    assert one.before == {"Rules": Joining([9, 2], [8, 3])}
    (one,), _ = merged(whole.but(before={"Rules": ABSENT}), added)
    assert one.before == {"Rules": Joining([1, 9, 2], [3])}


def test_what_was_there_before_of_a_list_further_down_is_told_of_all_who_add_to_it() -> None:
    whole, shared = said("bus", Name="b"), ("Policy/Statement",)
    parts = [
        part("bus", str(was), shared=shared, Policy={"Statement": [was + 1]}).but(
            before={"Policy": {"Version": "1", "Statement": [was]}}
        )
        for was in (1, 2)
    ]
    fresh = part("bus", "3", shared=shared, Policy={"Statement": [5]}).but(before={"Policy": ABSENT})
    (one,), _ = merged(whole, *parts, fresh)
    assert one.before == {"Policy": {"Version": "1", "Statement": [1, 2]}}
