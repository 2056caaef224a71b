"""What a kind is: one pure function from a value to its canonical form, the same for the declared and the
live side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: A JSON value in canonical form: scalars, lists (ordered), dicts, :class:`Keyed` and :class:`Unordered`.
Canonical = Any


class Keyed(dict[str, Any]):
    """A list of objects (or a map) that owns its members, by their key: what is added to it is a change."""

    __slots__ = ()


class Ordered(Keyed):
    """A keyed list in which the order of the members that both sides have counts, too."""

    __slots__ = ()


class Unordered(dict[str, Any]):
    """A set in canonical form: each member under its own canonical JSON, so that order and repetition do not
    count."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Context:
    """Where a value stands: all that a kind may know besides the value.

    ``scope`` is the account, subscription, project or cluster; ``data`` is the snapshot's context of this
    provider (what comparison learnt live: project numbers, OpenAPI list-map keys, canonical users, …), plain
    JSON. ``id`` is the live resource's own, known to ``admits`` and ``align`` alone.
    """

    provider: str = ""
    scope: str = ""
    region: str | None = None
    type: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way of bringing a value to canonical form.

    ``canonical(value, context, **params)`` must be pure and idempotent, must give equal results for values
    that mean the same and different ones for values that do not, and must return a value that it does not
    understand unchanged (it never raises: a live answer can hold anything). ``params`` come from the type
    facts (``{kind: keyed-list, key: Key}``).

    ``phase`` tells when it is asked: ``before`` its children are canonicalised (a decoder, such as ``json``:
    its result's members are then looked at with the facts below the path) or ``after`` (a collection, such as
    ``set``, that needs its members canonical first).

    ``admits(declared, live, context, **params)`` is asked only where the canonical forms differ, for
    equalities that have a direction (``8.0`` declared admits ``8.0.45`` live, not the other way round).

    ``align(declared, live)`` is asked of two objects that differ: the live one with its members under the
    declared names, where these differ in what does not count.

    ``free`` says that a value may be any text, so that secrets are looked for in it by name and look.

    ``settle(value, **params)`` takes away, cheaply, the order or the spelling that the kind does not count
    and nothing else: values that are equal then have equal canonical forms. It sees raw plain JSON whose
    members are settled already (orjson Fragments among them), and returns what it does not understand
    unchanged.

    ``memberwise`` says of a kind of the phase ``before`` that it only renames or moves an object's members:
    objects whose members mean the same have equal canonical forms.

    ``present`` says that to be there counts by itself: ``{}``, ``""`` and ``false`` are not absence.

    ``by`` is of a kind that makes a map of a list, and names each member by nothing but what stands in it
    under the names that this parameter gives.
    """

    name: str
    canonical: Callable[..., Canonical]
    phase: str = "before"
    admits: Callable[..., bool] | None = None
    align: Callable[[Any, Any], Any] | None = None
    free: bool = False
    settle: Callable[..., Any] | None = None
    memberwise: bool = False
    present: bool = False
    by: str = ""
