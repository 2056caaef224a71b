"""Has an expression give another value: follows it to where the literals stand, and changes these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drift.declared.terraform.configuration.values import unknown
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import lines, texts
from drift.declared.terraform.editing.calls import Calls
from drift.declared.terraform.editing.meaning import alike, in_type_of, more_of, pairs, parsed, put
from drift.declared.terraform.editing.spot import Spot
from drift.editor import NotEdited
from drift.model import MISSING

#: A chain of references that is longer leads in a circle.
_DEEPEST = 60


@dataclass
class Rewriting(Calls):
    """Collects the replacements of one edit."""

    _depth: int = 0

    def value(self, spot: Spot, old: Any, new: Any) -> None:
        """Has ``spot``, which gives ``old`` today, give ``new``. Raises NotEdited."""
        if old is not MISSING and alike(old, new):
            return
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.computed(spot)
        try:
            self._value(spot, old, new)
        finally:
            self._depth -= 1

    def _value(self, spot: Spot, old: Any, new: Any) -> None:
        node = doc.core(spot.node)
        said = doc.literal(node)
        if spot.document.json and doc.templated(node):
            spot = replace(spot, document=spot.document.hcl, node=node)
        if said is not doc.NONE:
            self.names.own(spot)
            self.changes.append(lines.value(spot.document, node, in_type_of(said, new)))
            return
        match node.type:
            case "tuple":
                self._list(spot, node, new)
            case "object":
                self._object(spot, node, new)
            case "heredoc_template":
                self._heredoc(spot, node, old, new)
            case "quoted_template":
                self._template(spot, node, old, new)
            case "function_call":
                self._call(spot, node, old, new)
            case "conditional":
                self._conditional(spot, node, old, new)
            case _:
                self._reference(spot, new)

    # Lists and objects

    def _list(self, spot: Spot, node: Any, new: Any) -> None:
        if not isinstance(new, list):
            if new is None or isinstance(new, Mapping):
                raise self.computed(spot, "is a list, and live it is none")
            new = [new]
        self.names.own(spot)
        nodes = doc.members(node)
        olds = [spot.at(one).value() for one in nodes]
        if any(unknown(one) is not None for one in olds):
            raise self.computed(spot, "has a member whose value is not known")
        found = pairs(olds, new)
        gone = [one for one, other in zip(nodes, found, strict=True) if other is None]
        taken = {other for other in found if other is not None}
        more = [item for at, item in enumerate(new) if at not in taken]
        if len(gone) > 1 and not all(map(spot.document.alone, gone)):
            self._again(spot, node, nodes, olds, new, found)
            return
        for one, old, other in zip(nodes, olds, found, strict=True):
            if other is not None:
                self.value(spot.at(one), old, new[other])
        for one in gone:
            self.changes.append(lines.no_member(spot.document, node, one, nodes))
        if more:
            indent = spot.document.indent(nodes[-1].start_byte if nodes else node.start_byte)
            told = [lines.expression(spot.document, item, indent) for item in more]
            self.changes += lines.added(spot.document, node, told, nodes)

    def _again(
        self,
        spot: Spot,
        node: Any,
        nodes: Sequence[Any],
        olds: Sequence[Any],
        new: Sequence[Any],
        found: Sequence[int | None],
    ) -> None:
        """Writes a list of one line again, with the words of those members that stay as they are."""
        kept = [
            spot.document.text(one)
            if alike(old, new[other])
            else lines.expression(spot.document, new[other], "")
            for one, old, other in zip(nodes, olds, found, strict=True)
            if other is not None
        ]
        text = f"[{', '.join(kept)}]"
        self.changes.append(lines.replaced(spot.document, node.start_byte, node.end_byte, text))

    def _object(self, spot: Spot, node: Any, new: Any) -> None:
        if isinstance(new, list) and len(new) == 1:
            new = new[0]
        if not isinstance(new, Mapping):
            raise self.computed(spot, "is an object, and live it is none")
        held = [(self._key(spot, one), one) for one in doc.elements(node)]
        known = {name for name, _ in held}
        nodes = [one.node for _, one in held]
        gone = [one for name, one in held if name not in new]
        if len(gone) > 1 and not all(spot.document.alone(one.node) for one in gone):
            raise self.computed(spot, "has several members less on one line")
        for name, one in held:
            if name in new:
                self.value(spot.at(one.value), spot.at(one.value).value(), new[name])
        for one in gone:
            self.names.own(spot)
            self.changes.append(lines.no_member(spot.document, node, one.node, nodes))
        for name, item in new.items():
            if name not in known and item is not None:
                self.names.own(spot)
                self.changes += lines.entry(spot.document, node, str(name), item)

    def _key(self, spot: Spot, one: doc.Element) -> str:
        if one.name is not None:
            return one.name
        value = spot.at(one.key).value()
        if not isinstance(value, (str, int)):
            raise self.computed(spot, "has a key whose value is not known")
        return str(value)

    # Texts

    def _heredoc(self, spot: Spot, node: Any, old: Any, new: Any) -> None:
        self.names.own(spot)
        before, after = parsed(old), parsed(new)
        if before is not None and after is not None:
            inner = texts.json_in(spot.document, node)
            self.value(
                Spot(inner, doc.whole(inner), spot.module, spot.words, spot.names, spot.bound), before, after
            )
            return
        change = texts.heredoc(spot.document, node, new)
        if change is None:
            raise self.computed(spot)
        self.changes.append(change)

    def _template(self, spot: Spot, node: Any, old: Any, new: Any) -> None:
        """The words around what is interpolated, where only these differ."""
        self.names.own(spot)
        change = texts.template(spot, node, new) if isinstance(new, str) else None
        if change is None:
            raise self.computed(spot)
        self.changes.append(change)

    # References

    def _reference(self, spot: Spot, new: Any) -> None:
        made = len(self.changes)
        try:
            self._follow(spot, new)
        except NotEdited:
            del self.changes[made:]
            more = more_of(spot.value(), new)
            if (
                self._merging
                or not more
                or spot.document.json
                or doc.terms(spot.node)[0].type != "variable_expr"
            ):
                raise
            self.names.own(spot)
            self.changes.append(lines.merged(spot.document, spot.node, more))

    def _follow(self, spot: Spot, new: Any, inner: tuple[str, ...] = ()) -> None:
        target = self.names.target(spot, self.argument, inner)
        if target.adds is not None:
            self.changes += target.adds(new)
            return
        assert target.spot is not None
        old = target.spot.value()
        if not target.steps:
            self.value(target.spot, old, new)
            return
        wanted = put(old, target.steps, new)
        if wanted is MISSING:
            raise self.computed(spot)
        self.value(target.spot, old, wanted)
