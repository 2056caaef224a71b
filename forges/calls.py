"""What each call of a forge's contract does besides: an answer of another form is told, each note once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from drift.forge import ForgeError

M = TypeVar("M", bound=Callable[..., Any])


def understood(method: M) -> M:
    """A call whose answer may be of another form than the forge's description has: that is told, too."""

    @functools.wraps(method)
    def call(self: Any, *arguments: Any, **more: Any) -> Any:
        try:
            return method(self, *arguments, **more)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise ForgeError(
                f"{self._called}: its answer about {self._path} is not understood: {type(error).__name__} "
                f"{self._api.hide(str(error))}"
            ) from None

    return cast("M", call)


def each_once(notes: Iterable[str]) -> list[str]:
    """Each note once: what was tried again was noted again."""
    return list(dict.fromkeys(notes))
