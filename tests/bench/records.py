"""Makes records of resources, declared and live ones, of the data sets that comparison is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench import listed, worded

CHANGED_EVERY = 100
#: The makers of each data set's records, asked in turn for (number, whether it is the live one).
DATA = {"lists": listed.MAKERS, "texts": worded.MAKERS}


def records(count: int, changed: bool, data: str = "lists") -> Iterator[dict[str, Any]]:
    """Resources of four clouds in turn; live ones list their members in another order, and one in a hundred
    has one more tag."""
    makers = DATA[data]
    for number in range(count):
        record = makers[number % len(makers)](number, changed)
        if changed and number % CHANGED_EVERY == 0:
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
