"""What a provider may know beyond its contract. Every hook here answers for a cloud that has nothing to
add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from drift.contract import Defaults
from drift.facts import TypeFacts
from drift.finding import Attribution, Change, Finding
from drift.kinds.base import Context
from drift.model import Resource
from drift.rule import Rule

#: ``(path, live value) -> answer``: what a live value is that nobody declares and that is no known default. A
#: text: accepted, and why; a :class:`Filled` one: the service may have filled it in. None: a change.
Acceptance = Callable[[str, Any], "str | None"]


class Filled(str):
    """The answer to a live value of no known default, of a kind that the service fills in by itself: nobody
    can tell of this one whether it did. It is the reason, one sentence.

    Such a value is no drift and not accepted either: the report lists it (``undeclared``) until somebody
    declares it. Never say it of what people add: a member of a declared list or map, a value that differs
    from its known default, or one where absence is the default is a change. All other reasons say that a
    value is known to be no change.
    """

    __slots__ = ()


class Observed(NamedTuple):
    """What other live resources tell of one: a change of it that none of its own values shows."""

    provider: str
    scope: str
    type: str
    id: str
    change: Change


class Around(Protocol):
    """What a hook may ask of the live side around a resource."""

    def context(self, provider: str) -> Mapping[str, Any]:
        """What the provider learnt live (see :meth:`drift.task.Live.context`)."""
        ...

    def types(self, provider: str) -> set[tuple[str, str]]:
        """(scope, type) of all that was read, or was to be."""
        ...

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        """The live resource with this id, as read."""
        ...

    def every(self, provider: str, type: str) -> Iterable[Resource]:
        """All live resources of a type, as read."""
        ...

    def listed(self, provider: str, scope: str, type: str) -> bool:
        """Whether all resources of a type were listed, so that what is not there does not exist."""
        ...


class Hooks(Defaults, contract=True):
    """Subclassed by a provider that knows more and offered as its ``hooks``; all offline and pure."""

    def type_key(self, type: str) -> str:
        """Types with the same key are one type on both sides (a Kubernetes group and kind, whatever the
        version)."""
        return type

    def facts(self, facts: TypeFacts, context: Context) -> TypeFacts:
        """The facts made exact by what the snapshot's context tells of the type. Called once a pair: cache
        it."""
        return facts

    def undeclared(
        self, declared: Resource, live: Resource, facts: TypeFacts, context: Context
    ) -> Acceptance:
        """What is asked of each live value that is neither declared nor a known default, by its canonical
        path."""
        return lambda _path, _value: None

    def settled(self, side: Resource, live: Resource) -> Resource:
        """A side of a pair without what says nothing beside the rest of the live one (a target on its group's
        own port). Asked of both sides, so that nothing is dropped of one only."""
        return side

    def attribution(self, finding: Finding, facts: TypeFacts, context: Context) -> Attribution | None:
        """Who did it, as far as the live resource itself tells."""
        return None

    def content(self, resource: Resource, around: Around) -> Mapping[str, Any]:
        """What a resource is that one side alone has, a text or a list of texts a label: its type in words
        (``What``), when and by whom it was made (``Made``, ``By``), and, where it gives access, who may do
        what. Secrets of it are hidden already."""
        return {}

    def known_id(self, declared: Resource, context: Mapping[str, Any]) -> str | None:
        """The canonical id of a declared resource in the spelling of the live side, as far as the snapshot's
        context tells it (a project's id for its number)."""
        return declared.id

    def unread(self, declared: Resource, context: Mapping[str, Any]) -> str | None:
        """Why a declared resource lies outside of what was read of its cell (a namespace left out); None
        where not."""
        return None

    def inventoried(self, live: Resource, context: Mapping[str, Any]) -> bool:
        """Whether an inventory named every resource of its type in the place of one, so that what it names no
        more is gone. Asked where no row of the ledger speaks of it."""
        return False

    def in_bulk(self, type: str) -> bool:
        """Whether what is listed of a whole scope (a row of the ledger over all types, ``checked``) holds all
        resources of a type. Else they are read only where somebody declares one, and a scope that was read
        for others says nothing of them."""
        return True

    def unmanaged_group(self, resource: Resource) -> str:
        """The part of a scope in which a declared type makes undeclared resources of it worth listing (a
        namespace).

        It is told by what the resource is: its attributes may be left out.
        """
        return ""

    def gives_access(self, live: Resource, facts: TypeFacts) -> bool:
        """Whether it gives access (an identity, a binding, a public entry), so that it is listed wherever it
        stands."""
        return facts.access

    def labels(self, resource: Resource) -> Iterable[tuple[str, Any]]:
        """(name, value) of each tag, label and annotation, which rules and owners are told by."""
        return ()

    def made_by(self, live: Resource, around: Around) -> str | None:
        """Why another live resource made this one (a Deployment its ReplicaSet), so that nobody is asked to
        declare it; None where none did."""
        return None

    def observed(self, around: Around) -> Iterable[Observed]:
        """What live resources tell of others that somebody declares (which image a workload's pods run).
        Asked once a run; what is told of a resource that nobody declares is nobody's."""
        return ()

    def carries_rules(self, declared: Resource) -> bool:
        """Whether :meth:`rules` must see this declared resource; of all others it sees one of each file and
        scope, emptied."""
        return False

    def rules(self, declared: Iterable[Resource]) -> Iterable[Rule]:
        """Ignore rules that stand in what is declared of this provider (an Argo CD Application's)."""
        return ()

    def public_texts(self) -> Iterable[str]:
        """Values that the cloud's API enumerates, so that they tell nothing of who uses them
        (``PAY_PER_REQUEST``)."""
        return ()

    def public_forms(self) -> Iterable[str]:
        """Regular expressions, without groups that are numbered, of texts that stay whole: what the cloud
        itself owns (its policies), the names of its actions."""
        return ()

    def machine_domains(self) -> Iterable[str]:
        """Domains under which mail addresses are machines' and made of ids that stand elsewhere, too."""
        return ()


#: The hooks of a provider that has nothing to add, or is not installed.
UNTOLD = Hooks()
