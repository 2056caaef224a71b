"""What of a value could be a secret at all, told from it as a whole; and the form of what is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from drift.facts import NOTHING, PathFacts
from drift.kinds.base import Context
from drift.model import Sensitive
from drift.redaction import variables
from drift.redaction.guess import may_hold_random, says_secret
from drift.redaction.quick import may_hold_secret
from drift.values import children

#: Kinds of texts that are documents, to be looked into.
DOCUMENTS = frozenset({"json", "yaml"})

#: Kinds of texts that may hold a secret, though neither a name nor randomness tells of one there.
_TEXTS = DOCUMENTS | {"base64", "url", "pem", "xml-whitespace", "template-string"}
_GZIP = "H4sI"


def decoded(value: Any, facts: PathFacts) -> Any:
    """A secret in the one spelling of its path's kind, so that two spellings of one secret have one hash."""
    kind = facts.kind
    if not isinstance(value, str | list) or kind is None or kind.phase != "before":
        return value
    return kind.canonical(value, Context(), **facts.params)


def is_secret(value: Any) -> bool:
    """Whether a value is a hidden one, and not something that only looks like it (a tag named
    ``$secret``)."""
    if not (isinstance(value, dict) and len(value) == 1):
        return False
    hidden = value.get("$secret")
    return (
        isinstance(hidden, dict)
        and hidden.keys() == {"key", "hmac"}
        and all(isinstance(text, str) for text in hidden.values())
    )


#: What may be hidden of a value: nothing; environment variables alone; whatever.
NOTHING_THERE, VARIABLES, ALL = range(3)


def look(attributes: Any, facts: PathFacts) -> int:
    """What a fact, name or look could make a secret of it: told from its JSON as a whole, for most of the
    resources, many times faster than by walking it."""
    if _reaches_secret(attributes, facts):
        return ALL
    text = as_json(attributes)
    low = b"" if text is None else text.lower()
    if text is None or may_hold_secret(low) or may_hold_random(text):
        return ALL
    return VARIABLES if variables.may_hold(low) else NOTHING_THERE


def with_names(value: Any, path: Sequence[str]) -> Any:
    """A value with only what stands on a path, with all below it, and the names that say what that is; lists
    and what is not found as wholes.

    >>> with_names({"a": {"name": "x", "value": {"b": 1}, "size": 2}, "c": 3}, ["a", "value"])
    {'a': {'name': 'x', 'value': {'b': 1}}}
    """
    if not path or not isinstance(value, dict) or path[0] not in value:
        return value
    names = {name: value[name] for name, _ in variables.NAMED_VALUES if isinstance(value.get(name), str)}
    return {**names, path[0]: with_names(value[path[0]], path[1:])}


def is_plain(value: Any) -> bool:
    """Whether a value is JSON and nothing else: neither a :class:`Sensitive` nor an :class:`Unresolved` is in
    it."""
    return as_json(value) is not None


def as_json(value: Any) -> bytes | None:
    """A value as JSON; None where it is not plain."""
    try:
        return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    except TypeError:
        return None


def _reaches_secret(value: Any, facts: PathFacts) -> bool:
    """Whether something stands where the facts speak of a secret, or in a text that may be a document with
    such a place."""
    if facts.secret or facts.variables or not facts.holds_secret:
        return facts.secret or facts.variables
    if isinstance(value, dict):
        named, rest, holding = facts.children, facts.any or NOTHING, facts.holding_members
        any_holding = rest.holds_secret
        return any(
            _reaches_secret(item, named.get(key, rest))
            for key, item in value.items()
            if key in holding or (any_holding and key not in named)
        )
    if isinstance(value, list):
        member = facts.member()
        return member.holds_secret and any(_reaches_secret(item, member) for item in value)
    return isinstance(value, str)


def guessable(facts: PathFacts) -> bool:
    return facts is NOTHING or facts.kind is None or facts.kind.free or facts.kind.name in ("string", "tags")


def said_by(value: str, facts: PathFacts) -> bool:
    """Whether a text of a kind says that a secret is in it; what is compressed can't be looked into."""
    if facts.kind is None or facts.kind.name not in _TEXTS or len(value) < 8:
        return False
    if facts.kind.name == "base64":
        value = str(facts.kind.canonical(value, Context(), decode=True))
    return value.startswith(_GZIP) or says_secret(value)


def sensitive_texts(value: Any) -> list[str]:
    """The texts, long enough to be telling, inside values that their source called sensitive."""
    return [] if is_plain(value) else _sensitive_texts(value)


def _sensitive_texts(value: Any) -> list[str]:
    if isinstance(value, Sensitive):
        return [text for text in texts(value.value) if len(text) >= 6]
    return [text for child in children(value) for text in _sensitive_texts(child)]


def texts(value: Any) -> list[str]:
    """Every text at or below a value."""
    if isinstance(value, str):
        return [value]
    return [text for child in children(value) for text in texts(child)]
