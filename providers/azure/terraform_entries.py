"""The vocabulary of ``terraform/*.yaml``: what is known of one Terraform type and of each of its
attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from drift.errors import DriftError
from drift.safe_yaml import data
from providers.terraform_words import camel

FOLDER = Path(__file__).parent / "terraform"
_ENTRY = frozenset("type fields leave id into part set sets shared also like named".split())
_FIELD = frozenset(
    "to block each switch map invert wrap pairs keyed format text json list first join skip zero empty "
    "unread split append secret child when value named tail names before after times add more where numbered "
    "within order".split()
)


class EntryError(DriftError):
    """A file of ``terraform/*.yaml`` says something that its vocabulary does not know."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where the body has one attribute, and how its value is said there.

    ``to``      path from the object around it, or from the body's top where it begins with ``/``; ``.`` is
                that object itself, ``name[]`` the first member of a list
    ``block``   attributes of a block that stands once: an object in the body; ``each``: of a block that may
                be repeated: a list
    ``switch``  what true and false are called (``[Enabled, Disabled]``); ``invert``: true is false there;
                ``map``: words
    ``wrap``    members of a list are objects with this one member (``id``); ``list``: one value is a list;
                ``first``: a list one value
    ``pairs``   a map is a list of objects with these two members; ``keyed``: a list of objects a map by this
                member
    ``format``  a text around the value (``PT{}M``; ``{beside[x]}`` is the attribute x beside it); ``text``: a
                number as text; ``json``: a text as what it holds
    ``join``    a list as one text, its members in this ``order``; ``split``: one text as a list, or as an
                object with these ``names``; ``tail``: an id as what it names
    ``before``, ``after``  the part of a text up to, or after, the first of these; ``times``: a number in
                another unit
    ``add``     where it is true, the list has this member
    ``skip``    values that say nothing; ``zero``, ``empty``: 0, or nothing, is said on purpose
    ``append``  each member has these members of its own; ``more``: other attributes add members to the list,
                too, ``within``: one that holds them all under this name
    ``when``    only where the attributes beside it have these values (or one of a list); ``value``: what the
                body has where the attribute says anything
    ``numbered``  members without a name are called this, with their number
    ``where``   only the members of a block that have these values
    ``named``   each member is called as what its id names
    ``child``   a name stands for the id of a member of this collection of the resource itself
    ``unread``  why no verdict is possible; ``secret``: the value is one
    """

    to: str
    block: Fields | None = None
    each: Fields | None = None
    words: Mapping[str, Any] = field(default_factory=dict)

    def says(self, word: str) -> Any:
        """What the field says of ``word``; None where nothing."""
        return self.words.get(word)


Fields = Mapping[str, tuple[Field, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one Terraform type.

    ``type`` is the ARM type (empty: it declares nothing that ARM knows); ``id`` which of
    :data:`providers.azure.terraform_ids.FORMS` tells the ARM id where Terraform's is none; ``shared`` lists
    that others add members to; ``into`` the list of the parent's body that holds it; ``part`` the lists of a
    body declared elsewhere that it adds members to, empty where it only sets what it names and None for a
    whole resource; ``leave`` attributes that Azure computes or only Terraform knows; ``also`` blocks that are
    resources of their own below this one, by where (``blobServices/default``; ``{name}`` is the block's);
    ``named`` says that what ``fields`` leave unsaid is found by its name
    (:mod:`providers.azure.terraform_by_name`); of a block's argument they say ``block.argument`` then.
    """

    type: str
    fields: Fields
    leave: frozenset[str]
    id: str = ""
    into: str = ""
    part: tuple[str, ...] | None = None
    set: Mapping[str, Any] = field(default_factory=dict)
    sets: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    also: Mapping[str, tuple[str, Entry]] = field(default_factory=dict)
    named: bool = False


def read(name: str, said: Mapping[str, Any]) -> Entry:
    """An entry as its file has it. Raises EntryError on a word that does not exist."""
    if unknown := set(said) - _ENTRY:
        raise EntryError(f"{name}: unknown word {sorted(unknown)[0]!r}")
    part = said.get("part")
    return Entry(
        type=said.get("type") or "",
        fields=_fields(name, said.get("fields") or {}),
        leave=frozenset(said.get("leave") or ()),
        id=said.get("id") or "",
        into=said.get("into") or "",
        part=None if part is None else tuple(part),
        set=said.get("set") or {},
        sets=tuple(said.get("sets") or ()),
        shared=tuple(said.get("shared") or ()),
        named=bool(said.get("named")),
        also={
            block: (
                words["at"],
                read(
                    f"{name} {block}", {"type": "-", "fields": words["fields"], "leave": words.get("leave")}
                ),
            )
            for block, words in (said.get("also") or {}).items()
        },
    )


def _fields(name: str, said: Mapping[str, Any]) -> Fields:
    """The fields of one object; ``=PATH: a b`` says that the body has attributes a and b at PATH, in camel
    case."""
    found: dict[str, tuple[Field, ...]] = {}
    for attribute, words in said.items():
        if attribute.startswith("="):
            at = f"{attribute[1:]}/" if attribute[1:] else ""
            found.update({one: (Field(at + camel(one)),) for one in words.split()})
    for attribute, words in said.items():
        if not attribute.startswith("=") and words is not None:
            found[attribute] = tuple(_field(f"{name} {attribute}", words))
    return found


def _field(name: str, said: Any) -> Iterator[Field]:
    for words in said if isinstance(said, list) else [said]:
        if isinstance(words, str):
            yield Field(words)
            continue
        unknown = set(words) - _FIELD
        if unknown or "to" not in words:
            raise EntryError(
                f"{name}: unknown word {sorted(unknown)[0]!r}" if unknown else f"{name}: no 'to'"
            )
        yield Field(
            words["to"],
            _fields(name, words["block"]) if "block" in words else None,
            _fields(name, words["each"]) if "each" in words else None,
            words,
        )


@cache
def entries() -> Mapping[str, Entry]:
    """The entries by Terraform type; one with ``like`` takes what it leaves out, and fields, from another."""
    said: dict[str, dict[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        document = data(path) or {}
        if twice := said.keys() & document.keys():
            raise EntryError(f"{path.name}: {sorted(twice)[0]} is said twice")
        said.update((name, words) for name, words in document.items() if not name.startswith("."))
    return {name: read(name, _whole(name, said)) for name in said}


def _whole(name: str, said: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    words = said[name]
    if "like" not in words:
        return words
    if words["like"] not in said:
        raise EntryError(f"{name}: like: there is no {words['like']!r}")
    other = _whole(words["like"], said)
    fields = {**(other.get("fields") or {}), **(words.get("fields") or {})}
    leave = [*(other.get("leave") or ()), *(words.get("leave") or ())]
    return {**other, **words, "fields": {k: v for k, v in fields.items() if v is not None}, "leave": leave}
