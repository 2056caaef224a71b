"""One side of a pair as it was read: a canonical path is walked through its raw attributes along the facts.

Where a list has become a set or a map, each of its members is brought to canonical form alone, which tells by
what name it stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from drift.compare.canonical import canonicalise
from drift.compare.here import Form, Here, Within, as_named, put_at, under
from drift.compare.readable import holds_secret, readable
from drift.facts import PathFacts
from drift.kinds.base import Context, Keyed, Unordered
from drift.kinds.documents import parse_json
from drift.kinds.text import canonical_text
from drift.model import MISSING
from drift.values import children, is_empty, same

#: Lists of more members are not looked through one by one.
_MANY = 2000


@dataclass
class Side:
    """One side of a pair, as it was read."""

    attributes: dict[str, Any]
    facts: PathFacts
    context: Context
    _forms: dict[tuple[int, int], tuple[list[Any], Any]] = field(default_factory=dict)
    _names: dict[tuple[int, int], tuple[list[Any], Any]] = field(default_factory=dict)

    @cached_property
    def form(self) -> Form:
        """Its canonical form, from the top."""
        return Form(self.attributes, self.facts, self.context)

    def raw(self, way: Sequence[str], told: Any) -> Any:
        """The raw value of ``told``, what a change says of this side at the end of a way."""
        if told is MISSING:
            return MISSING
        walked = self.walked(way)
        if len(walked) <= len(way):
            return told
        found = readable(self._shown(walked[-1], told))
        if found is MISSING or is_empty(found) > is_empty(told) or holds_secret(found):
            return told
        return [found] if isinstance(told, list) and not isinstance(found, list) else found

    def walked(self, way: Sequence[str]) -> list[Here]:
        """What stands at each place of a way, from the top as far as this side goes."""
        found = [Here(self.attributes, self.facts)]
        for place, name in enumerate(way):
            there = self._step(found[-1], name, way[:place])
            if there is None:
                break
            found.append(there)
        return found

    def members(self, here: Here, told: Iterable[Any]) -> list[int] | None:
        """Where in a list that is a set the members stand that a change tells of; None where it is none, or
        where one of its members means something else as well."""
        here = self._opened(here)
        if not isinstance(here.value, list) or len(here.value) > _MANY:
            return None
        forms = [self._form(here, place) for place in range(len(here.value))]
        if not all(isinstance(form, Unordered) for form in forms):
            return None
        wanted = {canonical_text(one) for one in told}
        found = []
        for place, form in enumerate(forms):
            mine = {canonical_text(readable(one)) for one in children(form)}
            if mine & wanted:
                if not mine <= wanted:
                    return None
                found.append(place)
        return found

    def _step(self, here: Here, name: str, way: Sequence[str]) -> Here | None:
        here = self._opened(here)
        value, below = here.value, here.facts.child(name)
        if isinstance(value, dict):
            key = _called(name, value)
            if key is None:
                return None
            return here.member(key, value[key], below, tuple(one.down(key, name) for one in here.within))
        if not isinstance(value, list):
            return None
        places = self._places(here, name)
        if places is None:
            return self._by_place(here, name, below)
        members = [value[place] for place in places]
        if places and isinstance(under(self._form_named(here, places[0]), name), Unordered):
            within = tuple(replace(one, names=[*one.names, name]) for one in here.within)
            return replace(here, value=members, facts=below, within=within)
        if places and len(members) == 1:
            alone = tuple(one.alone(members[0], name) for one in here.within)
            return here.member(places[0], members[0], below, alone)
        return self._twin(here, name, way, below)

    def _opened(self, here: Here) -> Here:
        """A text that holds a document as the document; the list of one document as this one."""
        within = here.within
        if here.facts.kind is not None:
            within = (*within, Within(here.value, here.facts, self.context))
        value = _opened(here.value)
        if value is not here.value:
            within = tuple(replace(one, value=put_at(one.value, one.keys, value)) for one in within)
        return replace(here, value=value, within=within)

    def _by_place(self, here: Here, name: str, below: PathFacts) -> Here | None:
        value = here.value
        if not name.isdecimal():
            if len(value) == 1 and isinstance(_opened(value[0]), dict):  # the list of one document
                within = tuple(replace(one, keys=[*one.keys, 0]) for one in here.within)
                return self._step(here.member(0, value[0], here.facts, within), name, ())
            return None
        said = [(place, one) for place, one in enumerate(value) if one is not None]
        if int(name) >= len(said):
            return None
        place, member = said[int(name)]
        return here.member(place, member, below, tuple(one.down(place, name) for one in here.within))

    def _places(self, here: Here, name: str) -> list[int] | None:
        """Where the members of a list stand that have a name in its form; None where it stays a list."""
        if not here.value or len(here.value) > _MANY:
            return None
        if not isinstance(self._form_named(here, 0), (Keyed, Unordered)):
            return None
        return [place for place in range(len(here.value)) if name in (self._form_named(here, place) or ())]

    def _form_named(self, here: Here, place: int) -> Any:
        """:meth:`_form` as far as names are asked for: where a kind names members as they were read, theirs
        need no canonical form."""
        key = id(here.value), place
        known = self._forms.get(key) or self._names.get(key)
        if known is not None:
            return known[1]
        form = as_named(here, place)
        if form is None:
            return self._form(here, place)
        self._names[key] = here.value, form
        return form

    def _form(self, here: Here, place: int) -> Any:
        """The form of a list that has one of its members alone; of the nearest value of some kind that makes
        a map or a set of it."""
        known = self._forms.get((id(here.value), place))
        if known is not None:
            return known[1]
        form: Any = None
        for one in reversed(here.within):
            form = one.form([here.value[place]])
            if isinstance(form, (Keyed, Unordered)):
                break
        self._forms[id(here.value), place] = here.value, form
        return form

    def _twin(self, here: Here, name: str, way: Sequence[str], below: PathFacts) -> Here | None:
        """Of members that share a name the one that has the form which stands there."""
        target = self.form
        for step in (*way, name):
            target = target.under(step)
        whole = target.canonical()
        for place, member in enumerate(here.value):
            if any(same(one, whole) for one in children(self._form(here, place))):
                alone = tuple(one.alone(member, name) for one in here.within)
                return here.member(place, member, below, alone)
        return None

    # What a change says

    def _shown(self, here: Here, told: Any) -> Any:
        """The raw value, as far as the change tells of it; MISSING where it can't be told."""
        if isinstance(told, (dict, list)):
            here = self._opened(here)
        value = here.value
        if isinstance(told, dict):
            if isinstance(value, dict):
                return self._object(here, told)
            return self._named(here, told) if isinstance(value, list) else MISSING
        if isinstance(told, list):
            return self._members(here, told)
        if isinstance(value, dict):
            return self._inner(here, told)
        return MISSING if isinstance(value, list) else value

    def _object(self, here: Here, told: dict[str, Any]) -> Any:
        """The members that are told of; all of them where some have other names in the form."""
        found: dict[str, Any] = {}
        left = {name for name, said in told.items() if not is_empty(said)}
        for key, item in here.value.items():
            name = _called(key, told)
            if name is None or item is None:
                continue
            within = tuple(one.down(key, name) for one in here.within)
            shown = self._shown(Here(item, here.facts.child(name), within), told[name])
            if shown is not MISSING and is_empty(shown) <= is_empty(told[name]):
                found[key] = shown
                left.discard(name)
        return self._said(here) if left else found

    def _said(self, here: Here) -> dict[str, Any]:
        """All that an object says for itself."""
        said = here.value.items()
        return {key: item for key, item in said if not is_empty(item) and not here.facts.child(key).read_only}

    def _named(self, here: Here, told: dict[str, Any]) -> Any:
        """The members of a list that is a map in its form."""
        found = {}
        for name, said in told.items():
            below = self._step(here, name, ())
            if below is None:
                return MISSING
            if isinstance(below.value, list):  # several that share a name
                found.update({id(one): one for one in below.value})
                continue
            shown = self._shown(below, said) if isinstance(said, (dict, list)) else MISSING
            found[id(below.value)] = below.value if shown is MISSING else shown
        return [found[id(member)] for member in here.value if id(member) in found]

    def _members(self, here: Here, told: list[Any]) -> Any:
        """The members of a list, or of a set those that are told of."""
        value = here.value
        if not isinstance(value, list):
            alone = not isinstance(value, dict) and len(told) == 1
            return value if alone else MISSING
        if not value or len(value) > _MANY or not isinstance(self._form(here, 0), Unordered):
            return value if len([one for one in value if one is not None]) == len(told) else MISSING
        places = {canonical_text(one): place for place, one in enumerate(told)}
        shown, done = dict(enumerate(told)), set[int | None]()
        for place, member in enumerate(value):
            form = self._form(here, place)
            mine = {places.get(canonical_text(readable(one))) for one in children(form)}
            if mine and None not in mine and not mine & done:  # all of what it means is told of
                done |= mine
                first, *_ = sorted(at for at in mine if at is not None)
                shown = {at: one for at, one in shown.items() if at not in mine} | {first: member}
        return [shown[at] for at in sorted(shown)]

    def _inner(self, here: Here, told: Any) -> Any:
        """The one member of an object by which its form is known (a tag's value)."""
        scalars = [item for item in here.value.values() if not isinstance(item, (dict, list))]
        found = [
            item
            for item in scalars
            if str(item) == str(told) or same(canonicalise(item, here.facts, self.context), told)
        ]
        return found[0] if len(found) == 1 else MISSING


def _opened(value: Any) -> Any:
    """A text that holds a JSON object or list as what it holds."""
    text = value.strip() if isinstance(value, str) else ""
    if text[:1] not in ("{", "[", "%"):
        return value
    try:
        found = parse_json(unquote(text) if text[0] == "%" else text)
    except ValueError:
        return value
    return found if isinstance(found, (dict, list)) else value


def _called(name: str, names: Iterable[str]) -> str | None:
    """The name among ``names`` that this one is, in whatever letter case where it is the only one."""
    if name in names:
        return name
    low = name.casefold()
    like = [one for one in names if isinstance(one, str) and one.casefold() == low]
    return like[0] if len(like) == 1 else None
