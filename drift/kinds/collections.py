"""Collections whose order does not count (``set``) and whose members have names (``keyed-list``, ``map``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind, Unordered
from drift.kinds.text import canonical_text, in_any_order, plain_numbers


def unordered(members: Iterable[Any]) -> Unordered | None:
    """``members`` as a set; None where one of them can't be told from the others (it is not JSON)."""
    found = Unordered()
    for member in members:
        text = canonical_text(member)
        if text is None:
            return None
        found[text] = member
    return Unordered((text, plain_numbers(found[text])) for text in sorted(found))


def by_label(
    labelled: Iterable[tuple[str, Any]], single: Callable[[str, Any], Any] = lambda _, member: member
) -> Keyed | None:
    """Members under their labels; None where a label is not unique and its members can't be told apart.

    Nothing is lost when a label is not unique: of its different members the first in canonical order has the
    label, the others ``label#2``, ``label#3``, … The same member twice is one member. ``single(label,
    member)`` gives what stands for a member that has its label alone.
    """
    labelled = list(labelled)
    only = dict(labelled)
    if len(only) == len(labelled):
        return Keyed((label, single(label, only[label])) for label in sorted(only))
    groups: dict[str, list[Any]] = defaultdict(list)
    for label, member in labelled:
        groups[label].append(member)
    keyed = Keyed()
    for label in sorted(groups):
        members = groups[label]
        if len(members) > 1:
            distinct = unordered(members)
            if distinct is None:
                return None
            members = list(distinct.values())
        if len(members) == 1:
            keyed[label] = single(label, members[0])
            continue
        keyed[label] = members[0]
        number = 1
        for member in members[1:]:
            number += 1
            while f"{label}#{number}" in groups:
                number += 1
            keyed[f"{label}#{number}"] = member
    return keyed


def _set(value: Any, context: Context, *, scalar: bool = False) -> Canonical:
    """A list whose order and repetitions do not count. With ``scalar``, ``"a"`` ≡ ``["a"]``.

    >>> _set(["b", "a", "b"], Context())
    {'"a"': 'a', '"b"': 'b'}
    """
    if scalar and isinstance(value, (str, int, float, bool)):
        value = [value]
    if not isinstance(value, list):
        return value
    members = unordered(value)
    return value if members is None else members


def _keyed_list(
    given: Any,
    context: Context,
    /,
    *,
    key: str | Sequence[str],
    value: str | None = None,
    drop_prefix: Sequence[str] = (),
) -> Canonical:
    """A list of objects as a map by the member(s) ``key`` (several are joined by ``|``), owning its members.

    With ``value`` the member of that name is the entry's value (``{Key: a, Value: b}`` → ``a: b``), and a
    plain map is taken as already keyed. Entries whose key starts with one of ``drop_prefix`` are left out.

    An entry with more than key and value, with a key that is not unique, or without a key stays whole, so
    that different lists stay different.
    """
    if isinstance(given, (Keyed, Unordered)):
        return given
    if isinstance(given, dict):
        return given if value is None else _map(given, context, drop_prefix=drop_prefix)
    if not isinstance(given, list):
        return given
    names = [key] if isinstance(key, str) else list(key)
    labelled: list[tuple[str, Any]] = []
    for member in given:
        label = _label(member, names)
        if label is None:
            label = canonical_text(member)
            if label is None:
                return given
        elif _dropped(label, drop_prefix):
            continue
        labelled.append((label, member))
    entry = {*names, value}

    def single(label: str, member: Any) -> Any:
        whole = value is None or not isinstance(member, dict) or member.keys() != entry
        return member if whole else member[value]

    keyed = by_label(labelled, single)
    return given if keyed is None else keyed


def _map(value: Any, context: Context, *, drop_prefix: Sequence[str] = ()) -> Canonical:
    """A map that owns its members: one that is added to it is a change."""
    if not isinstance(value, dict) or isinstance(value, (Keyed, Unordered)):
        return value
    if not all(isinstance(name, str) for name in value):
        return value
    return Keyed((name, value[name]) for name in sorted(value) if not _dropped(name, drop_prefix))


def _list(value: Any, context: Context, *, scalar: bool = True) -> Canonical:
    """A list whose order counts; with ``scalar`` (as usual for it), ``"a"`` ≡ ``["a"]``."""
    return [value] if scalar and isinstance(value, (str, int, float, bool)) else value


def _label(member: Any, names: Sequence[str]) -> str | None:
    """The entry's key; None where it has none. Parts are escaped where they are joined, so that keys stay
    different; those at the end that it does not have are left out."""
    if type(member) is not dict and not isinstance(member, Mapping):  # what ABCs are asked takes long
        return None
    parts = [member.get(name) for name in names]
    if all(part is None for part in parts):
        return None
    texts = [_part(part) for part in parts]
    if any(text is None for text in texts):
        return None
    if len(texts) == 1:
        return texts[0]
    while len(texts) > 1 and not texts[-1]:
        texts.pop()
    return "|".join((text or "").replace("\\", "\\\\").replace("|", "\\|") for text in texts)


def _part(part: Any) -> str | None:
    if part is None:
        return ""
    if isinstance(part, str):
        return part
    return canonical_text(part) if isinstance(part, (int, float)) else None


def _dropped(label: str, prefixes: Sequence[str]) -> bool:
    return bool(prefixes) and label.startswith(tuple(prefixes))


SET = Kind("set", _set, phase="after", settle=in_any_order)
KEYED_LIST = Kind("keyed-list", _keyed_list, phase="after", settle=in_any_order, by="key")
MAP = Kind("map", _map, phase="after")
LIST = Kind("list", _list, phase="before")
