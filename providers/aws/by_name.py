"""Tells by their names what a resource says of which only existence is read: ``bgp_asn`` of Terraform's is
``BgpAsn`` of the type's schema, and of what lists it.

Each is a guess: it counts where it is live as it is declared, and else can't be verified. What may hold a
secret is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drift.model import Unresolved
from drift.terraform_schemas import Attribute

#: Names of what may hold a secret, or a document that says more than a value.
_LEFT = re.compile(
    r"password|secret|token|credential|userdata|certificate(body|chain)|privatekey|environment|definition|"
    r"document|body|policy$|script(?!ion)|template|command|argument|header",
    re.I,
)
REASON = "guessed by its name"


def listed(names: Iterable[str]) -> dict[str, Callable[[Any], Any]]:
    """What a listed resource says by a property's name, in either spelling, where that is a plain value or a
    list of such."""
    return {name: _reader(name) for name in names if not _LEFT.search(name)}


def _reader(name: str) -> Callable[[Any], Any]:
    other = name[:1].lower() + name[1:]

    def read(document: Any) -> Any:
        found = document.get(name, document.get(other)) if isinstance(document, Mapping) else None
        return found if _plain(found) else None

    return read


def guesses(
    names: Iterable[str], attributes: Mapping[str, Any], schema: Mapping[str, Attribute], id: str | None
) -> dict[str, Any]:
    """The properties that arguments of Terraform's may say by their names, each as a guess, but for those
    that the ``id`` says."""
    identity = {id, *re.split(r"[/|:]", id or "")}
    known = {_letters(name): name for name in names if not _LEFT.search(name)}
    found: dict[str, Any] = {}
    for name, value in attributes.items():
        argument = schema.get(name)
        spelled = known.get(_letters(name))
        if spelled is None or argument is None or argument.mode == "computed" or argument.sensitive:
            continue
        if _plain(value) and value not in ("", []) and not (isinstance(value, str) and value in identity):
            found[spelled] = Unresolved(REASON, value)
    return found


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str | int | float) for one in value)
    return isinstance(value, str | int | float)
