"""Why cells could not be read, with reasons that differ by nothing but their type, its call or what that asks
for as one."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: A call as clouds name it in what they answer (``sqs:ListQueues``).
_CALL = re.compile(r"\b[a-z][a-z0-9-]*:[A-Z]\w+")
_RESOURCE = re.compile(r"(?<=on resource: )\S+")
#: Stand for a type, a call and what is asked for.
_TYPE, _CALLED, _ASKED = "\0", "\1", "\2"
_ELLIPSIS = "…"
_MOST = 3


def form(message: str, type_: str) -> str:
    """What a reason has in common with those of other types: the type's name, calls and what they ask for
    left open."""
    open_ = message.replace(type_, _TYPE) if type_ else message
    return _RESOURCE.sub(_ASKED, _CALL.sub(_CALLED, open_))


def together(messages: Iterable[str], form_: str) -> str:
    """One sentence for reasons of one form: the reason itself where they are the same, else with the calls
    that it names, once, and an ellipsis for all else that differs."""
    several = sorted(set(messages))
    if len(several) == 1:
        return several[0]
    calls = sorted({found[0] for one in several if (found := _CALL.search(one))})
    more = f" and {len(calls) - _MOST} more" if len(calls) > _MOST else ""
    said = form_.replace(_CALLED, ", ".join(calls[:_MOST]) + more, 1)
    return re.sub(f"[{_TYPE}{_CALLED}{_ASKED}]", _ELLIPSIS, said)
