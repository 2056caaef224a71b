"""Takes the declaration of a resource away that is no longer live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drift.declared.terraform.editing import document as doc
from drift.declared.terraform.editing import lines, structure
from drift.declared.terraform.editing.document import Document
from drift.declared.terraform.editing.modules import Folder, Use
from drift.declared.terraform.editing.names import Names
from drift.declared.terraform.editing.places import Place
from drift.declared.terraform.editing.rewriting import Rewriting
from drift.declared.terraform.editing.said import Saying
from drift.declared.terraform.editing.versions import REMOVED, at_least
from drift.editor import Edit, NotEdited, Replacement

#: Terraform's own blocks that speak of a resource and go with it.
_GOING = frozenset({"import", "output"})


@dataclass(frozen=True, slots=True)
class Going:
    """A block that goes."""

    document: Document
    node: Any


def removed(saying: Saying, parts: Sequence[Saying], version: str | None) -> Edit:
    """What takes away a resource's block with those of its ``parts``, which only add to it; of one of several
    instances what repeats it. ``version`` is the oldest Terraform that may apply it. Raises NotEdited."""
    names = saying.names
    place = saying.top()
    names.own(place.spot)
    if any(key is not None for _, key in names.instance.path):
        called = names.instance.path[-1][0]
        raise NotEdited(f"its module {called} has several instances", place.spot.place)
    if saying.key is not None:
        says = f"no longer declares {_address(names.words, saying.key)}"
        return Edit(tuple(_instance(saying, place)), says, "pending")
    folder = names.folder(names.instance)
    going = [Going(*one) for one in folder.blocks(*names.words)]
    for part in parts:
        if part.key is None and part.names.instance is names.instance:
            going += [Going(*one) for one in folder.blocks(*part.names.words)]
    gone = {names.words, *(part.names.words for part in parts)}
    uses = [one for one in folder.uses if _speaks_of(one, gone) and one.words not in gone]
    going += list(_with_it(folder, uses, names))
    others = [one for one in uses if not any(_inside(one, each) for each in going)]
    if others:
        where = names.listed([one.place for one in others])
        what = ".".join(names.words[1:])
        raise NotEdited(f"{what} is used at {where}", *(one.place for one in others))
    forgets = at_least(version, REMOVED)
    changes = _together([one for one in (going[1:] if forgets else going) if not one.document.json])
    says = f"no longer declares {_address(names.words, None)}"
    if len(gone) > 1:
        adding = sorted(".".join(one[1:]) for one in gone - {names.words})
        says += f" and what only adds to it ({', '.join(adding)})"
    first = going[0].document
    if forgets and not first.json:
        changes.insert(0, _forgetting(first, going[0].node, names.words))
    for document in {id(one.document): one.document for one in going if one.document.json}.values():
        nodes = [one.node for one in going if one.document is document]
        changes += structure.without(document, nodes, names.words if forgets and document is first else None)
    if forgets:
        return Edit(tuple(changes), f"{says}; the state forgets it, nothing is destroyed", "pending")
    return Edit(tuple(changes), f"{says}; the next plan finds that it is gone", "pending")


def _together(going: Sequence[Going]) -> list[Replacement]:
    """Without these blocks, one replacement for those that stand beside each other."""
    found: list[Replacement] = []
    changes = [(one.document, lines.no_block(one.document, one.node)) for one in going]
    for document, change in sorted(changes, key=lambda one: (str(one[1].file), one[1].start)):
        last = found[-1] if found else None
        if last is not None and last.file == change.file and change.start <= last.end:
            found.pop()
            change = replace(change, start=last.start, end=max(last.end, change.end))
        if change.start == 0:
            below = document.data[change.end : document.line_end(change.end)]
            change = replace(change, end=change.end + (len(below) if not below.strip() else 0))
        found.append(change)
    return found


def _forgetting(document: Document, block: Any, words: Sequence[str]) -> Replacement:
    """The block that has Terraform forget a resource, in the place of the resource's."""
    text = f"removed {{\n  from = {'.'.join(words[1:])}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
    start = lines.with_comments(document, block)
    return lines.replaced(document, start, document.line_end(block.end_byte), text)


def _instance(saying: Saying, place: Place) -> list[Replacement]:
    """Without one member of what the block repeats itself by."""
    said = doc.attributes(doc.body(place.block))
    work = Rewriting(saying.names, "for_each")
    if isinstance(saying.key, int):
        count = said.get("count")
        spot = None if count is None else place.spot.at(count.value)
        number = None if spot is None else spot.value()
        if spot is None or number != saying.key + 1:
            raise NotEdited(
                "it is not the last one of its count: others would be renumbered", place.spot.place
            )
        work.argument = "count"
        work.value(spot, number, number - 1)
        return work.changes
    over = said.get("for_each")
    if over is None:
        raise NotEdited("what repeats it is not found", place.spot.place)
    spot = place.spot.at(over.value)
    value = spot.value()
    if isinstance(value, Mapping):
        work.value(spot, value, {name: one for name, one in value.items() if name != saying.key})
    elif isinstance(value, list):
        work.value(spot, value, [one for one in value if one != saying.key])
    else:
        raise work.computed(spot)
    return work.changes


def _with_it(folder: Folder, uses: Sequence[Use], names: Names) -> Iterator[Going]:
    """Blocks that speak of nothing but it: imports, and outputs of the root module."""
    for use in uses:
        if use.words[0] not in _GOING or (use.words[0] == "output" and names.instance.parent is not None):
            continue
        for document, node in folder.blocks(*use.words):
            if _inside(use, Going(document, node)):
                yield Going(document, node)


def _inside(use: Use, going: Going) -> bool:
    at = use.node.start_byte
    return use.document is going.document and going.node.start_byte <= at < going.node.end_byte


def _speaks_of(use: Use, gone: set[tuple[str, ...]]) -> bool:
    return any(use.names[: len(words) - 1] == words[1:] for words in gone)


def _address(words: Sequence[str], key: Any) -> str:
    return ".".join(words[1:]) + ("" if key is None else f"[{key!r}]")
