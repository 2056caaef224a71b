"""YAML that people write: read with the line of each key, checked by a model, one clear error with file, line
and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from drift import plugins
from drift.config import options
from drift.errors import ConfigError
from drift.redaction import looks_secret, telling
from drift.safe_yaml import YamlError, single
from drift.secrets import settled

Model = TypeVar("Model", bound=BaseModel)


def read(text: str, name: str) -> tuple[Any, Lines]:
    """The data of one YAML document and where its keys stand; ``name`` is how errors call the file.

    Dates are texts: the model reads them, and tells the line of one that is none.
    """
    try:
        document = single(text)
    except YamlError as error:
        raise ConfigError(f"{error.at(name)}: {_advised(str(error))}") from error
    if document.twice is not None:
        place, first, line = document.twice
        key = ".".join(map(str, place))
        raise ConfigError(f"{name}:{line}: {key}: the key is on line {first} already; join the two")
    return document.value, Lines(name, document.lines)


def validate(model: type[Model], data: Any, lines: Lines, base: tuple[Any, ...]) -> Model:
    """The model of what stands at the path ``base``. Raises ConfigError for the first mistake, by line."""
    try:
        return settled(model, data, lines.hidden)
    except ValidationError as error:
        first = min(error.errors(), key=lambda e: lines.line((*base, *e["loc"])) or 10**9)
        place = lines.known((*base, *first["loc"]), missing=first["type"] == "missing")
        key = ".".join(str(part) for part in place)
        if first["type"] == "extra_forbidden":
            known = _keys(model, first["loc"][:-1])
            key_itself = str(first["loc"][-1])
            message = f"unknown key{_elsewhere(key_itself, place) or suggest(key_itself, known)}"
            message += f"; known are {', '.join(known)}" if known else ""
        elif first["type"] == "missing":
            message = "is missing"
        elif first["type"] == "invalid_key" or first["loc"][-1:] == ("[key]",):
            place = (*place, str(first["input"]))
            key, message = ".".join(map(str, place)), "a key is a text; quote it"
        else:
            message = _FORMS.get(first["type"], first["msg"]).removeprefix("Value error, ")
            given = first.get("input")
            if isinstance(given, str) and given in lines.hidden:
                message = f"what is kept elsewhere does not fit here: {_without(message, given)}"
            elif isinstance(given, (str, int, float, bool)) and not _secret(key, given):
                shown = repr(given)
                message += f" (it is {shown if len(shown) <= _SHOWN else f'{shown[:_SHOWN]}…'})"
        places = {
            lines.known((*base, *one["loc"]), missing=one["type"] == "missing") for one in error.errors()
        }
        more = len(places) - 1
        raise ConfigError(
            f"{lines.at(place)}: {key or 'the file'}: {message}" + (f" (and {more} more)" if more else "")
        ) from error


#: What the library says of a mistake → that, and what to do.
_ADVICE = (
    (
        re.compile(r"could not determine a constructor for the tag '(?:tag:yaml\.org,2002:)?(.*)'"),
        r"nothing here knows the tag '\1'; leave it out",
    ),
    (
        re.compile(r"Exceeds the limit .* for integer string conversion.*", re.DOTALL),
        "a number has more digits than any reader takes; quote it",
    ),
)


def _advised(message: str) -> str:
    for said, told in _ADVICE:
        message = said.sub(told, message)
    return message


#: Letters of a value that an error repeats.
_SHOWN = 200
#: What a value is to be, by pydantic's word for the mistake.
_FORMS = {
    "list_type": "is to be a list: [a, b], or a line each that begins with `-`",
    "dict_type": "is to be a mapping: a line `key: value` each",
    "model_type": "is to be a mapping: a line `key: value` each",
    "model_attributes_type": "is to be a mapping: a line `key: value` each",
    "string_type": "is to be a text; quote it if it looks like something else",
    "finite_number": "is to be a number that has an end",
}


def _without(message: str, hidden: str) -> str:
    return message.replace(repr(hidden), "(secret)").replace(hidden, "(secret)") if hidden else message


def _elsewhere(key: str, place: Sequence[Any]) -> str:
    """Where an option of a declared source belongs that is said in another place; empty where it is none."""
    if len(place) > 1 and place[0] not in ("live", "declared"):
        return ""
    known = {name for name, ones in options.known(plugins.sources().values()).items() if ones}
    if options.spelled(key) in known:
        return "; it is an option of a declared entry: say it beside its `path`, or under its `options`"
    if key in plugins.names("sources"):
        return "; it is a source: say `source:` where it must be named, and its options beside `path`"
    return ""


def _secret(key: str, given: Any) -> bool:
    return telling(key) or key == "redaction.key" or looks_secret(key, str(given))


def _keys(model: type[BaseModel], loc: Iterable[Any]) -> list[str]:
    """What a section may say: its fields, or the ``known_keys`` of a model that admits more."""
    current: Any = model
    for part in loc:
        field = current.model_fields.get(str(part))
        if field is None:  # an index, a name of the user's own, a branch of a union
            continue
        current = _model_in(field.annotation)
        if current is None:
            return []
    if not isinstance(current, type) or not issubclass(current, BaseModel):
        return []
    more = getattr(current, "known_keys", None)
    return list(current.model_fields) if more is None else more()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def suggest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class Lines:
    """Where each key of the YAML stands."""

    def __init__(self, name: str, found: Mapping[tuple[Any, ...], int]) -> None:
        self.name = name
        self._found = found
        #: Values that are kept elsewhere and were looked up: no error says one.
        self.hidden: set[str] = set()

    def known(self, path: tuple[Any, ...], *, missing: bool) -> tuple[Any, ...]:
        """The path without what only the validator calls so (``list[str]``, a union's branch)."""
        found: tuple[Any, ...] = ()
        for part in path:
            if (*found, part) in self._found:
                found = (*found, part)
        return (*found, path[-1]) if missing else found

    def line(self, path: tuple[Any, ...]) -> int | None:
        while path and path not in self._found:
            path = path[:-1]
        return self._found.get(path)

    def at(self, path: tuple[Any, ...]) -> str:
        line = self.line(path)
        return f"{self.name}:{line}" if line else self.name
