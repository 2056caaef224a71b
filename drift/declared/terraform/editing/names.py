"""Follows a reference to the place where its value is given, when nobody else takes it from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration import variables
from drift.declared.terraform.configuration.instance import ModuleInstance
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import lines, variable_files
from drift.declared.terraform.editing.blocks import steps_to
from drift.declared.terraform.editing.document import Document, opened
from drift.declared.terraform.editing.modules import Folder, Repository, Use
from drift.declared.terraform.editing.spot import Bound, Spot
from drift.editor import NotEdited, Place, Replacement
from drift.listing import leads_out
from drift.model import Unresolved

#: So many other places are named where a value has other users.
_NAMED = 3
Trail = tuple[Document, int, int]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value is given: an expression, of which ``steps`` lead to it; or ``adds`` has it be given where
    a default holds today."""

    spot: Spot | None
    steps: tuple[Any, ...] = ()
    adds: Callable[[Any], Sequence[Replacement]] | None = None


@dataclass
class Names:
    """For one resource: ``words`` are those of its block in the module ``instance``. ``files`` are the files
    of variables that the entry names."""

    repository: Repository
    tree: Tree
    words: tuple[str, ...]
    instance: ModuleInstance
    files: Sequence[Path] = ()
    _trail: list[Trail] = field(default_factory=list)

    def folder(self, module: ModuleInstance) -> Folder:
        return self.repository.folder(module.module.folder)

    # Who else

    def own(self, spot: Spot) -> None:
        """Raises NotEdited where what stands at a place is shared with other configurations."""
        module = spot.module
        if module is None:
            return
        top = self.repository.top.resolve()
        while module is not None:
            folder = module.module.folder.resolve()
            if not folder.is_relative_to(top) or ".terraform" in folder.relative_to(top).parts:
                raise NotEdited("the module that says it is not of this repository", spot.place)
            self._only_call(module, spot)
            module = module.parent
        if spot.document.file.suffix != ".hcl":
            self._only_environment(spot)

    def _only_call(self, module: ModuleInstance, spot: Spot) -> None:
        calls = self.repository.calls(module.module.folder)
        mine = None if module.parent is None else module.parent.module.folder.resolve()
        name = module.path[-1][0] if module.path else None
        others = [
            place
            for place, called in calls
            if mine is None or called != name or place.file.parent.resolve() != mine
        ]
        if mine is not None and others and not any(called == name for _, called in calls):
            others = others[1:]  # a unit that wraps it
        if others:
            where = self.repository_name(module.module.folder)
            raise NotEdited(f"the module {where} is also called at {self.listed(others)}", spot.place)

    def _only_environment(self, spot: Spot) -> None:
        """An entry that names its files of variables is one of several that share all others."""
        if not self.files or spot.module is None:
            return
        others = self.tree.variables.left_out
        if others:
            told = ", ".join(others[:_NAMED])
            raise NotEdited(f"it is applied with {told} as well, of which this run knows nothing", spot.place)

    def listed(self, places: Sequence[Place]) -> str:
        """Some places, for people."""
        told = ", ".join(f"{self.repository_name(one.file)}:{one.line}" for one in places[:_NAMED])
        more = len(places) - _NAMED
        return f"{told} and {more} more" if more > 0 else told

    def repository_name(self, path: Path) -> str:
        top, path = self.repository.top.resolve(), path.resolve()
        return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.name

    def _others(
        self, module: ModuleInstance, names: Sequence[str], seen: frozenset[str] = frozenset()
    ) -> Iterator[Use]:
        """Who else uses what is called so, or a part of it; not a local value that nobody else uses in its
        turn."""
        folder = self.folder(module)
        for use in folder.uses:
            if not _meets(use.names, names) or use.words == self.words or use.words[0] == "output":
                continue
            if use.words == ("variable", *names[1:2]) or self._passed(use) or _is_off(use, module):
                continue
            if self._member_only(use, names, folder):
                continue
            local = _local_of(use) if use.words == ("locals",) else None
            if local is None or local in seen or any(self._others(module, ("local", local), seen | {local})):
                yield use

    def _passed(self, use: Use) -> bool:
        """Whether a reference is one that led here."""
        at = use.node.start_byte
        return any(one is use.document and start <= at < end for one, start, end in self._trail)

    def _member_only(self, use: Use, names: Sequence[str], folder: Folder) -> bool:
        """Whether a block repeats itself by a map without using the member that is changed."""
        if len(use.names) > 2 or len(names) < 4 or use.words[0] not in ("resource", "data", "module"):
            return False
        for document, node in folder.blocks(*use.words):
            held = doc.attributes(doc.body(node)).get("for_each")
            inside = (
                held is not None
                and document is use.document
                and held.node.start_byte <= use.node.start_byte < held.node.end_byte
            )
            if inside:
                parts = [one.names[2:] for one in folder.uses if one.words == use.words and _is_each(one)]
                return not any(_meets(one, names[3:]) for one in parts)
        return False

    def alone(self, module: ModuleInstance, names: Sequence[str], spot: Spot) -> None:
        """Raises NotEdited, naming them, where others use what is called so."""
        found = list(self._others(module, names))
        if found:
            what = ".".join(names[:2])
            raise NotEdited(f"{what} is also used at {self.listed([one.place for one in found])}", spot.place)

    # Where to

    def target(self, spot: Spot, argument: str, inner: tuple[str, ...] = ()) -> Target:
        """Where what an expression refers to, or what ``inner`` names in it, is given. Raises NotEdited for
        what is no reference to a variable, a local or a member that repeats a block."""
        terms = doc.terms(spot.node)
        if terms[0].type != "variable_expr" or spot.module is None:
            raise NotEdited(f"{argument} is computed by an expression", spot.place)
        steps = [*self._steps(spot, terms[1:], argument), *inner]
        first = spot.document.text(terms[0])
        self._trail.append((spot.document.outer or spot.document, spot.node.start_byte, spot.node.end_byte))
        bound = spot.bound.get(first)
        if bound is not None and steps[:1] == ["value"]:
            return Target(bound.over, (bound.key, *steps[1:]))
        if first == "local" and steps:
            return self._local(spot, steps)
        if first == "var" and steps:
            return self._variable(spot, steps)
        what = ".".join([first, *map(str, steps)])
        raise NotEdited(f"{argument} is given by {what}", spot.place)

    def _steps(self, spot: Spot, nodes: Sequence[Any], argument: str) -> list[Any]:
        found: list[Any] = []
        for one in nodes:
            if one.type == "get_attr":
                found.append(one.children[-1].text.decode())
                continue
            inner = one.children[0] if one.type == "index" else None
            key = None if inner is None else next((c for c in inner.children if c.type == "expression"), None)
            value = None if key is None else spot.at(key).value()
            if not isinstance(value, (str, int)):
                raise NotEdited(f"{argument} is computed by an expression", spot.place)
            found.append(value)
        return found

    def _local(self, spot: Spot, steps: Sequence[Any]) -> Target:
        module, name = spot.module, str(steps[0])
        assert module is not None
        for words, document, node in self.folder(module).every("locals"):
            held = doc.attributes(doc.body(node)).get(name)
            if held is not None:
                found = Spot(document, held.value, module, words)
                self.alone(module, ("local", *map(str, steps)), found)
                return Target(found, tuple(steps[1:]))
        raise NotEdited(f"local.{name} is in no file that can be edited", spot.place)

    def _variable(self, spot: Spot, steps: Sequence[Any]) -> Target:
        module, name = spot.module, str(steps[0])
        assert module is not None
        self.alone(module, ("var", *map(str, steps)), spot)
        rest = tuple(steps[1:])
        if module.parent is not None and module.call is not None:
            return self._argument(spot, module, name, rest)
        given = self.tree.variables.given.get(name)
        if given is not None:
            return Target(self._given(name, given.place, spot), rest)
        if self.tree.variables.rest is not None:
            raise NotEdited(f"var.{name}: {self.tree.variables.rest.reason}", spot.place)
        if self.files and not rest:
            file = opened(self.files[-1])
            return Target(None, adds=lambda new: variable_files.added(file, name, new))
        return Target(self._default(spot, module, name), rest)

    def _default(self, spot: Spot, module: ModuleInstance, name: str) -> Spot:
        held = self.folder(module).attribute("default", "variable", name)
        if held is None:
            raise NotEdited(f"the variable {name} has no value in any file", spot.place)
        document, _, attribute = held
        return Spot(document, attribute.value, module, ("variable", name))

    def _argument(self, spot: Spot, module: ModuleInstance, name: str, rest: tuple[Any, ...]) -> Target:
        """What the call of a module passes; where it passes nothing, it is to do so."""
        parent, called = module.parent, module.path[-1][0]
        assert parent is not None
        words = ("module", called)
        held = self.folder(parent).attribute(name, *words)
        blocks = self.folder(parent).blocks(*words)
        if held is None and (rest or not blocks):
            raise NotEdited(f"module.{called} does not pass {name}", spot.place)
        if held is None:
            document, block = blocks[-1]
            place = Spot(document, block, parent, words)

            def adds(new: Any) -> Sequence[Replacement]:
                self.own(place)
                return lines.argument(document, block, name, new)

            return Target(None, adds=adds)
        document, block, attribute = held
        names, bound = repeated(parent, document, block, module.path[-1][1], words)
        return Target(Spot(document, attribute.value, parent, words, names, bound), rest)

    def _given(self, name: str, place: Any, spot: Spot) -> Spot:
        """Where a file of variables, or a unit's inputs, give a value."""
        if place is None:
            raise NotEdited(f"var.{name} is given by `variables` in drift.yaml", spot.place)
        root = self.tree.folders.root
        for file in reversed([*variables.automatic(root), *self.files]):
            if self.tree.folders.name(file) != place.file or leads_out(file):
                continue
            document = opened(file)
            value = variable_files.value(document, name)
            if value is not None:
                return Spot(document, value, None)
        raise NotEdited(f"var.{name} is given at {place}, which is not edited", spot.place)


def _meets(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one of two references is, or may be, a part of the other."""
    return len(one) > 1 and all(a == b for a, b in zip(one, other, strict=False))


def _is_off(use: Use, module: ModuleInstance) -> bool:
    """Whether a block has no instance there: a variant that is not chosen."""
    block = module.module.resources.get(use.words) if len(use.words) == 3 else None
    block = block or (module.module.calls.get(use.words[1]) if use.words[0] == "module" else None)
    keys = None if block is None else module.keys(block)
    return keys is not None and not isinstance(keys, Unresolved) and not keys


def _local_of(use: Use) -> str | None:
    """The local value that a reference is a part of."""
    if use.document.json:
        names = [one for one in steps_to(use.node) if isinstance(one, str)]
        return names[names.index("locals") + 1] if "locals" in names[:-1] else None
    node, name = use.node, None
    while node is not None and node.type != "block":
        name = node.children[0].text.decode() if node.type == "attribute" else name
        node = node.parent
    return name


def _is_each(use: Use) -> bool:
    return use.names[:2] == ("each", "value")


def repeated(
    module: ModuleInstance, document: Document, block: Any, key: Any, words: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Bound]]:
    """What ``count`` and ``for_each`` of a block bind in its instance ``key``."""
    if key is None:
        return {}, {}
    held = doc.attributes(doc.body(block)).get("for_each")
    if held is None:
        return {"count": {"index": key}}, {}
    over = Spot(document, held.value, module, words)
    value = over.value()
    inner = value.get(key) if isinstance(value, dict) else key
    return {"each": {"key": key, "value": inner}}, {"each": Bound(over, key)}
