"""The line that only machines read, where an Azure DevOps description has no room for it: in a comment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.forge import ForgeError
from forges import texts
from forges.answers import path
from forges.rest import Api

#: So much of it stands in the description; longer ones would leave no room for what people read.
_INLINE = 1_500
#: What a comment takes; Source: its page's own limit.
_MOST = 150_000
STAND_IN = "<!-- drift: what this is known by is kept in a comment -->"
_NOTE = "What drift knows this pull request by; it is written anew when the pull request is updated."


def body(text: str, most: int, forge: str) -> str:
    """A body whose text fits, and whose line for machines is whole, however long."""
    kept, mark = texts.parted(text)
    if len(mark) <= _INLINE:
        return texts.body(text, most, forge)
    if len(mark) + len(_NOTE) + 2 > _MOST:
        raise ForgeError(texts.TOO_MANY.format(forge=forge, length=len(mark), most=_MOST))
    short = texts.body(f"{kept}\n\n{STAND_IN}", most, forge)
    return short.removesuffix(STAND_IN) + mark


def stored(text: str) -> tuple[str, str]:
    """What the description is of such a body, and what the comment; the comment is empty where none is
    needed."""
    kept, mark = texts.parted(text)
    return (text, "") if len(mark) <= _INLINE else (f"{kept}\n\n{STAND_IN}", f"{_NOTE}\n\n{mark}")


class Marks:
    """The comments of pull requests (their listing at ``at``) that hold such lines."""

    def __init__(self, api: Api, at: str) -> None:
        self._api, self._at = api, at

    def whole(self, id: str, description: str) -> str:
        """A description with the line in it, if a comment has it."""
        if not description.rstrip().endswith(STAND_IN):
            return description
        found = self._comment(id)
        _, mark = texts.parted(str(found[1].get("content"))) if found is not None else ("", "")
        return description.rstrip().removesuffix(STAND_IN) + (mark or STAND_IN)

    def keep(self, id: str, content: str) -> None:
        """Writes it down, in the one comment there is for it."""
        if not content:
            return
        found = self._comment(id)
        at = f"{self._at}/{path(id)}/threads"
        if found is None:
            fresh = {"parentCommentId": 0, "content": content, "commentType": "text"}
            self._api.send("POST", at, {"comments": [fresh], "status": "closed"})
        elif not texts.same(str(found[1].get("content")), content):
            thread, comment = found
            self._api.send("PATCH", f"{at}/{thread}/comments/{comment['id']}", {"content": content})

    def _comment(self, id: str) -> tuple[int, Mapping[str, Any]] | None:
        for thread in self._api.get(f"{self._at}/{path(id)}/threads")["value"]:
            for one in thread.get("comments") or ():
                if str(one.get("content") or "").startswith(_NOTE) and not one.get("isDeleted"):
                    return int(thread["id"]), one
        return None
