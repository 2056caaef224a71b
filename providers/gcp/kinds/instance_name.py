"""Names of Cloud SQL instances: with the project before a colon, as a link, or alone."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _instance_name(value: Any, context: Context) -> Canonical:
    """An instance of the resource's own project by its name alone, one of another project as
    ``project:name``.

    >>> _instance_name("projects/p/instances/main", Context(scope="p"))
    'main'
    """
    if not isinstance(value, str):
        return value
    parts = value.split("/")
    if len(parts) == 4 and parts[::2] == ["projects", "instances"]:
        value = f"{parts[1]}:{parts[3]}"
    project, colon, name = value.rpartition(":")
    known = context.data.get("projects")
    if colon and isinstance(known, dict):
        project = str(known.get(project, project))
    return name if not colon or project == context.scope else f"{project}:{name}"


INSTANCE_NAME = Kind("instance-name", _instance_name)
