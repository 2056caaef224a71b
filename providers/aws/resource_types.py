"""What the CloudFormation schemas say of every resource type: how it is identified, what its handlers read
and call, what its properties are. Read from ``resource_types.zip``, one type at a time.

The archive is compiled by :mod:`providers.aws.compile_types` from cfn-lint's copy of
https://schema.cloudformation.us-east-1.amazonaws.com/CloudformationSchema.zip.
"""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).with_name("resource_types.zip")
#: The entry that tells of each type which of its handlers read: ``r`` one resource, ``l`` a list of them.
INDEX = "index"

_reading = threading.Lock()


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource type.

    ``identifier``  the properties whose values, joined by ``|``, identify one
    ``readable``    whether one can be read by its identifier
    ``listable``    whether all of an account and region can be listed
    ``parents``     the properties that a list must be asked with
    ``parent_of``   each of these → the property of the type itself that has the same value
    ``permissions`` ``read`` and ``list`` → the IAM actions that this calls
    ``paths``       path of a property (``A/*/B``) → a letter for its JSON type and marks, as in
                    ``schemas.json`` (:mod:`providers.aws.compile_schemas`), and ``!`` where it must be set
    ``recurs``      where the schema holds itself: path → the paths below it at which the same begins again
    ``defaults``    path → the value of a property that nobody sets
    ``documented``  path → the same where only the prose of the schema tells it
    ``kinds``       path → kind of its values (a name, or with parameters), where the letter does not say it
    ``listed``      members of keyed lists that the service adds by itself
    ``required``    the properties at the top that must be set
    ``tags``        the property that holds the tags
    """

    type: str
    identifier: tuple[str, ...]
    readable: bool
    listable: bool
    parents: tuple[str, ...] = ()
    parent_of: Mapping[str, str] = field(default_factory=dict)
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    recurs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    documented: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, Any] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    tags: str | None = None


@cache
def resource_type(name: str) -> ResourceType | None:
    """What the schema of a type says (``AWS::MediaLive::Channel``); None where there is no such type, or none
    that can be read."""
    handlers = _index().get(name)
    if handlers is None:
        return None
    said = json.loads(_entry(name))
    return ResourceType(
        type=name,
        identifier=tuple(said["id"]),
        readable="r" in handlers,
        listable="l" in handlers,
        parents=tuple(said.get("parents", ())),
        parent_of=said.get("parents", {}),
        permissions={word: tuple(said.get(word, ())) for word in ("read", "list")},
        paths=said["paths"],
        recurs={path: tuple(below) for path, below in said.get("recurs", {}).items()},
        defaults=said.get("defaults", {}),
        documented=said.get("documented", {}),
        kinds=said.get("kinds", {}),
        listed=tuple(said.get("listed", ())),
        required=tuple(said.get("required", ())),
        tags=said.get("tags"),
    )


def resource_types(*, readable: bool = False) -> Iterator[str]:
    """The types that have a handler that reads or lists, in order; with ``readable`` those of which one
    resource can be read."""
    return (name for name, handlers in _index().items() if not readable or "r" in handlers)


@cache
def _index() -> Mapping[str, str]:
    index: Mapping[str, str] = json.loads(_entry(INDEX))
    return index


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(ARCHIVE)


def _entry(name: str) -> bytes:
    with _reading:
        return _archive().read(name.replace("::", "-"))
