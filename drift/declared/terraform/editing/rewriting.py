"""Has an expression give another value: follows it to where the literals stand, and changes these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.configuration.values import SetOf, unknown
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import lines, texts
from drift.declared.terraform.editing.meaning import alike, in_type_of, more_of, pairs, parsed, put
from drift.declared.terraform.editing.names import Names
from drift.declared.terraform.editing.spot import Spot
from drift.editor import NotEdited, Replacement
from drift.model import MISSING, Unresolved

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
#: A chain of references that is longer leads in a circle.
_DEEPEST = 60


@dataclass
class Rewriting:
    """Collects the replacements of one edit. ``argument`` names what is changed, for people."""

    names: Names
    argument: str
    changes: list[Replacement] = field(default_factory=list)
    _depth: int = 0
    _merging: int = 0

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

    def computed(self, spot: Spot, why: str = "is computed by an expression") -> NotEdited:
        return NotEdited(f"{self.argument} {why}", spot.place)

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

    # Functions and choices

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
        """Has each of what is merged say its own part."""
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
                (at for at in reversed(range(len(spots))) if doc.core(spots[at].node).type == "object"), None
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
                self.value(spots[0], held, {**held, key: new})
                return
        if name in ("coalesce", "try"):
            for one in spots:
                value = one.value()
                if isinstance(value, Unresolved) or value is None or (name == "coalesce" and value == ""):
                    continue
                if doc.literal(one.node) is doc.NONE:
                    self.value(one, value, new)
                    return
                break
        raise self.computed(spot)

    def _conditional(self, spot: Spot, node: Any, old: Any, new: Any) -> None:
        """The branch that is taken, where it only names what has the value."""
        condition, yes, no = [one for one in node.children if one.type == "expression"]
        said = spot.at(condition).value()
        branch = {True: yes, False: no}.get(said) if isinstance(said, bool) else None
        if branch is None or doc.core(branch).type in ("conditional", "tuple", "object"):
            raise self.computed(spot)
        if doc.literal(branch) is not doc.NONE:
            raise self.computed(spot)
        self.value(spot.at(branch), old, new)

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

    def _follow(self, spot: Spot, new: Any) -> None:
        target = self.names.target(spot, self.argument)
        if target.adds is not None:
            self.changes.append(target.adds(new))
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
