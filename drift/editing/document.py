"""What an editor may do to a document of any language whose values are objects, lists and scalars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

#: A key of an object, or an index of a list.
Step = str | int
Self = TypeVar("Self", bound="Document")


class Document(Protocol):
    """A text and what it means. It never changes: each operation gives the one that it becomes, and raises
    NotEdited where steps lead nowhere, or where it can't surely be done."""

    @property
    def content(self) -> bytes: ...

    def has(self, steps: Sequence[Step]) -> bool:
        """Whether anything stands where steps lead."""
        ...

    def line(self, steps: Sequence[Step]) -> int | None:
        """The line (from 1) on which it begins."""
        ...

    def put(self: Self, steps: Sequence[Step], value: Any) -> Self:
        """Another value in a value's place."""
        ...

    def add(self: Self, steps: Sequence[Step], name: str, value: Any, at: int | None = None) -> Self:
        """A member more in an object; ``at``: before the one at this place, else where the file's order has
        it."""
        ...

    def insert(self: Self, steps: Sequence[Step], at: int, value: Any) -> Self:
        """A member more in a list, before the one at ``at``."""
        ...

    def remove(self: Self, steps: Sequence[Step]) -> Self:
        """Without a member of an object or list, and without the comment that is its own."""
        ...
