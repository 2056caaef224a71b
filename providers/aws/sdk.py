"""Parts of the SDK that it makes anew for each client and each call though they come out the same: what an
event is called, who hears of it, and the user agent; and moments, which it reads slowly.

They stand on parts of botocore that are private: where one lacks them, its own are used (:class:`Session`).
"""

from __future__ import annotations

import copy
import re
from datetime import datetime
from functools import cache
from typing import Any

import botocore.context
import botocore.hooks
import botocore.session
import botocore.useragent
import botocore.utils
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.utils import parse_timestamp

_BOTOCORE: Any = EventAliaser  # what of it is needed is private
_TRIE: Any = getattr(botocore.hooks, "_PrefixTrie", object)
_NODES: Any = getattr(botocore.hooks, "NodeList", None)
_ALIASES: Any = getattr(botocore.utils, "EVENT_ALIASES", None)
_CONTEXT: Any = getattr(botocore.context, "get_context", None)
_AGENT: Any = getattr(botocore.useragent, "UserAgentString", object)


@cache
def _name(event: str) -> str:
    # As botocore's own, of which each client makes a copy that has to look again for every name.
    name: str = _BOTOCORE(None)._alias_event_name(event)  # noqa: SLF001
    return name


class Events(EventAliaser):
    """Calls each event by the name that it has today, which is looked for once a process."""

    _emitter: Any
    _event_aliases: Any

    def _alias_event_name(self, event_name: str) -> str:
        if self._event_aliases is _ALIASES:
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


class _Shared(_TRIE):  # type: ignore[misc]
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
        node["values"] = _NODES([], [], []) if values is None else copy.copy(values)
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


class UserAgent(_AGENT):  # type: ignore[misc]
    """Says who asks; put together once for each set of features that a request uses."""

    _client_features: set[str] | None
    _told: dict[tuple[frozenset[str], frozenset[str]], str]

    def with_client_config(self, client_config: Any) -> UserAgent:
        made: UserAgent = super().with_client_config(client_config)
        made._told = {}
        return made

    def to_string(self) -> str:
        context = _CONTEXT()
        key = frozenset(context.features if context else ()), frozenset(self._client_features or ())
        if key not in self._told:
            self._told[key] = super().to_string()
        return self._told[key]


def _has_events() -> bool:
    """Whether this botocore has all that :class:`Events` and :class:`Hearers` stand on."""
    named = (_BOTOCORE, "_alias_event_name"), (_TRIE, "_recursive_copy"), (_TRIE, "remove_item")
    if _NODES is None or _ALIASES is None or not all(hasattr(*one) for one in named):
        return False
    emitter: Any = HierarchicalEmitter()
    aliaser: Any = EventAliaser(emitter)
    own = hasattr(botocore.session.Session, "_register_builtin_handlers")
    held = isinstance(getattr(emitter, "_handlers", None), _TRIE) and hasattr(_TRIE(), "_root")
    return own and held and hasattr(aliaser, "_emitter") and hasattr(aliaser, "_event_aliases")


def _has_agent() -> bool:
    """Whether this botocore has all that :class:`UserAgent` stands on."""
    named = "from_environment", "with_client_config", "to_string"
    if _CONTEXT is None or not all(hasattr(_AGENT, one) for one in named):
        return False
    return hasattr(_AGENT.from_environment(), "_client_features")


_EVENTS, _OWN_AGENT = _has_events(), _has_agent()


class Session(botocore.session.Session):
    """botocore's session with these parts, as far as they can stand in this botocore."""

    def __init__(self, **said: Any) -> None:
        own: Any = self  # of which the stubs do not know all
        if _EVENTS:
            hearers = Hearers()
            super().__init__(event_hooks=hearers, include_builtin_handlers=False, **said)
            own._events = Events(hearers)
            self.register_component("event_emitter", own._events)
            own._register_builtin_handlers(own._events)
        else:
            super().__init__(**said)
        self.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment)

    def _register_user_agent_creator(self) -> None:
        if _OWN_AGENT:
            self.register_component("user_agent_creator", UserAgent.from_environment())
        else:
            botocore: Any = super()
            botocore._register_user_agent_creator()  # noqa: SLF001
