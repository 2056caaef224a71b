"""Any YAML, any edit: outside of the edit every byte stays, and the text means exactly what it should."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given, settings
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
        short = text.rstrip("\n")
        text = short if draw(st.booleans()) and same(read(short.encode()), said) else text + "\n\n"
    newline = draw(st.sampled_from(("\n", "\r\n")))
    mark = draw(st.sampled_from(("", "", "\ufeff")))
    return (mark + text.replace("\n", newline)).encode(), said


#: What is done, in which document, where, and with what.
Act = tuple[str, int, tuple[Any, ...], Any]


@st.composite
def stories(draw: st.DrawFn) -> tuple[bytes, list[dict[str, Any]], list[Act]]:
    """A file, what it says, and edits of it one after the other."""
    content, said = draw(files())
    now, acts = copy.deepcopy(said), []
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(said) - 1))
        way = draw(st.sampled_from(ways(now[place])))
        holder = _at(now[place], way[:-1])
        what = draw(st.sampled_from(("set", "set", "remove", "add")))
        if what == "remove":
            if len(now[place]) == 1 and len(way) == 1:
                continue
            act: Act = (what, place, way, None)
        elif what == "set":
            act = (what, place, way, draw(values))
        elif isinstance(holder, dict):
            act = ("set", place, (*way[:-1], draw(keys)), draw(values))
        else:
            act = ("insert", place, (*way[:-1], draw(st.integers(0, len(holder)))), draw(values))
        done(now, act)
        acts.append(act)
    return content, said, acts


def done(bodies: list[dict[str, Any]], act: Act) -> None:
    """An edit of values."""
    what, place, way, new = act
    holder = _at(bodies[place], way[:-1])
    if what == "remove":
        del holder[way[-1]]
    elif what == "insert":
        holder.insert(way[-1], copy.deepcopy(new))
    else:
        holder[way[-1]] = copy.deepcopy(new)


#: The same stories in each run; `--hypothesis-profile=many` draws others. Of 10,920 the engine refused one,
#: which is safe; it stands below.
SAME = settings.get_current_profile_name() != "many"

#: What chance found once.
COMMENT_BEHIND_WHAT_BECOMES_A_TEXT = (
    '"on":\n  "a": "on"  # ünd: [so] on\n---\n"#k": 0\n'.encode(),
    [{"on": {"a": "on"}}, {"#k": 0}],
    [("set", 0, ("on",), "line\nbreak")],
)
LINES_WHERE_NO_LINE_BREAK_ENDS_THE_FILE = (
    b'"a": [{"a": ["on"]}]',
    [{"a": [{"a": ["on"]}]}],
    [("set", 0, ("a",), []), ("set", 0, ("a",), "two\n\nlines\n")],
)


@settings(max_examples=60, deadline=None, derandomize=SAME)
@given(stories())
@example(COMMENT_BEHIND_WHAT_BECOMES_A_TEXT)
@example(LINES_WHERE_NO_LINE_BREAK_ENDS_THE_FILE)
def test_any_edit_says_what_it_should_and_leaves_the_rest(story: Any) -> None:
    content, said, acts = story
    assert same(read(content), said)
    text, wanted = YamlText(content), copy.deepcopy(said)
    for act in acts:
        what, place, way, new = act
        done(wanted, act)
        if what == "remove":
            text.remove(place, way, prune=False)
        else:
            getattr(text, what)(place, way, new)
        assert same(read(text.content), wanted)
        assert applied(content, text.replacements(Path("x"))) == text.content


@settings(max_examples=20, deadline=None, derandomize=SAME)
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
