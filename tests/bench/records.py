"""Makes records of resources, declared and live ones, of the data sets that comparison is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench import edited, listed, nested, worded

#: One in so many is changed in each data set.
CHANGED_EVERY = {"lists": 100, "texts": 100, "edits": 7, "nested": 10}
_MAKERS = {"lists": listed.MAKERS, "texts": worded.MAKERS}
#: Makers that change a record themselves.
_EDITING = {"edits": edited.MAKERS, "nested": nested.MAKERS}
DATA = tuple(CHANGED_EVERY)


def records(count: int, changed: bool, data: str = "lists") -> Iterator[dict[str, Any]]:
    """Resources of several clouds in turn; live ones list their members in another order, and some are
    changed."""
    every = CHANGED_EVERY[data]
    for number in range(count):
        if data in _EDITING:
            maker = _EDITING[data][number % len(_EDITING[data])]
            yield maker(number, changed, number % every == 0)
            continue
        makers = _MAKERS[data]
        record = makers[number % len(makers)](number, changed)
        if changed and number % every == 0:
            _touch(record["attributes"])
        yield record


def _touch(attributes: dict[str, Any]) -> None:
    """Adds a tag or a label, by hand."""
    named = attributes.get("metadata", attributes)
    labels = next(named[key] for key in ("Tags", "tags", "labels") if key in named)
    if isinstance(labels, list):
        labels.append({"Key": "Touched", "Value": "by hand"})
    else:
        labels["touched"] = "by-hand"
