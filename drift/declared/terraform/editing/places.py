"""Where the bodies of blocks stand: of a resource, of the blocks in it, and of what repeats itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from drift.declared.terraform.configuration.expressions import pairs
from drift.declared.terraform.configuration.values import Failure
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing.blocks import nested
from drift.declared.terraform.editing.document import Document
from drift.declared.terraform.editing.spot import Bound, Spot
from drift.model import Unresolved


@dataclass(frozen=True, slots=True)
class Place:
    """A body: of a resource's block, of a nested one, or the content of a ``dynamic`` one. ``block`` is what
    it stands in."""

    document: Document
    block: Any
    spot: Spot
    dynamic: bool = False

    @property
    def body(self) -> Any:
        return doc.body(self.block)


def within(place: Place, name: str) -> list[Place]:
    """The blocks of a type in a body, in the order in which they are evaluated."""
    found: list[Place] = []
    for words, node in nested(place.body):
        if words == (name,):
            found.append(Place(place.document, node, replace(place.spot, node=node)))
        elif words == ("dynamic", name):
            found += _dynamic(place, node, name)
    return found


def _dynamic(place: Place, node: Any, name: str) -> list[Place]:
    said = doc.attributes(doc.body(node))
    content = next((one for words, one in nested(doc.body(node)) if words == ("content",)), None)
    if content is None or "for_each" not in said:
        return []
    over = place.spot.at(said["for_each"].value)
    called = said.get("iterator")
    iterator = name if called is None else place.document.text(called.value)
    value = over.value()
    if isinstance(value, Unresolved) or value is None:
        return []
    try:
        each = list(pairs(value))
    except Failure:
        return []
    found = []
    for at, (key, item) in enumerate(each):
        step = at if isinstance(value, list) else key
        spot = replace(
            place.spot,
            node=content,
            names={**place.spot.names, iterator: {"key": key, "value": item}},
            bound={**place.spot.bound, iterator: Bound(over, step)},
        )
        found.append(Place(place.document, content, spot, dynamic=True))
    return found
