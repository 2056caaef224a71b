"""Who owns a finding: today what the resource's own tags or labels say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.model import Finding

NAMES = ("owner", "team", "squad", "maintainer", "contact")


def owner_of(finding: Finding) -> str | None:
    """The owner tag or label of the declared side, else of the live one; None: nobody."""
    for resource in (finding.declared, finding.live):
        if resource is None:
            continue
        found = {name.lower(): value for name, value in _labels(resource.attributes)}
        for name in NAMES:
            if isinstance(found.get(name), str) and found[name]:
                return str(found[name])
    return None


def _labels(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
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
