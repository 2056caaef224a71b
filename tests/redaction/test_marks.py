"""Marks within texts of files are told by what stands in their place on the other side."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from drift.compare.readable import holds_secret
from drift.config.model import parse
from drift.model import Sensitive, Unresolved
from drift.redaction import Redactor, unmarked
from drift.scan import Run

SECRET = "copper kettle/nine"
REDACTOR = Redactor("k")
REDACTOR.known.add(SECRET)


def covered(text: Any) -> Any:
    return REDACTOR.known.document(text)


@pytest.mark.parametrize(
    "text",
    [
        f"use {SECRET} here",
        f"https://h/?q={quote(SECRET, safe='')}&x=1",
        f"{base64.b64encode(SECRET.encode()).decode()}",
        f"{SECRET.encode().hex()} and {SECRET}",
        f"a {SECRET} b {SECRET} c",
    ],
)
def test_what_a_mark_stands_for_is_found_again(text: str) -> None:
    plain = {"data": {"f": text, "other": "x"}, "list": [text]}
    hidden = covered(plain)
    assert hidden != plain and holds_secret(hidden)
    assert unmarked(hidden, plain, REDACTOR.mark) == (plain, plain)
    assert unmarked(plain, hidden, REDACTOR.mark) == (plain, plain)
    assert unmarked({"f": Sensitive(text)}, covered({"f": text}), REDACTOR.mark)[1] == {"f": text}


def test_what_cant_be_told_is_not_known_and_what_differs_does() -> None:
    hidden, plain = covered({"f": f"use {SECRET} here"}), {"f": f"use {SECRET} here"}
    other = Redactor("another").mark
    for sides in ((hidden, plain), (plain, hidden), (hidden, {"f": "use another one here"})):
        declared, _ = unmarked(*sides, other)
        assert isinstance(declared["f"], Unresolved)
    assert unmarked(hidden, {"f": "something else"}, REDACTOR.mark) == (hidden, {"f": "something else"})


def test_a_fault_of_the_program_says_no_secret() -> None:
    run = Run(parse("version: 1", "drift.yaml", Path(), None, {}))
    run.redactor.known.add(SECRET)
    with pytest.raises(ValueError, match="no ") as error, run._telling():
        raise ValueError(f"no {SECRET}", 5)
    assert SECRET not in str(error.value)
