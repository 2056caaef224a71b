"""Replaces secrets by a keyed hash at the edge: rotation stays visible, the value appears nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from drift.facts import NOTHING, PathFacts, TypeFacts
from drift.kinds.base import Context
from drift.model import Resource, Sensitive, Unresolved
from drift.pointer import split
from drift.redaction import variables
from drift.redaction.guess import (
    HOLDERS,
    follows_option,
    looks_secret,
    secret_name,
    secrets_in,
    telling,
    telling_number,
)
from drift.redaction.hiding import Hiding
from drift.redaction.known import leaves
from drift.redaction.whole import (
    ALL,
    DOCUMENTS,
    NOTHING_THERE,
    VARIABLES,
    as_json,
    decoded,
    guessable,
    is_plain,
    is_secret,
    look,
    said_by,
    sensitive_texts,
)
from drift.values import has_few

#: Attributes, and the same with every secret hidden.
Like: TypeAlias = tuple[Any, Any]
_COLLECTIONS = (dict, list)
#: Bytes of a part that is remembered to hold no secret at most, and parts of one path.
_SMALL, _MOST = 256, 1000
#: Members of which others beside them tell what they hold.
_BESIDE = HOLDERS | {held for _, held in variables.NAMED_VALUES} | {"Variables"}


class Redactor(Hiding):
    """Hides the secrets of whole resources. ``key`` None: a random one, so hashes can't be compared with
    another run's. ``public``: patterns of names of environment variables that people may read, beside those
    that are known."""

    def __init__(self, key: str | bytes | None = None, public: Collection[str] = ()) -> None:
        super().__init__(key)
        self.public = tuple(public)
        #: Why what is declared does not say what it calls secret, and how often.
        self.unlearnt: Counter[str] = Counter()
        #: By the ``id`` of facts: these, so that no others get their ids, and :meth:`_harmless_of`.
        self._harmless: dict[int, tuple[PathFacts, set[bytes]]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_harmless": {}}

    def resource(
        self,
        resource: Resource,
        facts: PathFacts,
        known: Collection[str] = frozenset(),
        like: Like | None = None,
    ) -> Resource:
        """The resource with every secret hidden: by fact, by its source's word, by name and by look.

        ``known`` are texts that are secret wherever they stand; ``like`` are attributes of the same facts
        that this was done to already, with what came of it: what is equal there is looked at once.
        """
        attributes = resource.attributes
        there = look(attributes, facts) if not known else ALL
        if there == NOTHING_THERE:
            return resource
        if there == VARIABLES:
            clean = self._variables_below(attributes, "")
        else:
            telling = {*known, *sensitive_texts(attributes)}
            clean = self._value(attributes, facts, "", telling, None if telling else like)
        return resource if clean is resource.attributes else resource.but(attributes=clean)

    def learning(
        self,
        resources: Iterable[Resource],
        facts: Callable[[str, str], TypeFacts | None],
        *,
        looks: bool = False,
    ) -> Iterator[Resource]:
        """The resources as they are; what their types' ``facts`` or their source call secret in them is known
        from now on, and with ``looks`` what its name or look tells, too."""
        roots: dict[tuple[str, str], PathFacts] = {}
        for one in resources:
            root = roots.get((one.provider, one.type))
            if root is None:
                told = facts(one.provider, one.type)
                root = roots[one.provider, one.type] = NOTHING if told is None else told.root
            if looks:
                self.resource(one, root)
            for said in (one.attributes, one.remembered):
                self.learn(said, root)
                if said and not is_plain(said):
                    self.known.update(one for text in sensitive_texts(said) for one in leaves("", text))
            yield one

    def learn(self, value: Any, facts: PathFacts, name: str = "") -> None:
        """Knows from now on what the facts call secret in a value, which stays as it is."""
        if isinstance(value, Sensitive):
            value = value.value
        if facts.secret:
            if isinstance(value, Unresolved):
                self.unlearnt[value.reason] += 1
            plain = decoded(value, facts)
            if isinstance(plain, dict):
                for key, item in plain.items():
                    self.learn(item, facts, key)
            elif isinstance(plain, list):
                for item in plain:
                    self.learn(item, facts, name)
            else:
                self.known.update(leaves(name, plain))
        elif not facts.keeps_secret:
            return
        elif isinstance(value, dict):
            keeping, rest = facts.keeping_members, facts.any or NOTHING
            any_keeping = rest.keeps_secret
            for key, item in value.items():
                if key in keeping or (any_keeping and key not in facts.children):
                    self.learn(item, facts.children.get(key, rest), key)
        elif isinstance(value, list) and (member := facts.member()).keeps_secret:
            for item in value:
                self.learn(item, member, name)

    def covered(self, resource: Resource) -> Resource:
        """A resource without what is known to be secret anywhere in the run, in its id and name, too."""
        attributes = self.known.document(resource.attributes)
        id_ = None if resource.id is None else self.known.covered(str(resource.id))
        name = None if resource.name is None else self.known.covered(resource.name)
        if attributes is resource.attributes and id_ == resource.id and name == resource.name:
            return resource
        return resource.but(attributes=attributes, id=id_, name=name)

    def _value(
        self, value: Any, facts: PathFacts, name: str, known: Collection[str], like: Like | None = None
    ) -> Any:
        if like is not None:
            if _equal(value, like[0]):
                return value if like[1] is like[0] else like[1]
            if type(value) is not type(like[0]) or type(value) is not type(like[1]):
                like = None
        if isinstance(value, Sensitive):
            return self._all(value.value, name)
        if isinstance(value, Unresolved) or value is None:
            return value
        if facts.secret:
            return self._all(decoded(value, facts), name)
        if isinstance(value, dict):
            return value if is_secret(value) else self._members(value, facts, name, known, like)
        if isinstance(value, list):
            return self._listed(value, facts, name, known, like)
        return self._leaf(value, facts, name, known)

    def _members(
        self, value: dict[str, Any], facts: PathFacts, name: str, known: Collection[str], like: Like | None
    ) -> dict[str, Any]:
        """An object with its members hidden; the same one where none is."""
        names, pairs = _names(tuple(value))
        changed = self._named(value, known) if names or known else None
        named, rest = facts.children, facts.any or NOTHING  # facts.child, of which there are very many calls
        for key, item in (value if changed is None else changed).items():
            below = named.get(key, rest)
            if item is None or ((item is True or item is False) and not below.secret):
                continue
            called = name if key in HOLDERS else key
            if type(item) is str and not below.secret:
                new = self._leaf(item, below, called, known)
            elif type(item) in _COLLECTIONS and key not in _BESIDE:
                twin = None if like is None else _like(like, key)
                new = self._member(key, item, facts, name, known, twin)
            else:
                new = self._value(item, below, called, known)
                if type(new) in _COLLECTIONS:
                    new = self._variables(new, key, name, below)
            if new is not item:
                changed = dict(value) if changed is None else changed
                changed[key] = new
        for called, held in pairs:
            if not isinstance(value[called], str) or held not in (value if changed is None else changed):
                continue
            new = self._value(value[held], facts.child(held), value[called], known)
            if new is not value[held]:
                changed = {**(changed or value), held: new}
        return value if changed is None else changed

    def _member(
        self, key: str, item: Any, facts: PathFacts, name: str, known: Collection[str], like: Like | None
    ) -> Any:
        """An object's member that is an object or list, and of which nothing beside it tells what it holds:
        hidden where it is to be. ``facts`` are the object's, ``name`` is its own."""
        if like is not None and _equal(item, like[0]):
            return item if like[1] is like[0] else like[1]
        below = facts.child(key)
        text = None if known or not has_few(item) else as_json({key: item})
        harmless = None if text is None or len(text) > _SMALL else self._harmless_of(below)
        if harmless is not None and text in harmless:
            return item
        new = self._value(item, below, key, known, like)
        if type(new) in _COLLECTIONS:
            new = self._variables(new, key, name, below)
        if harmless is not None and text is not None and new is item and len(harmless) < _MOST:
            harmless.add(text)
        return new

    def _harmless_of(self, facts: PathFacts) -> set[bytes]:
        """Small parts, as JSON with their names, in which nothing was to hide where these facts hold."""
        known = self._harmless.get(id(facts))
        if known is None:
            known = self._harmless[id(facts)] = facts, set()
        return known[1]

    def _listed(
        self, value: list[Any], facts: PathFacts, name: str, known: Collection[str], like: Like | None
    ) -> list[Any]:
        """A list with its members hidden; the same one where none is."""
        member = facts.member()
        if like is not None and len(value) == len(like[0]) == len(like[1]):
            twins = zip(value, *like, strict=True)
            members = [self._value(item, member, name, known, (raw, clean)) for item, raw, clean in twins]
        else:
            members = [self._value(item, member, name, known) for item in value]
        if guessable(member):
            for index, (option, item) in enumerate(zip(value, value[1:], strict=False), 1):
                if follows_option(option, item):
                    members[index] = self.hide(item)
        return members if any(new is not old for new, old in zip(members, value, strict=True)) else value

    def _leaf(self, value: Any, facts: PathFacts, name: str, known: Collection[str]) -> Any:
        """A value that is neither an object nor a list, hidden where it is to be."""
        if isinstance(value, str) and facts.kind is not None and facts.kind.name in DOCUMENTS:
            document = facts.kind.canonical(value, Context(), **facts.params)
            clean = document if isinstance(document, str) else self._value(document, facts, name, known)
            if clean is not document:
                return clean
            if not isinstance(document, str) and not _holds_any(value, known):
                return value
        if isinstance(value, str) and (
            (known and _holds_any(value, known))
            or (looks_secret(name, value) if guessable(facts) else said_by(value, facts))
        ):
            return self.hide(decoded(value, facts), secrets_in(name, value))
        if telling_number(name, value) and facts.kind is None:
            return self.hide(value)
        return value

    def _variables(self, value: Any, name: str, above: str, facts: PathFacts) -> Any:
        """A member without the values of the environment variables in it, if it holds such, as ``facts`` or
        its name say. What is hidden already stays so."""
        told = facts.variables
        if isinstance(value, list) and (told or name == "OptionSettings" or variables.lists(name, value)):
            hidden = {
                id(entry): held
                for entry, one, held in variables.entries(name, value)
                if self._hides(one, entry[held])
            }
            if not hidden:
                return value
            return [
                {**entry, hidden[id(entry)]: self._all(entry[hidden[id(entry)]], surely=False)}
                if id(entry) in hidden
                else entry
                for entry in value
            ]
        if isinstance(value, dict) and (told or variables.maps(name, value, above)):
            hides = {one for one, item in value.items() if self._hides(one, item)}
            if hides:
                return {
                    one: self._all(decoded(item, facts.child(one)), surely=False) if one in hides else item
                    for one, item in value.items()
                }
        return value

    def _hides(self, name: str, value: Any) -> bool:
        """Whether an environment variable is to be hidden, that no name or look tells of."""
        if value is None or is_secret(value) or isinstance(value, Unresolved):
            return False
        return (
            telling(name)
            and value is not True
            and value is not False
            or not variables.readable(name, value, self.public)
        )

    def variables(self, value: Any) -> Any:
        """Plain JSON without the values of the environment variables anywhere in it that nobody may read."""
        return self._variables_below(value, "")

    def _variables_below(self, value: Any, name: str) -> Any:
        """A value without the environment variables anywhere in it: for what holds nothing else that is
        secret."""
        if isinstance(value, dict):
            new = {
                key: self._variables(self._variables_below(item, key), key, name, NOTHING)
                if isinstance(item, (dict, list))
                else item
                for key, item in value.items()
            }
            return new if any(new[key] is not item for key, item in value.items()) else value
        if isinstance(value, list):
            members = [
                self._variables_below(item, name) if isinstance(item, (dict, list)) else item
                for item in value
            ]
            return members if any(new is not old for new, old in zip(members, value, strict=True)) else value
        return value


@lru_cache(maxsize=16384)
def _names(names: tuple[str, ...]) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Of an object's names: whether one is a secret itself, and those of which one names what another
    holds."""
    pairs = tuple((named, held) for named, held in variables.NAMED_VALUES if named in names and held in names)
    return any(map(secret_name, names)), pairs


def _holds_any(value: str, known: Collection[str]) -> bool:
    return any(text in value for text in known)


def _like(like: Like, key: str) -> Like | None:
    """What is known of a member by one of the same name."""
    before, after = like
    return (before[key], after[key]) if key in before and key in after else None


def _equal(one: Any, other: Any) -> bool:
    """Whether two collections are equal to the letter; ``True`` is ``1`` for Python alone."""
    if type(one) not in _COLLECTIONS or one != other:
        return False
    text = as_json(one)
    return text is not None and text == as_json(other)


#: For what asks only whether something would be hidden.
_ANY = Redactor()


#: The step below a variable that says where its value is taken from; nothing below it is the value.
_REFERENCES = (["valueFrom"], ["ValueFrom"])


def holds_secret(value: Any, facts: PathFacts, path: str) -> bool:
    """Whether anything at or below a value is a secret, by the facts of its ``path`` (a JSON Pointer), by its
    name and by its look; what stands around it may tell more."""
    steps = split(path)
    name = next((one for one in reversed(steps) if one not in HOLDERS), "")
    at = next((at for at, one in enumerate(steps[:-1]) if variables.called(one)), None)
    if at is not None and steps[at + 2 : at + 3] not in _REFERENCES:
        return not variables.readable(name, value)
    return _ANY._value(value, facts, name, ()) is not value
