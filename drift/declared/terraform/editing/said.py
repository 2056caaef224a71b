"""Where a resource's arguments and nested blocks stand, and the replacements that have them say otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import lines, spelling
from drift.declared.terraform.editing.blocks import is_synthesised
from drift.declared.terraform.editing.meaning import alike, spared
from drift.declared.terraform.editing.names import Names, repeated
from drift.declared.terraform.editing.ops import Op, wanted
from drift.declared.terraform.editing.places import Place, within
from drift.declared.terraform.editing.references import references
from drift.declared.terraform.editing.rewriting import Rewriting
from drift.declared.terraform.editing.spot import Spot
from drift.declared.terraform.editing.written import Inner, Verbatim, written
from drift.editor import NotEdited, Replacement
from drift.model import MISSING


@dataclass
class Saying:
    """One resource's block. ``known`` tells whether ``a.b`` names a block in its type."""

    names: Names
    key: Any
    known: Mapping[str, Any] = field(default_factory=dict)

    def top(self) -> Place:
        """Raises NotEdited where the block is in no file that can be edited."""
        folder = self.names.folder(self.names.instance)
        found = folder.blocks(*self.names.words)
        if not found:
            what = ".".join(self.names.words[1:])
            raise NotEdited(f"the block of {what} is in no file that can be edited")
        document, block = found[-1]
        if document.json and is_synthesised(document):
            raise NotEdited(
                "CDK for Terraform writes the file: change the program that it is synthesised from",
                document.place(block),
            )
        names, bound = repeated(self.names.instance, document, block, self.key, self.names.words)
        spot = Spot(document, block, self.names.instance, self.names.words, names, bound)
        return Place(document, block, spot)

    def replacements(self, ops: Sequence[Op]) -> tuple[list[Replacement], str]:
        """What has the files say what ``ops`` say, and the name of the argument for people. Raises
        NotEdited."""
        changes: list[Replacement] = []
        told: list[str] = []
        groups: dict[tuple[Any, ...], list[Op]] = {}
        for op in ops:
            groups.setdefault(self._argument(op), []).append(op)
        for path, group in groups.items():
            argument = ".".join(one for one in path if isinstance(one, str))
            told.append(argument)
            work = Rewriting(self.names, argument)
            self._one(self.top(), group, work, "")
            changes += work.changes
        if not changes:
            raise NotEdited("no edit would change what is declared")
        return changes, ", ".join(dict.fromkeys(told))

    def _argument(self, op: Op) -> tuple[Any, ...]:
        """The steps that lead to the argument, through blocks; of what adds or removes one, all of them."""
        path = ""
        for at, step in enumerate(op.steps):
            if isinstance(step, str):
                path = f"{path}.{step}" if path else step
                if not any(one.startswith(f"{path}.") for one in self.known):
                    return op.steps[: at + 1]
        return (*op.steps, id(op)) if op.appends else op.steps

    def _one(self, place: Place, ops: Sequence[Op], work: Rewriting, path: str) -> None:
        """``ops`` are of one argument, their steps from this place on."""
        op, steps = ops[0], ops[0].steps
        name = str(steps[0])
        held = self._attribute(place, name)
        if held is not None:
            spot = held
            old = new = spot.value()
            for one in ops:
                new = wanted(new, one)
            if place.document.json and self._is_block(f"{path}{name}"):
                new = spared(new, old)
            if new is MISSING:
                self._remove(spot, place, name, work)
            else:
                work.value(spot, old, new)
            return
        inner = within(place, name)
        inside = f"{path}{name}"
        if inner or (self._is_block(inside) and not place.document.json):
            self._block(place, inner, ops, work, inside)
            return
        if op.value is MISSING:
            raise NotEdited(f"{work.argument} is not set", place.spot.place)
        added: Any = MISSING
        for one in ops:
            added = wanted(added, one)
        work.names.own(place.spot)
        added = spared(added, None) if self._is_block(inside) else added
        work.changes += lines.argument(place.document, place.block, name, added)

    def _is_block(self, path: str) -> bool:
        return any(one.startswith(f"{path}.") for one in self.known)

    def _attribute(self, place: Place, name: str) -> Spot | None:
        held = doc.attributes(place.body).get(name)
        if held is not None:
            return place.spot.at(held.value)
        if place.spot.words == self.names.words and place.block is place.spot.node:
            found = self.names.folder(self.names.instance).attribute(name, *self.names.words)
            if found is not None:
                document, _, attribute = found
                return replace(place.spot, document=document, node=attribute.value)
        return None

    def _remove(self, spot: Spot, place: Place, name: str, work: Rewriting) -> None:
        work.names.own(spot)
        attribute = doc.attributes(place.body).get(name)
        if attribute is None:
            raise NotEdited(f"{name} is set by an override file", spot.place)
        node = doc.core(attribute.value)
        if doc.literal(node) is doc.NONE and node.type not in ("tuple", "object", "heredoc_template"):
            self._nothing(spot, work)
            return
        if spot.document.json:
            nodes = [one.node for one in doc.elements(place.body)]
            work.changes.append(lines.no_member(spot.document, place.body, attribute.node, nodes))
        else:
            work.changes.append(lines.no_attribute(spot.document, attribute.node))

    def _nothing(self, spot: Spot, work: Rewriting) -> None:
        """What is passed on from elsewhere becomes null there."""
        work.value(spot, spot.value(), None)

    # Blocks

    def _block(
        self,
        place: Place,
        inner: list[Place],
        ops: Sequence[Op],
        work: Rewriting,
        path: str,
    ) -> None:
        op, steps = ops[0], ops[0].steps
        at = steps[1] if len(steps) > 1 and isinstance(steps[1], int) else None
        if at is None and len(steps) > 1 and len(inner) == 1:
            at, steps = 0, (steps[0], 0, *steps[1:])
            ops = [replace(one, steps=(one.steps[0], 0, *one.steps[1:])) for one in ops]
        if op.appends and len(steps) == 1:
            self._append(place, inner, op.value, work, path)
            return
        if at is None and len(steps) == 1 and op.value is MISSING:
            for one in inner:
                self._drop(place, one, inner, work)
            return
        if at is None and len(steps) == 1 and isinstance(op.value, list) and not inner:
            for one in op.value:
                self._append(place, inner, one, work, path)
            return
        if at is None or at >= len(inner):
            raise NotEdited(f"{work.argument} can't be told from what is written", place.spot.place)
        target = inner[at]
        if len(steps) == 2:
            if op.value is not MISSING:
                raise NotEdited(f"{work.argument} is a whole block", place.spot.place)
            self._drop(place, target, inner, work)
            return
        self._one(target, [replace(one, steps=one.steps[2:]) for one in ops], work, f"{path}.")

    def _drop(self, place: Place, target: Place, inner: list[Place], work: Rewriting) -> None:
        if target.dynamic:
            self._member(target, work, MISSING)
            return
        work.names.own(target.spot)
        work.changes.append(lines.no_block(target.document, target.block))

    def _member(self, target: Place, work: Rewriting, new: Any) -> None:
        """Takes away, or adds, what a ``dynamic`` block repeats itself by."""
        (bound,) = [one for name, one in target.spot.bound.items() if name != "each"][-1:]
        value = bound.over.value()
        if isinstance(value, list):
            wanted: Any = [one for at, one in enumerate(value) if at != bound.key]
            wanted = value + [new] if new is not MISSING else wanted
        elif new is MISSING:
            wanted = {name: one for name, one in value.items() if name != bound.key}
        else:
            raise NotEdited(f"{work.argument}: another member would need a key", target.spot.place)
        work.value(bound.over, value, wanted)

    def _append(self, place: Place, inner: list[Place], value: Any, work: Rewriting, path: str) -> None:
        name = path.rpartition(".")[2]
        own = [one for one in inner if not one.dynamic]
        if inner and not own:
            self._repeat(inner[-1], value, work)
            return
        work.names.own(place.spot)
        beside = own[-1] if own else None
        document = place.document
        indent = document.indent(beside.block.start_byte if beside else place.block.start_byte)
        indent += "" if beside else spelling.STEP
        said = self._body(value, beside, path, work)
        text = written(name, said, indent)
        work.changes.append(
            lines.block(document, place.block, text, beside.block if beside is not None else None)
        )

    def _repeat(self, like: Place, value: Any, work: Rewriting) -> None:
        """One more member of what a ``dynamic`` block repeats itself by: what its content takes of each."""
        (iterator, bound) = [(name, one) for name, one in like.spot.bound.items() if name != "each"][-1]
        made: dict[str, Any] = {}
        for name, attribute in doc.attributes(like.body).items():
            wanted = value.get(name)
            names = [one for one, _ in references(attribute.value)]
            if names == [(iterator, "value")] and doc.core(attribute.value).type == "expression":
                self._member(like, work, wanted)
                return
            own = [one for one in names if one[:2] == (iterator, "value") and len(one) == 3]
            if len(own) == 1 and len(names) == 1:
                made[own[0][2]] = wanted
            elif not alike(like.spot.at(attribute.value).value(), wanted):
                raise NotEdited(f"{work.argument} is computed by an expression", like.spot.place)
        self._member(like, work, made)

    def _body(self, value: Any, beside: Place | None, path: str, work: Rewriting) -> dict[str, Any]:
        """What a new block says, in the order and, where it says the same, in the words of one beside it."""
        if not isinstance(value, Mapping):
            raise NotEdited(f"{work.argument} can't be told from what is written")
        made: dict[str, Any] = {}
        if beside is not None:
            for name, attribute in doc.attributes(beside.body).items():
                item = value.get(name)
                if item is None:
                    continue
                same = alike(beside.spot.at(attribute.value).value(), item)
                text = beside.document.text(attribute.value)
                made[name] = Verbatim(text) if same and "\n" not in text else item
        for name, item in value.items():
            if name in made or item in (None, "", [], {}) or (item is False and beside is not None):
                continue
            below = f"{path}.{name}"
            if any(one.startswith(f"{below}.") for one in self.known):
                bodies = item if isinstance(item, list) else [item]
                made[name] = Inner(tuple(self._body(one, None, below, work) for one in bodies))
            else:
                made[name] = item
        return made
