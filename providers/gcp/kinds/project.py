"""A project's body, in whichever version of Resource Manager's API it comes."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind

#: Version 1's field → version 3's (https://cloud.google.com/resource-manager/reference/rest/v3/projects).
_FIELDS = {"lifecycleState": "state"}


def _project(value: Any, context: Context) -> Canonical:
    """The body as version 3 has it: ``displayName`` for a ``name`` that is no path, ``parent`` as one text.

    >>> _project({"name": "Shop", "parent": {"type": "folder", "id": "1"}}, Context())
    {'displayName': 'Shop', 'parent': 'folders/1'}
    """
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key == "name" and isinstance(item, str) and not item.startswith("projects/"):
            found.setdefault("displayName", item)
        elif key == "parent" and isinstance(item, dict) and {"type", "id"} <= item.keys():
            found["parent"] = f"{item['type']}s/{item['id']}"
        elif key != "projectNumber":
            found[_FIELDS.get(str(key), str(key))] = item
    return found


PROJECT = Kind("project", _project)
