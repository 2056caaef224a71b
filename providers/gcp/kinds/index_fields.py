"""The fields of a Firestore index, to which the service adds the document's name."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_NAME = "__name__"


def _index_fields(value: Any, context: Context) -> Canonical:
    """The fields without the document's name at their end, where it is in the order of the field before it.

    Source:
    https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.collectionGroups.indexes.
    """
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(one, dict) for one in value):
        return value
    *fields, last = value
    if any(one.get("fieldPath") == _NAME for one in fields):
        return value
    usual = fields[-1].get("order") or "ASCENDING"
    return fields if last.get("fieldPath") == _NAME and last.get("order") in (usual, None) else value


INDEX_FIELDS = Kind("index-fields", _index_fields)
