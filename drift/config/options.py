"""Holds what an entry says to the options of the sources that read it: known by name, of the right form."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drift.contract import ContractError
from drift.errors import ConfigError
from drift.source import Option, Source

#: What every entry may say, whichever source reads it.
GENERAL = ("scope", "region")
#: The form of an option → what people are told of it, and its JSON Schema.
_FORMS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "text": ("text", {"type": "string"}),
    "path": ("a path", {"type": "string"}),
    "mapping": ("a mapping of names to values", {"type": "object"}),
    "list": ("a list", {"type": "array"}),
    "flag": ("true or false", {"type": "boolean"}),
}


def known(sources: Iterable[Source]) -> dict[str, list[Option]]:
    """Every option of some sources under one name (``-`` and ``_`` are the same): what each says of it."""
    found: dict[str, list[Option]] = {}
    for source in sources:
        for one in source.options:
            if not isinstance(one, Option) or not set(one.takes) <= set(_FORMS):
                raise ContractError(
                    f"the source {source.name!r}: options: expected Option(NAME, DESCRIPTION, (FORM, …)) "
                    f"with forms of {', '.join(_FORMS)}, got {one!r}"
                )
            found.setdefault(spelled(one.name), []).append(one)
    return found


def spelled(name: str) -> str:
    """The one spelling of a name."""
    return name.replace("_", "-")


def checked(
    said: Mapping[str, Any], sources: Iterable[Source], where: Callable[[str], str]
) -> dict[str, Any]:
    """What is said, under the names that the sources know it by; null says nothing.

    Several sources may read one entry: each takes what it knows, and what none of them knows is refused.
    ``where`` tells people where one of the options stands.

    Raises:
        ConfigError: an option is not known, is said twice, or has another form.
    """
    sources = list(sources)
    options = {**{name: [Option(name, "")] for name in GENERAL}, **known(sources)}
    found: dict[str, Any] = {}
    for name, value in said.items():
        ones = options.get(spelled(name))
        if ones is None:
            readers = " and ".join(one.name for one in sources)
            know = "knows" if len(sources) == 1 else "know"
            raise ConfigError(f"{where(name)}: {readers} {know} no option {name!r}{_known(name, options)}")
        own = ones[0].name
        if own in found:
            raise ConfigError(f"{where(name)}: option {own!r} is said twice; join the two")
        forms = tuple(dict.fromkeys(form for one in ones for form in one.takes))
        if value is None:
            continue
        if not any(_fits(value, form) for form in forms):
            expected = " or ".join(_FORMS[form][0] for form in forms)
            raise ConfigError(
                f"{where(name)}: option {name!r} must be {expected}, not {_shown(value, forms)}"
            )
        found[own] = value
    return found


def schema(sources: Iterable[Source]) -> dict[str, Any]:
    """The JSON Schema of the options of some sources: members of an entry."""
    found: dict[str, Any] = {}
    for ones in known(sources).values():
        forms = [_FORMS[form][1] for form in dict.fromkeys(form for one in ones for form in one.takes)]
        forms = [form for at, form in enumerate(forms) if form not in forms[:at]]
        found[ones[0].name] = {
            "anyOf": [*forms, {"type": "null"}],
            "default": None,
            "description": " ".join(dict.fromkeys(one.description for one in ones)),
        }
    return found


def _known(name: str, options: Mapping[str, list[Option]]) -> str:
    names = sorted(ones[0].name for ones in options.values())
    close = difflib.get_close_matches(name, names, n=1)
    return (f"; did you mean {close[0]!r}?" if close else "") + f"; known are {', '.join(names)}"


def _fits(value: Any, form: str) -> bool:
    if form in ("text", "path"):
        return isinstance(value, str) and bool(value)
    if form == "mapping":
        return isinstance(value, dict) and all(isinstance(key, str) for key in value)
    return isinstance(value, list if form == "list" else bool)


def _shown(value: Any, forms: Iterable[str]) -> str:
    """A value of another form, as people wrote it; of what holds others only the form: they may be secret."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value!r}{'; quote it' if number and 'text' in forms else ''}"
