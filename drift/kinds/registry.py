"""The kinds that belong to no cloud, by the name that type facts use."""

from __future__ import annotations

from drift.kinds import collections, documents, scalars
from drift.kinds.base import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        collections.SET,
        collections.KEYED_LIST,
        collections.MAP,
        collections.LIST,
        documents.JSON,
        documents.YAML,
        documents.XML_WHITESPACE,
        scalars.INTEGER,
        scalars.NUMBER,
        scalars.BOOLEAN,
        scalars.STRING,
        scalars.CASE_INSENSITIVE,
    )
}
