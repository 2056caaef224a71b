"""What a reference looks like: ``scheme://path#key`` as a whole value, ``${scheme://path#key}`` in a text,
where ``$${`` is ``${`` itself. In a path and a key ``%23`` is ``#`` (:func:`drift.secret.parted`)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

#: What stands in a text for another: an environment variable, or what is kept elsewhere.
_NAMED = r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?"
_ESCAPED = r"(?P<escaped>\$\$\{)"
_VARIABLE = re.compile(rf"{_ESCAPED}|\$\{{{_NAMED}\}}")
_BRACED = re.compile(
    rf"{_ESCAPED}|\$\{{(?:{_NAMED}|(?P<reference>[a-z][a-z0-9+.-]*://(?:\$\{{[A-Za-z_][^}}]*\}}|[^}}])*))\}}"
)
_UNREAD = re.compile(r"\$\{")
#: What was meant to be a variable, as nothing else is written so.
_MEANT = re.compile(r"\$\{[\w-]*(?:\}|\Z)")
_REFERENCE = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class Reference:
    """A secret that is kept elsewhere: the store's scheme, the place there, and the member of what is there;
    all of it where none is named. It has no text for people: where a secret is kept is nobody's to read."""

    scheme: str
    path: str
    key: str | None = None

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.scheme}://{self.path}" + ("" if self.key is None else f"#{self.key}")


Part = str | Reference


def reference(text: str) -> Reference:
    """The reference that a whole text is. Raises ValueError for none."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise ValueError("no reference")
    path, mark, key = found["rest"].rpartition("#")
    return Reference(found["scheme"], path, key) if mark else Reference(found["scheme"], found["rest"])


def parts(
    text: str, variable: Callable[[str, str | None], str], bare: Collection[str] = ()
) -> tuple[Part, ...]:
    """A text of drift.yaml, cut at what it refers to, its environment variables replaced by what ``variable``
    says of name and default. ``bare`` are the schemes that need no braces where the text is a reference and
    nothing else, but for blanks around it, or the default of a variable that is not set.

    Only what the file itself says is a reference: what a variable or a secret says never is one, so that
    whoever may choose a branch's name can't have a file read.
    """
    if _is_one(text.strip(), bare):
        return (_reference(text.strip(), variable),)
    told: list[Part] = []
    at = 0
    for one in _BRACED.finditer(text):
        told.append(text[at : one.start()])
        said = one["reference"]
        if one["escaped"]:
            told.append("${")
        elif said is not None:
            told.append(_reference(said, variable))
        else:
            value, default = variable(one["name"], one["default"]), one["default"]
            told.append(reference(value) if value == default and _is_one(value, bare) else value)
        at = one.end()
    told.append(text[at:])
    if not any(isinstance(one, Reference) for one in told):
        return ("".join(map(str, told)),)
    return tuple(one for one in told if one != "")


#: Keys that hold what is secret: there a text that looks as if it referred to something is a slip, and would
#: be taken by its letters, which Git tells everybody.
_SECRET = frozenset(
    {"credentials", "external_id", "key", "password", "private_key", "secret", "secret_id", "token"}
)
#: A reference in other letters, or with another number of slashes.
_SLIP = re.compile(r"\s*(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)(?P<marks>:/+).*", re.DOTALL)
#: How alike a scheme has to be to one that there is, to be a slip wherever it stands.
_ALIKE = 0.8


def misspelt(text: str, key: str, known: Collection[str]) -> str | None:
    """What is wrong with a text that was meant to refer to something and does not; ``key`` is where it
    stands, ``known`` are the schemes that there are. None for any other text."""
    found = _REFERENCE.fullmatch(text)
    if found is not None and found["scheme"] not in known:
        near = difflib.get_close_matches(found["scheme"], known, 1, _ALIKE)
        if near or key in _SECRET:
            meant = f"; did you mean {near[0]}://?" if near else ""
            return f"there is no secret store {found['scheme']!r}; installed are: {', '.join(known)}{meant}"
    slip = _SLIP.fullmatch(text)
    if slip is not None and slip["scheme"].lower() in known and (key in _SECRET or slip["marks"] == "://"):
        scheme = slip["scheme"].lower()
        if found is None or found["scheme"] != scheme:
            return f"is no reference as it is written; did you mean {scheme}://?"
    if (_UNREAD if key in _SECRET else _MEANT).search(_BRACED.sub("", text)):
        return (
            "`${` begins no variable here: write ${NAME}, of letters, digits and _, or ${scheme://path#key}; "
            "where it means itself, $${"
        )
    return None


def _is_one(text: str, schemes: Collection[str]) -> bool:
    """Whether a text is a reference to one of these."""
    found = _REFERENCE.fullmatch(text)
    return found is not None and found["scheme"] in schemes


def _reference(text: str, variable: Callable[[str, str | None], str]) -> Reference:
    """A reference in which variables may stand."""

    def read(one: re.Match[str]) -> str:
        return "${" if one["escaped"] else variable(one["name"], one["default"])

    return reference(_VARIABLE.sub(read, text))
