"""Documents that travel as text: JSON and YAML compare parsed, XML without its indentation."""

from __future__ import annotations

import json
import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.text import plain_numbers
from drift.safe_yaml import YamlError, load

_XML_VERBATIM = re.compile(r"(<!\[CDATA\[.*?\]\]>|<!--.*?-->)", re.DOTALL)


def parse_json(text: str) -> Any:
    """The document in ``text``. Raises ValueError, also where a reader could understand it in two ways.

    A name that occurs twice in an object is such a case: which one counts differs from parser to parser.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite_number
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _json(value: Any, context: Context) -> Canonical:
    """A string that holds a JSON object or array, parsed; everything else as it is.

    A string that holds a JSON scalar stays a string, so that the result means the same when it is read again.

    >>> _json('{"a": 1.0}', Context())
    {'a': 1}
    """
    if isinstance(value, str):
        try:
            found = parse_json(value)
        except ValueError:
            return value
        if not isinstance(found, (dict, list)):
            return value
        value = found
    return _plain(value)


def _yaml(value: Any, context: Context) -> Canonical:
    """A string that holds one YAML mapping or sequence, parsed; everything else, and any use of aliases, as
    it is."""
    if isinstance(value, str):
        try:
            found = load(value, dates=True, aliases=False)
        except YamlError:
            return value
        if not isinstance(found, (dict, list)) or not _has_plain_names(found):
            return value
        value = found
    return _plain(value)


def _xml_whitespace(value: Any, context: Context) -> Canonical:
    """XML text without the white space that stands alone between tags.

    Source: services re-indent documents (API Management policies). Text, CDATA, comments and documents that
    ask for ``xml:space="preserve"`` keep theirs.
    """
    if not isinstance(value, str) or "xml:space" in value:
        return value
    text = value.strip()
    if not (text.startswith("<") and text.endswith(">")):
        return value
    parts = _XML_VERBATIM.split(text)
    parts[::2] = [re.sub(r"(^|>)\s+(?=<|$)", r"\1", part) for part in parts[::2]]
    return "".join(parts)


def _plain(value: Any) -> Any:
    try:
        return plain_numbers(value)
    except RecursionError:
        return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _finite_number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large")
    return number


def _has_plain_names(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and _has_plain_names(member) for name, member in value.items())
    if isinstance(value, list):
        return all(_has_plain_names(member) for member in value)
    return value is None or isinstance(value, (str, int, float, bool))


JSON = Kind("json", _json)
YAML = Kind("yaml", _yaml)
XML_WHITESPACE = Kind("xml-whitespace", _xml_whitespace)
