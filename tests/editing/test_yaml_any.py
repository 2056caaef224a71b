"""Any YAML, any edit: outside of the edit every byte stays, and the text means exactly what it should."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.editing.yaml import YamlText
from drift.editing.yaml_values import same
from drift.editor import Replacement
from tests.editing.written import bodies, keys, values, written


class Loader(yaml.SafeLoader):
    """Another reader than the editor's own."""


Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_str)


def ways(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, one in members:
        found += ways(one, (*at, name))
    return found


def applied(before: bytes, replacements: tuple[Replacement, ...]) -> bytes:
    at, parts = 0, []
    for one in replacements:
        assert at <= one.start <= one.end
        parts += [before[at : one.start], one.content]
        at = one.end
    return b"".join([*parts, before[at:]])


def read(content: bytes) -> list[Any]:
    return list(yaml.load_all(content.decode("utf-8-sig"), Loader=Loader))  # noqa: S506 - a safe one


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[dict[str, Any]]]:
    """A file of some documents, and what they say."""
    said = draw(st.lists(bodies, min_size=1, max_size=3))
    text = "---\n".join(draw(written(one)) for one in said)
    if draw(st.booleans()):
        text = f"---\n{text}"
    if draw(st.booleans()) and not any("|+" in line for line in text.splitlines()):
        text = text.rstrip("\n") if draw(st.booleans()) else text + "\n\n"
    newline = draw(st.sampled_from(("\n", "\r\n")))
    mark = draw(st.sampled_from(("", "", "\ufeff")))
    return (mark + text.replace("\n", newline)).encode(), said


@settings(max_examples=60, derandomize=True, deadline=None)
@given(files(), st.data())
def test_any_edit_says_what_it_should_and_leaves_the_rest(file: Any, data: st.DataObject) -> None:
    content, said = file
    assert same(read(content), said)
    text, wanted = YamlText(content), copy.deepcopy(said)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(said) - 1))
        way = data.draw(st.sampled_from(ways(wanted[place])))
        holder = wanted[place]
        for step in way[:-1]:
            holder = holder[step]
        act = data.draw(st.sampled_from(("set", "set", "remove", "add")))
        if act == "remove":
            if len(wanted[place]) == 1 and len(way) == 1:
                continue
            del holder[way[-1]]
            text.remove(place, way, prune=False)
        elif act == "set":
            holder[way[-1]] = data.draw(values)
            text.set(place, way, holder[way[-1]])
        elif isinstance(holder, dict):
            name = data.draw(keys)
            holder[name] = data.draw(values)
            text.set(place, [*way[:-1], name], holder[name])
        else:
            at = data.draw(st.integers(0, len(holder)))
            holder.insert(at, data.draw(values))
            text.insert(place, [*way[:-1], at], holder[at])
        assert same(read(text.content), wanted)
        assert applied(content, text.replacements(Path("x"))) == text.content


@settings(max_examples=20, derandomize=True, deadline=None)
@given(files(), st.data())
def test_a_scalar_in_another_ones_place_changes_its_own_lines_alone(file: Any, data: st.DataObject) -> None:
    content, said = file
    place = data.draw(st.integers(0, len(said) - 1))
    found = [way for way in ways(said[place]) if not isinstance(_at(said[place], way), (dict, list))]
    if not found:
        return
    way = data.draw(st.sampled_from(found))
    text = YamlText(content)
    start, end = text.span(place, way)
    text.set(place, way, data.draw(st.sampled_from(("other", "5", 7, True, None))))
    for one in text.replacements(Path("x")):
        assert start - 1 <= one.start and one.end <= end


def _at(value: Any, way: Any) -> Any:
    for step in way:
        value = value[step]
    return value
