"""The functions of Go's templates, of sprig, and Argo CD's own, by name.

Source: pkg.go.dev/text/template, "Functions"; masterminds.github.io/sprig; argo-cd, GoTemplate.md.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from providers.kubernetes.engines.gotemplate.values import TemplateError, inner, kind

#: What each letter of a signature takes. ``*`` behind one: any number of them.
_TAKES: Final = {"s": "string", "i": "int", "m": "map", "l": "slice", "b": "bool"}
_ARTICLES: Final = {
    "string": "a text",
    "int": "a whole number",
    "map": "a map",
    "slice": "a list",
    "bool": "a switch",
}
_KNOWN: Final[dict[str, tuple[str, Callable[..., Any]]]] = {}
_MODULES: Final = ("texts", "collections", "numbers", "encodings")


class Unknown(TemplateError):
    """A function that is not known here."""


def function(name: str, takes: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Notes a function. ``takes`` has a letter for each argument: of :data:`_TAKES`, or ``a`` for any."""

    def note(made: Callable[..., Any]) -> Callable[..., Any]:
        _KNOWN[name] = (takes, made)
        return made

    return note


def call(name: str, arguments: list[Any]) -> Any:
    """What a function gives. Raises TemplateError; Unknown for one that is not known."""
    if name not in _KNOWN:
        for module in _MODULES:
            import_module(f"providers.kubernetes.engines.gotemplate.{module}")
    if name not in _KNOWN:
        raise Unknown(f"the function {name} is not known")
    takes, made = _KNOWN[name]
    _check(name, takes, arguments)
    try:
        return made(*arguments)
    except TemplateError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, ZeroDivisionError) as error:
        raise TemplateError(f"{name}: {error}") from error


def _check(name: str, takes: str, arguments: list[Any]) -> None:
    several = takes.endswith("*")
    letters = takes[:-2] if several else takes
    if len(arguments) < len(letters) or (not several and len(arguments) > len(letters)):
        raise TemplateError(f"{name} takes {len(letters)} arguments, not {len(arguments)}")
    whole = letters + takes[-2:-1] * (len(arguments) - len(letters))
    for letter, one in zip(whole, arguments, strict=True):
        wanted = _TAKES.get(letter)
        if wanted is not None and kind(one) != wanted:
            raise TemplateError(f"{name} takes {_ARTICLES[wanted]}, not {inner(one)[:50]!r}")
