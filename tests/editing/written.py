"""Writes values as YAML in all the ways that people do, drawn by hypothesis."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

from drift.editing.yaml_spelling import YAML_1_1, is_plain

#: Texts that YAML may take for something else, or that break out of where they stand.
HOSTILE = (
    "on", "y", "null", "~", "1", "1e3", "0x1F", "012", "1:30", "2024-01-02", "1_000", ".inf", "<<", "=",
    "", " lead", "trail ", "a: b", "a #b", "#c", "- x", "? x", ": x", "*a", "&a", "!t", "!!x y", "%x",
    "@x", "`x`", "{{ .Values.x }}", "{a: 1}", "[a]", "'q'", "\"q\"", "a'b", "a\"b", "back\\slash",
    "tab\there", "---", "...", "line\nbreak", "two\n\nlines\n", "\nlead", "trail\n\n", "  deep\nback",
    "\u2028", "\u0007", "\ufeff", "ümlaut", "日本", "😀", "x:y", "http://x/y", "a,b", "-", ":", "key:", "|",
    ">", "\r\n", "a\r\nb", "$(id)", "${x}",
)  # fmt: skip
keys = st.sampled_from(
    ("a", "name", "app.kubernetes.io/name", "on", "1", "x y", "z: q", "ü", "#k", "k-1", "&k")
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
scalars = st.one_of(
    texts,
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
)
values = st.recursive(
    scalars,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(keys, below, max_size=4)),
    max_leaves=12,
)
bodies = st.dictionaries(keys, values, min_size=1, max_size=5)


@st.composite
def written(draw: st.DrawFn, value: dict[str, Any]) -> str:
    """A text that says a mapping."""
    writer = _Writer(draw)
    return writer.lines(value, 0)


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.step = draw(st.sampled_from((2, 2, 4)))
        self.dash = draw(st.sampled_from((0, 2)))

    def lines(self, value: Any, column: int) -> str:
        """A mapping or list that is not empty, as lines at a column."""
        found, margin = [], " " * column
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            found.append(self.noise(column))
            lead = f"{margin}{self.key(name)}:" if isinstance(value, dict) else f"{margin}-"
            found.append(lead + self.behind(one, column, isinstance(value, dict)))
        return "".join(found)

    def behind(self, value: Any, column: int, keyed: bool) -> str:
        """What stands behind a key or dash, to the end of its lines."""
        style = self.draw(st.integers(0, 3))
        if isinstance(value, (dict, list)) and value and style:
            if not keyed and style == 1:
                return (
                    " " + self.lines(value, column + 2).lstrip(" ")
                    if self.clean(value)
                    else self.flowing(value)
                )
            below = column + (self.step if isinstance(value, dict) or not keyed else self.dash)
            return f"{self.comment()}\n{self.lines(value, below)}"
        if isinstance(value, str) and "\n" in value and style > 1 and _literal(value):
            header, body = _block(value, column + self.step)
            return f" {header}{self.comment()}\n{body}"
        if value is None and style > 1:
            return f"{self.comment()}\n"
        return self.flowing(value)

    def clean(self, value: Any) -> bool:
        """Whether what is in a member of a list may begin on the line of its dash."""
        return False if self.draw(st.booleans()) else self.quiet()

    def quiet(self) -> bool:
        self.silent = True
        return True

    silent = False

    def flowing(self, value: Any) -> str:
        return f" {self.flow(value)}{self.comment()}\n"

    def flow(self, value: Any) -> str:
        gap = self.draw(st.sampled_from(("", " ")))
        if isinstance(value, dict):
            said = ", ".join(f"{self.key(name, True)}: {self.flow(one)}" for name, one in value.items())
            return f"{{{gap}{said}{gap}}}"
        if isinstance(value, list):
            return f"[{gap}{', '.join(map(self.flow, value))}{gap}]"
        return self.scalar(value, True)

    def scalar(self, value: Any, flow: bool) -> str:
        if not isinstance(value, str):
            return "1.0e+400" if value == float("inf") else _number(value)
        if self.draw(st.booleans()) and is_plain(value, YAML_1_1, flow=flow):
            return value
        if self.draw(st.booleans()) and value.isprintable() and "\ufeff" not in value:
            return "'" + value.replace("'", "''") + "'"
        return _quoted(value)

    def key(self, name: Any, flow: bool = False) -> str:
        return (
            str(name)
            if is_plain(str(name), YAML_1_1, flow=flow) and self.draw(st.booleans())
            else _quoted(str(name))
        )

    def comment(self) -> str:
        return self.draw(st.sampled_from(("", "", "  # ünd: [so] on", " #")))

    def noise(self, column: int) -> str:
        if self.silent:
            self.silent = False
            return ""
        return self.draw(
            st.sampled_from(("", "", "", "\n", " " * column + "# own: {comment\n", "\n# left\n\n"))
        )


def _quoted(value: str) -> str:
    odd = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
    return odd.sub(lambda one: f"\\u{ord(one[0]):04x}", json.dumps(value, ensure_ascii=False))


def _number(value: Any) -> str:
    said = json.dumps(value)
    if isinstance(value, float) and "e" in said:
        mantissa, _, exponent = said.partition("e")
        sign = "" if exponent.startswith("-") else "+"
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{sign}{exponent.lstrip('+')}"
    return said


def _literal(value: str) -> bool:
    lines = value.split("\n")
    fit = all(line == line.strip() and line.isprintable() and "\ufeff" not in line for line in lines)
    return fit and bool(lines[0]) and not value.endswith("\n\n")


def _block(value: str, column: int) -> tuple[str, str]:
    stripped = value.rstrip("\n")
    breaks = len(value) - len(stripped)
    margin = " " * column
    lines = [margin + line if line else "" for line in stripped.split("\n")] + [""] * (breaks - 1)
    return "|" + ("-", "")[breaks], "\n".join(lines) + "\n"
