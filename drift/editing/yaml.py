"""Edits YAML by position: a value, an entry or a list's member is changed, and everything else stays as it
is. Each change is read again: what does not say exactly what it should is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from drift.editing import yaml_slots as slots
from drift.editing import yaml_spelling as spelling
from drift.editing.pieces import Pieces
from drift.editing.yaml_lines import is_json, line_after, line_end_before, sorted_place
from drift.editing.yaml_lists import pairs
from drift.editing.yaml_members import inserted_entry, inserted_item, removed
from drift.editing.yaml_nodes import Document, Node, members, value
from drift.editing.yaml_reading import YamlPlaces
from drift.editing.yaml_spelling import Style, Unspellable
from drift.editing.yaml_values import Way, anchored_outside, at, same, shown, with_
from drift.editor import NotEdited


class YamlText(YamlPlaces):
    """A YAML text that is edited.

    Each method makes one change and raises NotEdited, having changed nothing, where it can't be made surely.
    ``shared`` lets a change be made at an anchor whose aliases then change too; else what is reached by an
    alias or a merge is overridden in place.
    """

    def set(self, document: int, way: Way, new: Any, *, shared: bool = False) -> None:
        """Makes a value another one; what is not there yet is added, with all that leads to it. Of mappings
        and lists only what differs is touched."""
        self._change(document, way, new, shared, lambda: self._set(document, list(way), new, shared))

    def insert(self, document: int, way: Way, new: Any, *, shared: bool = False) -> None:
        """Puts a member into a list, before the one that the last index of the way names."""
        _, place = way[:-1], way[-1]
        before = self.get(document, way[:-1])
        if not isinstance(before, list) or not isinstance(place, int) or place > len(before):
            raise NotEdited(f"{shown(way)} is no place of a list in {self.named}")
        self.set(document, way[:-1], [*before[:place], new, *before[place:]], shared=shared)

    def append(self, document: int, way: Way, new: Any, *, shared: bool = False) -> None:
        """Adds a member to a list: at its end, or in its place where the list stands in alphabetical order.
        A list that is not there yet is made."""
        before = self.get(document, way) if self.has(document, way) else None
        before = [] if before is None else before
        if not isinstance(before, list):
            raise NotEdited(f"{shown(way)} is no list in {self.named}")
        place = sorted_place(before, new)
        self.set(document, way, [*before[:place], new, *before[place:]], shared=shared)

    def remove(self, document: int, way: Way, *, prune: bool = True, shared: bool = False) -> None:
        """Takes an entry or a list's member away, with the comments that belong to it. With ``prune`` what
        becomes empty by it goes too, but for a document as a whole."""
        way = list(way)
        while prune and len(way) > 1 and len(self.get(document, way[:-1])) == 1:
            way.pop()
        wanted = copy.deepcopy(self.documents[document].value)
        self.node(document, way)
        holder = at(wanted, way[:-1])
        del holder[way[-1]]
        self._transact(document, wanted, shared, lambda: self._remove(document, way, shared))

    def remove_document(self, document: int) -> None:
        """Takes a document away, with its ``---``."""
        one = self.documents[document]
        start, end = one.start, one.end
        following = document + 1 < len(self.documents)
        if not one.explicit and following:
            end = line_after(self.text, end)
        if "%" in self.text[start : start + 1]:
            raise NotEdited(f"the document has YAML directives in {self.named}")
        before = [one.value for one in self.documents]
        del before[document]
        kept = self._kept()
        if not following and start > 0 and not self.text.endswith("\n"):
            start = line_end_before(self.text, start)
        self._pieces.splice(start, end, "")
        self._read()
        if not same([one.value for one in self.documents if one.node], [v for v in before if v is not None]):
            self._back(kept)
            raise NotEdited(f"the document can't be taken out of {self.named}")

    def append_document(self, new: Mapping[str, Any]) -> None:
        """Adds a document at the end."""
        kept, before = self._kept(), [one.value for one in self.documents if one.node]
        newline = self.style.newline
        text = spelling.document_text(new, self.language, self.style)
        lead = (
            "" if not self.text.strip() else ("" if self.text.endswith("\n") else newline) + f"---{newline}"
        )
        self._pieces.splice(len(self.text), len(self.text), lead + text)
        self._read()
        if not same([one.value for one in self.documents if one.node], [*before, dict(new)]):
            self._back(kept)
            raise NotEdited(f"nothing can be added to {self.named}")

    # How

    def _change(self, document: int, way: Way, new: Any, shared: bool, change: Callable[[], None]) -> None:
        root = self._root(document)
        wanted = with_(copy.deepcopy(value(root, self.language)), list(way), new, self.named)
        self._transact(document, wanted, shared, change)

    def _transact(self, document: int, wanted: Any, shared: bool, change: Callable[[], None]) -> None:
        """Makes a change and reads the text again; takes it back where it does not say what is wanted. A text
        of lines at the end of a file that ends without a line break needs one."""
        kept = self._kept()
        others = [one.value for one in self.documents]
        try:
            change()
            now = [one.value for one in self.documents]
            if (
                not self.text.endswith("\n")
                and not shared
                and not same(now[document : document + 1], [wanted])
            ):
                self._splice((len(self.text), len(self.text), self.style.newline))
                now = [one.value for one in self.documents]
            if len(now) != len(others) or self.documents[document].node is None:
                raise NotEdited(f"the change would break {self.named}")
            if not shared and not same(now[document], wanted):
                raise NotEdited(f"the change can't be written into {self.named} by itself")
            del now[document], others[document]
            if not same(now, others):
                raise NotEdited(f"the change would touch other documents of {self.named}")
        except (NotEdited, Unspellable) as error:
            self._back(kept)
            if isinstance(error, NotEdited):
                raise
            raise NotEdited(str(error)) from error

    def _kept(self) -> tuple[Pieces, list[Document]]:
        return copy.copy(self._pieces), self.documents

    def _back(self, kept: tuple[Pieces, list[Document]]) -> None:
        self._pieces, self.documents = kept

    def _splice(self, *changes: tuple[int, int, str]) -> None:
        """Several changes of the text as it is now, and reads it again."""
        for start, end, new in sorted(changes, reverse=True):
            self._pieces.splice(start, end, new)
        self._read()

    def _set(self, document: int, way: list[str | int], new: Any, shared: bool) -> None:
        node = self._root(document)
        for number, step in enumerate(way):
            here = way[:number]
            if not shared and (node.kind == "alias" or node.users):
                self._override(
                    document, here, with_(value(node, self.language), way[number:], new, self.named)
                )
                return
            node = node.real
            if self._missing(node, step):
                self._add(document, here, node, step, way[number + 1 :], new)
                return
            node = self._value(node, step, way)
        if not shared and (node.kind == "alias" or node.users):
            self._override(document, way, new)
            return
        self._become(document, way, node.real, new, shared)

    def _override(self, document: int, way: list[str | int], new: Any) -> None:
        node = self.node(document, way)
        if node.kind != "alias":
            raise NotEdited(f"the anchor &{node.anchor} in {self.named} is used elsewhere too")
        self._write(document, way, node, new)

    def _missing(self, node: Node, step: str | int) -> bool:
        if node.kind == "map" and isinstance(step, str):
            own = members(node, self.language, merged=False)
            return step not in own
        if node.kind == "scalar" and node.plain and value(node, self.language) is None:
            return True
        return node.kind == "list" and isinstance(step, int) and step == len(node.items)

    def _add(
        self, document: int, here: list[str | int], node: Node, step: str | int, rest: Way, new: Any
    ) -> None:
        """Adds a member that is not there, or comes by a merge, which the added one overrides."""
        if node.kind == "map" and isinstance(step, str):
            merged = members(node, self.language).get(step)
            known = value(merged.value, self.language) if merged else None
            self._insert_entry(document, here, node, step, with_(known, rest, new, self.named))
        elif node.kind == "list":
            self._insert_item(document, here, node, len(node.items), with_(None, rest, new, self.named))
        else:
            self._write(document, here, node, with_(None, [step, *rest], new, self.named))

    def _become(self, document: int, way: list[str | int], node: Node, new: Any, shared: bool) -> None:
        """Makes a node say something else, with as few changes as can be."""
        old = value(node, self.language)
        if same(old, new):
            return
        if node.custom:
            raise NotEdited(f"{shown(way)} is an expression ({node.custom}) in {self.named}")
        if node.kind == "map" and isinstance(new, Mapping) and new:
            for name in [name for name in old if name not in new]:
                self._remove(document, [*way, name], shared)
            for name, one in new.items():
                if name not in old or not same(old[name], one):
                    self._set(document, [*way, name], one, shared)
            return
        if node.kind == "list" and isinstance(new, list) and new:
            self._become_list(document, way, old, new, shared)
            return
        self._write(document, way, node, new)

    def _become_list(
        self, document: int, way: list[str | int], old: list[Any], new: list[Any], shared: bool
    ) -> None:
        aligned = pairs(old, new)
        if not aligned:
            self._write(document, way, self.node(document, way), new)
            return
        kept = {one for one, _ in aligned}
        for place in range(len(old) - 1, -1, -1):
            if place not in kept:
                self._remove(document, [*way, place], shared)
        for now, (_, place) in enumerate(aligned):
            if not same(self.get(document, [*way, now]), new[place]):
                self._set(document, [*way, now], new[place], shared)
        there = {place for _, place in aligned}
        for place in range(len(new)):
            if place not in there:
                node = self.node(document, way).real
                self._insert_item(document, way, node, place, new[place])

    # Texts

    def _write(self, document: int, way: list[str | int], node: Node, new: Any) -> None:
        """Puts another value in the place of a node."""
        if node.custom:
            raise NotEdited(f"{shown(way)} is an expression ({node.custom}) in {self.named}")
        if not way:
            raise NotEdited(f"a whole document of {self.named} is not written anew")
        container = self.node(document, way[:-1]).real
        slot = slots.slot(self.text, container, self._index(container, way[-1], way))
        self._splice(*slots.written(self.text, slot, node, new, self.language, self._style(document)))

    def _insert_entry(self, document: int, here: list[str | int], node: Node, name: str, new: Any) -> None:
        if not node.entries and here and not self._in_flow(document, here):
            self._write(document, here, self.node(document, here), {name: new})
            return
        change = inserted_entry(self.text, node, name, new, self.language, self._style(document))
        self._splice(change)

    def _insert_item(self, document: int, here: list[str | int], node: Node, place: int, new: Any) -> None:
        if not node.items and here and not self._in_flow(document, here):
            self._write(document, here, self.node(document, here), [new])
            return
        self._splice(inserted_item(self.text, node, place, new, self.language, self._style(document)))

    def _in_flow(self, document: int, here: list[str | int]) -> bool:
        """Whether what holds the value at the end of a way stands between brackets."""
        return self.node(document, here[:-1]).real.flow

    def _remove(self, document: int, way: list[str | int], shared: bool) -> None:
        node = self._root(document)
        for number, step in enumerate(way):
            if not shared and (node.kind == "alias" or node.users):
                rest = copy.deepcopy(value(node, self.language))
                del at(rest, way[number:-1])[way[-1]]
                self._override(document, way[:number], rest)
                return
            container = node.real
            node = self._value(container, step, way)
        if anchored_outside(node):
            raise NotEdited(f"an anchor in {shown(way)} is used elsewhere in {self.named}")
        place = self._index(container, way[-1], way)
        if len(container.entries or container.items) == 1:
            if len(way) == 1:
                raise NotEdited(f"nothing would be left of a document of {self.named}")
            empty: Any = {} if container.kind == "map" else []
            self._write(document, way[:-1], self.node(document, way[:-1]), empty)
            return
        self._splice(removed(self.text, container, place))

    def _style(self, document: int) -> Style:
        """The style of the file, in this one of its documents."""
        root = self.documents[document].node
        return replace(self.style, json=root is not None and is_json(root))
