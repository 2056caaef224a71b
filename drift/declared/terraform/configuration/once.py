"""Values that are made when somebody asks for them, once; what needs itself is a cycle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drift.declared.terraform.configuration.values import Failure
from drift.model import MISSING

_MAKING = object()


class Once:
    """Values by kind and name."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Any] = {}

    def get(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        """Raises Failure as ``make`` does, each time, and where the value needs itself."""
        place = (kind, name)
        found = self._values.get(place, MISSING)
        if found is _MAKING:
            raise Failure(f"{kind}.{name} needs itself")
        if found is MISSING:
            self._values[place] = _MAKING
            try:
                found = make()
            except Failure as error:
                found = error
            except BaseException:
                del self._values[place]
                raise
            self._values[place] = found
        if isinstance(found, Failure):
            raise found
        return found
