"""Tags and labels: where each cloud's shape keeps them, read alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def labels(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, value) of every tag, label and annotation."""
    places = [attributes.get(name) for name in ("Tags", "tags", "labels", "userLabels")]
    metadata = attributes.get("metadata")
    if isinstance(metadata, Mapping):
        places.extend((metadata.get("labels"), metadata.get("annotations")))
    for place in places:
        if isinstance(place, Mapping):
            yield from ((str(name), value) for name, value in place.items())
        elif isinstance(place, list):
            yield from (
                (str(tag["Key"]), tag.get("Value"))
                for tag in place
                if isinstance(tag, Mapping) and "Key" in tag
            )
