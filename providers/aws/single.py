"""Reads one resource of a type as the type facts say: of all that is listed, that one alone is described."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.errors import CellError
from drift.model import Resource
from providers.aws.machine import WINDOW, CellTask, windows


class Single(CellTask):
    """A task that looks for one resource. It is :meth:`one` that is asked."""

    __slots__ = ()

    def one(self, wanted: Resource) -> Resource | None:
        """One resource as it is now: of what is listed only that is described which speaks of it. None where
        it is not there; raises CellError where that can't be told."""
        listed = list(self._items())
        near = [document for document in listed if _speaks(document, wanted)]
        if not near and listed:
            # Does the list tell ids at all? Else each has to be described.
            text = repr(listed[0])
            found = next(self._describe([dict(listed[0])]), None)
            near = listed if found is None or _tail(found) not in text else []
        for documents in windows(iter(near), WINDOW):
            for resource in self._describe(documents):
                same = resource.id == wanted.id if wanted.id else resource.name == wanted.name
                if same and resource.unread:
                    raise CellError("failed", next(iter(resource.unread.values())))
                if same:
                    return resource
        for failures in self._refused.values():
            raise failures[0]
        return None


def _tail(resource: Resource) -> str:
    """The part of an id that is its own."""
    return re.split(r"[:/|]", str(resource.id or resource.name))[-1]


def _speaks(document: Mapping[str, Any], wanted: Resource) -> bool:
    """Whether what is listed may be of a resource: its id, or its name, stands in it."""
    text = repr(document)
    return _tail(wanted) in text or (wanted.name is not None and wanted.name in text)
