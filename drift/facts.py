"""Type facts: what is known of a resource type, as a tree of paths that canonicalisation and comparison walk
along.

Facts are data. The vocabulary of one path:

``kind``      name of a value kind, or ``{kind: NAME, …parameters}``
``default``   what the live side has when the declaration is silent; folds only by equal value. ``{scope}``
              and ``{region}`` in its texts stand for the resource's own
``assigned``  the cloud chooses a value when the declaration is silent (an address, a zone): then any value is
              accepted
``listed``    the cloud chooses when the declaration is silent, and so may people later, of who gets at what:
              such a value is told with what nobody declares (:class:`drift.hooks.Filled`), never accepted
``left_out``  a value that an answer leaves out (zero, in protocol buffers), so that declared and not live is
              equal; a list of such
``read_only`` the cloud's own; never compared
``write_only`` accepted but never given back: a declared value is unverifiable
``unread``    a reason why the live adapter does not read it: a declared value is unverifiable
``secret``    redacted at ingestion
``variables`` its members are environment variables: redacted, but those that people may read
``documented`` the default that a schema's prose names: a live value that nobody declares is one where it
              equals it, and another one may be a change
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drift.errors import DriftError
from drift.kinds.base import Kind
from drift.pointer import split

#: What is said of a resource of a type of which no more than its existence is read.
ONLY_THERE = "only that it is there is compared"
_FLAGS = frozenset({"assigned", "listed", "read_only", "write_only", "secret", "variables", "undeclared"})
_WORDS = _FLAGS | {"kind", "default", "defaults", "left_out", "unread", "documented"}


class FactError(DriftError):
    """A type-facts file says something that its vocabulary does not know."""


@dataclass(slots=True)
class PathFacts:
    """The facts of one path, and of the paths below it. ``any`` holds for every member that is not named."""

    kind: Kind | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    defaults: list[Any] = field(default_factory=list)
    left_out: tuple[Any, ...] = ()
    assigned: bool = False
    listed: bool = False
    read_only: bool = False
    write_only: bool = False
    secret: bool = False
    variables: bool = False
    unread: str = ""
    undeclared: str = "report"
    documented: Any = None
    canonical_defaults: dict[tuple[str, str | None], list[Any]] = field(default_factory=dict)
    #: Small live values that surely fold where nobody declares them, with what that depends on.
    surely_folded: set[tuple[object, ...]] = field(default_factory=set)
    children: dict[str, PathFacts] = field(default_factory=dict)
    any: PathFacts | None = None
    secrets_below: bool | None = None
    kept_below: bool | None = None
    latitude_below: bool | None = None
    hides_below: bool | None = None
    lax: frozenset[str] | None = None
    keeping: frozenset[str] | None = None
    holding: frozenset[str] | None = None

    @property
    def holds_secret(self) -> bool:
        """Whether this path or one below it is a secret; asked first when the facts are whole."""
        if self.secrets_below is None:
            self.secrets_below = any(node.secret or node.variables for node in self._below())
        return self.secrets_below

    @property
    def keeps_secret(self) -> bool:
        """Whether this path or one below it is a secret and no environment variable; asked first when the
        facts are whole."""
        if self.kept_below is None:
            self.kept_below = any(node.secret for node in self._below())
        return self.kept_below

    @property
    def has_latitude(self) -> bool:
        """Whether something at or below this path is read-only or in no order; asked first when the facts are
        whole."""
        if self.latitude_below is None:
            self.latitude_below = any(
                node.read_only or (node.kind is not None and node.kind.settle is not None)
                for node in self._below()
            )
        return self.latitude_below

    @property
    def hides(self) -> bool:
        """Whether something at or below this path is never given back; asked first when the facts are
        whole."""
        if self.hides_below is None:
            self.hides_below = any(node.write_only for node in self._below())
        return self.hides_below

    @property
    def lax_members(self) -> frozenset[str]:
        """The named members that have latitude; asked first when the facts are whole."""
        if self.lax is None:
            self.lax = frozenset(name for name, node in self.children.items() if node.has_latitude)
        return self.lax

    @property
    def holding_members(self) -> frozenset[str]:
        """The named members that hold a secret or variables; asked first when the facts are whole."""
        if self.holding is None:
            self.holding = frozenset(name for name, node in self.children.items() if node.holds_secret)
        return self.holding

    @property
    def keeping_members(self) -> frozenset[str]:
        """The named members that keep a secret; asked first when the facts are whole."""
        if self.keeping is None:
            self.keeping = frozenset(name for name, node in self.children.items() if node.keeps_secret)
        return self.keeping

    @property
    def leaves_choice(self) -> bool:
        """Whether below this path the cloud chooses something where the declaration is silent, or leaves
        something out."""
        return any(
            node.assigned or node.undeclared == "ignore" or node.left_out or len(node.defaults) > 1
            for node in self._below()
            if node is not self
        )

    def _below(self) -> Iterator[PathFacts]:
        """This node and every one below it, once each (facts of a recursive schema have no end)."""
        seen: set[int] = set()
        todo = [self]
        while todo:
            node = todo.pop()
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                todo.extend(node.children.values())
                todo.extend([node.any] if node.any is not None else ())

    def child(self, name: str) -> PathFacts:
        """The facts of the member ``name``; :data:`NOTHING` where nothing is known."""
        return self.children.get(name) or self.any or NOTHING

    def member(self) -> PathFacts:
        """The facts of a list's members."""
        return self.any or NOTHING

    def reach(self, path: str) -> PathFacts:
        """The node of ``path`` (``A/*/B``; ``~1`` for a slash in a name), made where it is missing."""
        node = self
        for name in split(path):
            if name == "*":
                if node.any is None:
                    node.any = PathFacts()
                node = node.any
            else:
                node = node.children.setdefault(name, PathFacts())
        return node

    def own(self, path: str, *, from_any: bool = False) -> PathFacts:
        """The node of ``path`` for this tree alone: nodes on the way, which other trees may share, are
        copied.

        With ``from_any`` a member that is not named begins as a copy of what holds for any.
        """
        node = self
        for name in split(path):
            known = node.any if name == "*" else node.children.get(name, node.any if from_any else None)
            copy = PathFacts() if known is None else replace(known)
            copy.children, copy.defaults = dict(copy.children), list(copy.defaults)
            copy.canonical_defaults, copy.surely_folded = {}, set()
            copy.lax = copy.keeping = copy.holding = None
            copy.secrets_below = copy.kept_below = copy.latitude_below = copy.hides_below = None
            if name == "*":
                node.any = copy
            else:
                node.children[name] = copy
            node = copy
        return node

    def find(self, path: str) -> PathFacts:
        """The node that holds for a concrete JSON Pointer."""
        node = self
        for name in split(path):
            node = node.child(name)
        return node

    def say(self, words: Mapping[str, Any], kinds: Mapping[str, Kind], where: str) -> None:
        """Adds what a facts file says of this path. Raises FactError on a word or kind that does not
        exist."""
        unknown = set(words) - _WORDS
        if unknown:
            raise FactError(
                f"{where}: unknown word {sorted(unknown)[0]!r}; known are {', '.join(sorted(_WORDS))}"
            )
        if "kind" in words:
            said = words["kind"]
            params = dict(said) if isinstance(said, Mapping) else {"kind": said}
            name = params.pop("kind")
            if name not in kinds:
                raise FactError(f"{where}: there is no kind {name!r}; known are {', '.join(sorted(kinds))}")
            self.kind, self.params = kinds[name], params
        if "default" in words:
            self.defaults.append(words["default"])
        self.defaults.extend(words.get("defaults", ()))
        if "left_out" in words:
            said = words["left_out"]
            self.left_out = (*self.left_out, *(said if isinstance(said, list) else [said]))
        for flag in _FLAGS & set(words):
            setattr(self, flag, words[flag])
        if "documented" in words:
            self.documented = words["documented"]
        if "unread" in words:
            self.unread = str(words["unread"])


NOTHING = PathFacts()


@dataclass(slots=True)
class TypeFacts:
    """What is known of one resource type.

    ``regional``   False for types that live once a scope
    ``access``     gives access (identities, keys, policies, public entries): unmanaged ones are always listed
    ``natural_key`` whether name (with type and region) identifies it where the id is not known
    ``title``      a readable word for people ("S3 bucket")
    ``existence``  only that it is there is compared; an unmanaged one is counted, not listed
    ``single``     a setting of which a place has one: of several declarations the one applied last counts
    """

    type: str
    root: PathFacts = field(default_factory=PathFacts)
    regional: bool = True
    access: bool = False
    natural_key: bool = True
    title: str = ""
    existence: bool = False
    single: bool = False

    def paths(self, said: Mapping[str, Any], kinds: Mapping[str, Kind], where: str) -> None:
        """Adds facts in the ``{path: {word: value}}`` form of a facts file."""
        for path, words in said.items():
            if not isinstance(words, Mapping):
                raise FactError(f"{where}: {self.type} {path}: expected a mapping of facts, got {words!r}")
            self.root.reach(path).say(words, kinds, f"{where}: {self.type} {path}")
