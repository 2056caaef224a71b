"""The vocabulary of ``terraform/*.yaml``: what is known of one Terraform type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.errors import DriftError

_ENTRY = frozenset("type schema id fields leave into under set like also unread".split())
_FIELD = frozenset(
    "to link suffix map list json invert base64 said append pairs keyed wrap item with halves".split()
)


class EntryError(DriftError):
    """An entry of ``terraform/*.yaml`` says something that its vocabulary does not know."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one Terraform type.

    ``type`` is Cloud Asset's (empty: nothing of it exists in the cloud); ``id`` name templates, the first
    that can be filled counts; ``fields`` Terraform path → where the body has it; ``leave`` paths that are no
    fields; ``into`` the lists that it adds members to, of a resource that is declared elsewhere, ``under``
    where its body stands in that; ``also`` blocks that are resources of their own, each with the entry that
    holds for its members (``parent_name`` and ``parent_location`` in its templates are the outer resource's);
    ``unread`` paths that the resource's own answer does not have, with the reason: unverifiable.
    """

    type: str
    host: str
    schema: str
    id: tuple[str, ...]
    fields: Mapping[str, Mapping[str, Any]]
    leave: frozenset[str]
    into: tuple[str, ...] = ()
    under: str = ""
    set: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)

    unread: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str, said: Mapping[str, Any]) -> Entry:
        """The entry as its file has it. Raises EntryError on a word that does not exist."""
        fields = {
            path: words if isinstance(words, Mapping) else {"to": words}
            for path, words in (said.get("fields") or {}).items()
        }
        unknown = set(said) - _ENTRY or {word for words in fields.values() for word in words} - _FIELD
        if unknown:
            raise EntryError(f"{name}: unknown word {sorted(unknown)[0]!r}")
        type = said.get("type") or ""
        id = said.get("id") or ()
        host, _, kind = type.partition("/")
        schema_host, _, schema_name = str(said.get("schema") or kind).rpartition("#")
        ids = (id,) if isinstance(id, str) else tuple(id)
        return cls(
            type=type,
            host=schema_host or host,
            schema=schema_name,
            id=ids,
            fields=fields,
            leave=frozenset(said.get("leave") or ()),
            into=tuple(said.get("into") or ()),
            under=said.get("under") or "",
            set=said.get("set") or {},
            also=said.get("also") or {},
            unread=said.get("unread") or {},
        )
