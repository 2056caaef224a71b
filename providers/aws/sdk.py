"""Parts of the SDK that it makes anew for each client and each call though they come out the same: what an
event is called, who hears of it, and the user agent; and moments, which it reads slowly."""

from __future__ import annotations

import copy
import re
from datetime import datetime
from functools import cache
from typing import Any

from botocore.context import get_context
from botocore.hooks import (  # type: ignore[attr-defined]
    EventAliaser,
    HierarchicalEmitter,
    NodeList,
    _PrefixTrie,
)
from botocore.useragent import UserAgentString
from botocore.utils import EVENT_ALIASES, parse_timestamp

_BOTOCORE: Any = EventAliaser  # what of it is needed is private
#: As botocore's own, of which each client makes a copy that has to look again for every name.
_NAMES = _BOTOCORE(None)


@cache
def _name(event: str) -> str:
    name: str = _NAMES._alias_event_name(event)  # noqa: SLF001
    return name


class Events(EventAliaser):
    """Calls each event by the name that it has today, which is looked for once a process."""

    _emitter: Any
    _event_aliases: Any

    def _alias_event_name(self, event_name: str) -> str:
        if self._event_aliases is EVENT_ALIASES:
            return _name(event_name)
        return str(_BOTOCORE._alias_event_name(self, event_name))

    def __copy__(self) -> Events:
        return type(self)(copy.copy(self._emitter), self._event_aliases)


class Hearers(HierarchicalEmitter):
    """Who hears of events; a copy costs nothing until somebody registers there."""

    def __init__(self) -> None:
        super().__init__()
        self._handlers = _Shared()

    def _verify_accept_kwargs(self, func: Any) -> None:
        """Looked at by nobody: to look takes longer than all else, and who takes no keywords fails when he is
        called."""


class _Shared(_PrefixTrie):  # type: ignore[misc]
    """A trie whose copies share all that none of them has changed."""

    _root: dict[str, Any]

    def append_item(self, key: str, value: Any, section: int = 1) -> None:
        node = self._root = {**self._root}
        for part in key.split("."):
            children = node["children"] = {**node["children"]}
            found = children.get(part)
            node = children[part] = (
                {"chunk": part, "values": None, "children": {}} if found is None else {**found}
            )
        values = node["values"]
        node["values"] = NodeList([], [], []) if values is None else copy.copy(values)
        node["values"][section].append(value)

    def remove_item(self, key: str, value: Any) -> None:
        self._root = self._recursive_copy(self._root)
        super().remove_item(key, value)

    def __copy__(self) -> _Shared:
        made = type(self)()
        made._root = self._root
        return made


#: How nearly all services write a moment.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)


def moment(value: Any) -> datetime:
    """A moment of an answer, as botocore's ``parse_timestamp`` gives it, which tries all forms that people
    write. Raises ValueError."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    found: datetime = parse_timestamp(value)
    return found


class UserAgent(UserAgentString):
    """Says who asks; put together once for each set of features that a request uses."""

    _client_features: set[str] | None
    _told: dict[tuple[frozenset[str], frozenset[str]], str]

    def with_client_config(self, client_config: Any) -> UserAgent:
        made: UserAgent = super().with_client_config(client_config)
        made._told = {}
        return made

    def to_string(self) -> str:
        context = get_context()
        key = frozenset(context.features if context else ()), frozenset(self._client_features or ())
        if key not in self._told:
            self._told[key] = super().to_string()
        return self._told[key]
