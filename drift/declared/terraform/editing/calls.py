"""Has a function's call, or a choice, give another value: through the argument that gives it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.configuration.values import SetOf, unknown
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing.meaning import more_of, pairs, parsed
from drift.declared.terraform.editing.names import Names
from drift.declared.terraform.editing.spot import Spot
from drift.editor import NotEdited, Replacement
from drift.model import Unresolved

#: Functions that give what they are given, in another type or order.
_PASSING = frozenset(
    {
        "tostring",
        "tonumber",
        "tobool",
        "toset",
        "tolist",
        "tomap",
        "sort",
        "distinct",
        "nonsensitive",
        "compact",
    }
)
_ENCODING = frozenset({"jsonencode"})


@dataclass
class Calls(ABC):
    """``argument`` names what is changed, for people; ``changes`` are the replacements so far."""

    names: Names
    argument: str
    changes: list[Replacement] = field(default_factory=list)
    _merging: int = 0

    @abstractmethod
    def value(self, spot: Spot, old: Any, new: Any) -> None:
        """Has ``spot``, which gives ``old`` today, give ``new``. Raises NotEdited."""

    @abstractmethod
    def _follow(self, spot: Spot, new: Any, inner: tuple[str, ...] = ()) -> None:
        """Has what a reference names, of which ``inner`` leads to a member, give a value."""

    def computed(self, spot: Spot, why: str = "is computed by an expression") -> NotEdited:
        return NotEdited(f"{self.argument} {why}", spot.place)

    def _call(self, spot: Spot, node: Any, old: Any, new: Any) -> None:
        name = spot.document.text(node.children[0])
        held = next((one for one in node.children if one.type == "function_arguments"), None)
        given = [one for one in held.children if one.type == "expression"] if held is not None else []
        if held is not None and any(one.type == "ellipsis" for one in held.children):
            raise self.computed(spot)
        spots = [spot.at(one) for one in given]
        if name in _PASSING and len(spots) == 1:
            self.value(spots[0], spots[0].value(), list(new) if isinstance(new, SetOf) else new)
        elif name in _ENCODING and len(spots) == 1 and parsed(new) is not None:
            self.value(spots[0], spots[0].value(), parsed(new))
        elif name == "merge" and isinstance(new, Mapping):
            self._merge(spot, spots, new)
        elif name == "concat" and isinstance(new, list):
            self._concat(spot, spots, new)
        elif name in ("coalesce", "try", "lookup", "one", "element"):
            self._chosen(spot, name, spots, old, new)
        else:
            raise self.computed(spot)

    def _merge(self, spot: Spot, spots: list[Spot], new: Mapping[str, Any]) -> None:
        made = len(self.changes)
        self._merging += 1
        try:
            self._each(spot, spots, new)
            self._merging -= 1
        except NotEdited:
            self._merging -= 1
            del self.changes[made:]
            last = spots[-1]
            more = more_of(spot.value(), new)
            if not more or doc.core(last.node).type != "object":
                raise
            value = last.value()
            self.value(last, value, {**value, **more})

    def _each(self, spot: Spot, spots: list[Spot], new: Mapping[str, Any]) -> None:
        """Has each of what is merged say its own part; what none says yet, one that is written out, else the
        last that may."""
        values = [one.value() for one in spots]
        held = {name for one in values if isinstance(one, Mapping) for name in one}
        written = any(doc.core(one.node).type == "object" for one in spots)
        if written or all(name in held for name in new):
            self._parts(spot, spots, new, None)
            return
        made, why = len(self.changes), None
        for at in reversed(range(len(spots))):
            if not isinstance(values[at], Mapping):
                continue
            try:
                self._parts(spot, spots, new, at)
                return
            except NotEdited as error:
                del self.changes[made:]
                why = why or error
        raise why or self.computed(spot)

    def _parts(self, spot: Spot, spots: list[Spot], new: Mapping[str, Any], last: int | None) -> None:
        values = [one.value() for one in spots]
        maps = [one if isinstance(one, Mapping) else {} for one in values]
        wanted: list[dict[str, Any]] = [dict(one) for one in maps]
        for name in {name for one in maps for name in one} - set(new):
            for one in wanted:
                one.pop(name, None)
        for name, item in new.items():
            holders = [at for at, one in enumerate(maps) if name in one]
            if holders:
                wanted[holders[-1]][name] = item
                continue
            at = next(
                (at for at in reversed(range(len(spots))) if doc.core(spots[at].node).type == "object"), last
            )
            if at is None:
                raise self.computed(spot, "is merged of what others use, too")
            wanted[at][name] = item
        for each, value, want in zip(spots, values, wanted, strict=True):
            if isinstance(value, Mapping):
                self.value(each, value, want)

    def _concat(self, spot: Spot, spots: list[Spot], new: list[Any]) -> None:
        values = [one.value() for one in spots]
        if any(not isinstance(one, list) or unknown(one) is not None for one in values):
            raise self.computed(spot)
        found = pairs([item for one in values for item in one], new)
        taken = {one for one in found if one is not None}
        more = [item for at, item in enumerate(new) if at not in taken]
        written = [at for at, one in enumerate(spots) if doc.core(one.node).type == "tuple"]
        if more and not written:
            raise self.computed(spot)
        start = 0
        for at, (one, value) in enumerate(zip(spots, values, strict=True)):
            mine = [new[other] for other in found[start : start + len(value)] if other is not None]
            start += len(value)
            self.value(one, value, [*mine, *(more if written and at == written[-1] else ())])

    def _chosen(self, spot: Spot, name: str, spots: list[Spot], old: Any, new: Any) -> None:
        """What one of several values is, where a reference gives it."""
        if name == "lookup" and len(spots) >= 2:
            held, key = spots[0].value(), spots[1].value()
            if isinstance(held, Mapping) and isinstance(key, str) and key in held:
                if doc.terms(spots[0].node)[0].type == "variable_expr":
                    self._follow(spots[0], new, (key,))
                else:
                    self.value(spots[0], held, {**held, key: new})
                return
        if name in ("coalesce", "try"):
            before: list[Spot] = []
            for one in spots:
                value = one.value()
                if isinstance(value, Unresolved) or value is None or (name == "coalesce" and value == ""):
                    before.append(one)
                    continue
                if doc.literal(one.node) is doc.NONE:
                    self._or_before(one, value, new, before if name == "coalesce" else [])
                    return
                break
        raise self.computed(spot)

    def _or_before(self, spot: Spot, old: Any, new: Any, before: list[Spot]) -> None:
        """Has a value be another one, else, where others take it too, one of those that go before it and give
        nothing."""
        made = len(self.changes)
        try:
            self.value(spot, old, new)
        except NotEdited:
            for one in reversed(before):
                del self.changes[made:]
                try:
                    self.value(one, one.value(), new)
                    return
                except NotEdited:
                    continue
            del self.changes[made:]
            raise

    def _conditional(self, spot: Spot, node: Any, old: Any, new: Any) -> None:
        """The branch that is taken, where it only names what has the value."""
        condition, yes, no = [one for one in node.children if one.type == "expression"]
        said = spot.at(condition).value()
        branch = {True: yes, False: no}.get(said) if isinstance(said, bool) else None
        if branch is None or doc.core(branch).type in ("conditional", "object"):
            raise self.computed(spot)
        if doc.core(branch).type == "tuple":
            nodes = doc.members(doc.core(branch))
            named = all(doc.terms(one)[0].type == "variable_expr" for one in nodes)
            if not named or not isinstance(new, list) or len(new) != len(nodes):
                raise self.computed(spot)
        if doc.literal(branch) is not doc.NONE:
            raise self.computed(spot)
        self.value(spot.at(branch), old, new)
