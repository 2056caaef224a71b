"""The contract of a live provider: what a plugin implements to have its cloud compared.

A provider is found through the entry point group ``drift.providers``; the entry's name is the provider's name
and the key under ``live:`` in drift.yaml. Everything here that touches the network happens in
:meth:`Provider.connect`, :meth:`Provider.fetch`, :meth:`Live.tasks` and the tasks' :meth:`Task.read`, all of
them in threads that end with the run whatever they wait for; all the rest is offline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from drift.check import Check
from drift.contract import Defaults
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.facts import TypeFacts
from drift.finding import Finding
from drift.hooks import UNTOLD, Hooks
from drift.model import Cell, Coverage, Resource
from drift.proposal import Found, Proposal
from drift.terraform_schemas import Attribute
from drift.witness import Budget, Silent, Witnessed

#: ``(types, context, scopes) -> resources``: what Git declares of these types, as far as it can be told by
#: what a provider has learnt so far (as :meth:`Live.context` gives it) of the ``scopes`` that it reads.
Ahead = Callable[[frozenset[str], Mapping[str, Any], Iterable[str]], Iterable[Resource]]


def _nothing_declared(_types: frozenset[str], _context: Any, _scopes: Iterable[str]) -> Iterable[Resource]:
    return ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is interested in.

    ``types`` are the types that Git declares for this provider; ``selects(type)`` is the ``--only`` filter;
    ``versions`` are the API versions that declarations name for a type. ``declared`` tells what is declared
    before it is read live, for who asks for things by their id; it takes as long as to translate what
    declares these types, so ask it once. Raises what :meth:`drift.source.Declaration.resources` raises.
    ``asks`` is what declarations ask for besides resources (:meth:`drift.source.Declaration.asks`).
    ``turn(scope)`` sorts the scopes of this provider where not all may be read in time: which comes first is
    to be entered first; None where their order does not matter.
    """

    types: frozenset[str]
    selects: Callable[[str], bool] = lambda _: True
    versions: Mapping[str, str] = field(default_factory=dict)
    declared: Ahead = _nothing_declared
    asks: frozenset[str] = frozenset()
    turn: Callable[[str], str] | None = None

    def told(self) -> str:
        """A digest of what is declared, as far as it decides what is read: for :meth:`Resumable.asks`."""
        said = (sorted(self.types), sorted(self.versions.items()), sorted(self.asks))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


class Task(Protocol):
    """One independent piece of reading, run in a worker thread.

    ``cells`` are the cells that it answers for: every one of them ends in the ledger, whatever happens. What
    must not be hit too hard at once (an account's service, a subscription) the provider holds back by itself.
    """

    @property
    def cells(self) -> tuple[Cell, ...]: ...

    def read(self) -> Iterator[Resource | Coverage]:
        """Yields live resources, and a Coverage for each cell that is not simply ``checked``.

        Raises :class:`drift.errors.CellError` when nothing (more) of the cells can be read; what was yielded
        before is kept. Any other exception counts as a failure of all the task's cells and is reported as
        such.
        """
        ...


@runtime_checkable
class Resumable(Task, Protocol):
    """A task whose result another run may go on with: what an earlier one read of the same cells stands for
    it (docs/resume.md). A task without these is read in each run."""

    def asks(self) -> str | None:
        """What decides what it reads besides the configuration and its cells (what Git declares of a type
        that is asked for by its keys), as one text; "" where nothing does, None where that can't be told:
        then it is read. Raises :class:`drift.errors.CellError` likewise."""
        ...

    def learnt(self) -> dict[str, Any]:
        """What it has learnt for :meth:`Live.context`, and for other tasks, as plain JSON without secrets;
        asked when it has ended."""
        ...

    def recall(self, learnt: Mapping[str, Any]) -> None:
        """Takes over what an earlier run's task has learnt; it is not read then. Raises CellError where that
        can't be, so that it is."""
        ...


class Live(Protocol):
    """A connection to one provider, made for one run."""

    def tasks(self, wanted: Wanted) -> Iterable[Task | Coverage]:
        """The pieces of work; a Coverage instead of a Task for what is known to be unreadable (a refused
        account). The next may come only once some of those before have been read."""
        ...

    def context(self) -> dict[str, Any]:
        """What comparison needs and was learnt live, as plain JSON; asked when all tasks have ended, or the
        time to read is over: then some tasks still run, and what they were to learn counts as unread."""
        ...


@runtime_checkable
class Confirms(Protocol):
    """A connection that reads single resources: what would raise an alarm is read once more before it is
    reported (docs/confirm.md). Of a connection without it nothing is confirmed."""

    def confirm(self, resource: Resource) -> Resource | None:
        """A live resource as a task reads it now, found by the type, place and id of ``resource`` (its name
        where it has no id), which may be declared or live and has no attributes; None where it is not there.
        Raises CellError where that can't be told. Called after :meth:`Live.context`, by several threads at
        once."""
        ...


@dataclass(frozen=True, slots=True)
class Foreign:
    """A resource in another tool's words, to be translated (today: one instance of a Terraform resource).

    ``type`` and ``attributes`` are the tool's own; ``address`` its name for people; ``provider_config`` the
    tool's name of the credentials used, so that siblings can lend their account and region; ``scope`` and
    ``region`` are what the user configured or a sibling told, where known.
    """

    type: str
    address: str
    attributes: Mapping[str, Any]
    scope: str | None = None
    region: str | None = None


class TerraformDialect(Protocol):
    """How Terraform names this provider's types: one translation for the state reader to ask."""

    def owns(self, terraform_type: str) -> bool:
        """Whether the type belongs to this provider's Terraform provider (``aws_…``)."""
        ...

    def place(self, attributes: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """(scope, region) that the attributes tell by themselves (an ARN in them), None where they don't."""
        ...

    def translate(self, foreign: Foreign) -> list[Resource] | None:
        """The resources, whole or ``partial``, that it declares. ``[]``: it declares nothing that exists in
        the cloud (a random id, a waiter). ``None``: no translation is known, the type is unsupported."""
        ...

    def types(self, terraform_type: str) -> frozenset[str] | None:
        """The types that every instance declares a resource of, whatever its attributes are; None where that
        depends on them."""
        ...

    def possible(self, terraform_type: str) -> frozenset[str] | None:
        """All types that an instance may declare a resource of; None where that is not known."""
        ...

    def version(self, foreign: Foreign) -> tuple[str, str] | None:
        """(type, API version) that an instance names, so that it is read live at that one; None where it
        names none."""
        ...

    def names(self, type: str) -> Iterable[str]:
        """Every Terraform type that declares something of this type."""
        ...

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        """What Terraform's provider says of a type's attributes, by name (``block.name`` in blocks); None
        where that is not known."""
        ...

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        """The arguments of a type that only tell Terraform what to do (``force_destroy``): nothing of them is
        live."""
        ...

    def added(self, terraform_type: str) -> frozenset[str]:
        """The arguments of a type (``block``, ``block.name``) that others may add to, or that the provider
        takes from the cloud where nobody sets them, though its schema does not say so."""
        ...

    def alike(self, terraform_type: str) -> Mapping[str, str]:
        """The attributes of a type that are always what an argument of the same resource says (``id`` what
        ``name`` says), so that they are known before it is applied."""
        ...

    def defaults(self, terraform_type: str) -> Mapping[str, Any]:
        """What Terraform's provider itself sets arguments of a type to that nobody sets, by name
        (``block.name`` in blocks), where that is not the cloud's own default."""
        ...

    def defaults_since(self, terraform_type: str) -> Mapping[str, Mapping[int, Any]]:
        """The same of arguments of which that differs by the provider's major version: the value from each
        of them on."""
        ...

    def by_name(self, terraform_type: str) -> bool:
        """Whether nothing but the names of a type and its arguments tell what it declares: then it may also
        speak of others."""
        ...

    def import_id(self, terraform_type: str, resource: Resource) -> str | None:
        """What ``terraform import`` calls a live resource; None where that is not known."""
        ...


class BaseDialect(Defaults, TerraformDialect, contract=True):
    """What most translations of Terraform have in common: no versions, names not told."""

    def types(self, terraform_type: str) -> frozenset[str] | None:
        return None

    def possible(self, terraform_type: str) -> frozenset[str] | None:
        return None

    def version(self, foreign: Foreign) -> tuple[str, str] | None:
        return None

    def names(self, type: str) -> Iterable[str]:
        return ()

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        return None

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        return frozenset()

    def added(self, terraform_type: str) -> frozenset[str]:
        return frozenset()

    def alike(self, terraform_type: str) -> Mapping[str, str]:
        return {}

    def defaults(self, terraform_type: str) -> Mapping[str, Any]:
        return {}

    def defaults_since(self, terraform_type: str) -> Mapping[str, Mapping[int, Any]]:
        return {}

    def by_name(self, terraform_type: str) -> bool:
        return False

    def import_id(self, terraform_type: str, resource: Resource) -> str | None:
        return None


class PulumiDialect(Protocol):
    """How Pulumi names this provider's types: packages that are bridged from Terraform's providers, and the
    cloud's own (native) ones. :class:`BasePulumi` has the defaults."""

    #: The names of both (``aws``, ``aws-native``).
    packages: frozenset[str]

    def bridged(self, token: str) -> str | None:
        """The Terraform type that a type of a bridged package stands for; None where it is not known, or is
        of a native one."""
        ...

    def version(self, token: str, known: Foreign) -> tuple[str, str] | None:
        """(type, API version) that one of a native package names, so that it is read live at that one."""
        ...

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        """The resources that one of a native package declares, in their provider's shapes:
        ``said`` are its inputs, ``known.attributes`` its outputs with its ``id``. Values that can't be known
        stand as :class:`drift.model.Unresolved`. None: the type is not supported."""
        ...


class BasePulumi(Defaults, PulumiDialect, contract=True):
    """What most have in common: nothing native."""

    packages: frozenset[str] = frozenset()

    def bridged(self, token: str) -> str | None:
        return None

    def version(self, token: str, known: Foreign) -> tuple[str, str] | None:
        return None

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        return None


@dataclass(frozen=True, slots=True)
class Grant:
    """What to allow a credential so that a configuration can be read: a policy to paste, in the cloud's own
    form, and what to know of it, a sentence each. ``forms`` are the same in other forms, by the name by which
    people ask for one (``terraform``)."""

    text: str
    notes: tuple[str, ...] = ()
    forms: Mapping[str, Grant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of what is read of a provider that is read by itself: the provider's settings narrowed to it.
    ``scopes`` are those that it reads; none where only its reading tells."""

    settings: BaseModel
    scopes: tuple[str, ...] = ()


class Provider(Protocol):
    """One cloud. Constructed without arguments; must be cheap to construct (no SDK import).

    :class:`BaseProvider` has the defaults of what only some clouds have.
    """

    name: str
    #: pydantic model of the section ``live.NAME`` of drift.yaml; must refuse unknown keys.
    Settings: type[BaseModel]
    #: URL schemes that :meth:`fetch` reads (``("s3",)``).
    schemes: tuple[str, ...]
    #: Modules that it imports when it connects and other providers may, too: they are imported before any
    #: thread is, as two threads at once may be given halves of modules that import one another.
    imports: tuple[str, ...]

    @property
    def terraform(self) -> TerraformDialect | None:
        """How Terraform names its types; None where it does not know this cloud."""
        ...

    @property
    def pulumi(self) -> PulumiDialect | None:
        """How Pulumi names its types; None where it does not know this cloud."""
        ...

    @property
    def hooks(self) -> Hooks:
        """What only some clouds know (field ownership, versions of one type, schemas learnt live)."""
        ...

    def connect(self, settings: BaseModel, deadline: Deadline) -> Live:
        """Opens a session. Raises :class:`drift.errors.CredentialsError` when there is nothing to identify
        with.

        ``deadline`` is the run's clock: each call's time-out is ``deadline.within(seconds)``, each wait
        ``deadline.sleep(seconds)``, and a loop asks it by ``check()``. They raise
        :class:`drift.deadline.Passed`, a CellError, when the run reads no more; whoever does not ask is left
        behind then.
        """
        ...

    def units(self, settings: BaseModel, deadline: Deadline) -> Iterable[Unit | Coverage]:
        """The parts of what the settings select, each to be read by itself, maybe on another machine; a
        Coverage for what is known to be unreadable. All together tell what one reading of ``settings`` does.
        Asks for no more than which scopes there are; by the clock of :meth:`connect`, which raises the
        same."""
        ...

    def types(self) -> Iterable[str]:
        """All types that are supported."""
        ...

    def facts(self, type: str) -> TypeFacts | None:
        """What is known of a type; None where it is not supported. Cached by the provider; called often."""
        ...

    def canonical_id(self, resource: Resource) -> str | None:
        """The one spelling of the resource's id (a name for an ARN, another case); None where it can't be
        told."""
        ...

    def system(self, live: Resource, context: Mapping[str, Any]) -> str | None:
        """Why the cloud itself made this live resource ("default VPC"); None when somebody did."""
        ...

    def severity_rules(self) -> Iterable[Mapping[str, Any]]:
        """Rules for :mod:`drift.rules.severity`, in its vocabulary."""
        ...

    def console_url(self, resource: Resource) -> str | None:
        """Where a person can look at it."""
        ...

    def permissions(self, settings: BaseModel, wanted: Wanted, urls: Sequence[str]) -> Grant | None:
        """The least privilege that reads what the settings and ``wanted`` select, and the declared files at
        ``urls``; None where that is not known. Asks nobody."""
        ...

    def preflight(self, settings: BaseModel, wanted: Wanted, deadline: Deadline) -> Iterable[Check]:
        """Looks at what a run will need, by calls that only read: who one is in each scope and for how long,
        each permission by its real call or by what the cloud tells of it, its clock, its quotas where they
        are known. What is lacking names the cells that a run would be blind for; what can't be told is
        ``unknown``, never ``well``. :func:`drift.check.probed` asks many scopes at once, so that none hides
        another. Raises :class:`drift.errors.CredentialsError` as :meth:`connect`."""
        ...

    def propose(self, found: Found) -> Proposal | None:
        """Its section of drift.yaml for a folder, by what the folder holds and which logins are configured;
        None where nothing is known. Asks nobody, reads no secret, and never raises."""
        ...

    def witness(
        self, findings: Sequence[Finding], settings: BaseModel, budget: Budget
    ) -> Iterable[Witnessed | Silent]:
        """Asks the cloud's own log who did it, the first finding first, with calls that only read.

        ``budget.take()`` comes before each call, ``budget.clock`` bounds all of them. An actor is named alone
        only where an event names the resource and touches what changed; what was refused, or can't be told,
        is Silent. Findings of which nothing is known are left out.
        """
        ...

    def fetch(self, url: str, settings: BaseModel | None, deadline: Deadline) -> bytes:
        """Reads a declared file from the cloud's own storage, by the same clock as :meth:`connect`. Raises
        :class:`drift.errors.DeclaredError`."""
        ...

    def below(self, url: str, settings: BaseModel | None, deadline: Deadline) -> Iterable[str]:
        """The URLs of the files whose URL begins with this one, which ends with a slash, by the same clock.
        Raises :class:`drift.errors.DeclaredError`."""
        ...


class BaseProvider(Defaults, Provider, contract=True):
    """What most providers have in common; a subclass says ``name``, ``Settings``, ``connect``, ``types`` and
    ``facts``."""

    schemes: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    @property
    def terraform(self) -> TerraformDialect | None:
        return None

    @property
    def pulumi(self) -> PulumiDialect | None:
        return None

    @property
    def hooks(self) -> Hooks:
        return UNTOLD

    def units(self, settings: BaseModel, deadline: Deadline) -> Iterable[Unit | Coverage]:
        return (Unit(settings),)

    def canonical_id(self, resource: Resource) -> str | None:
        return resource.id

    def system(self, live: Resource, context: Mapping[str, Any]) -> str | None:
        return None

    def severity_rules(self) -> Iterable[Mapping[str, Any]]:
        return ()

    def console_url(self, resource: Resource) -> str | None:
        return None

    def permissions(self, settings: BaseModel, wanted: Wanted, urls: Sequence[str]) -> Grant | None:
        return None

    def preflight(self, settings: BaseModel, wanted: Wanted, deadline: Deadline) -> Iterable[Check]:
        return ()

    def propose(self, found: Found) -> Proposal | None:
        return None

    def witness(
        self, findings: Sequence[Finding], settings: BaseModel, budget: Budget
    ) -> Iterable[Witnessed | Silent]:
        return ()

    def fetch(self, url: str, settings: BaseModel | None, deadline: Deadline) -> bytes:
        raise DeclaredError(
            f"{url}: {self.name} reads no files of its own; fetch it first and name the local path"
        )

    def below(self, url: str, settings: BaseModel | None, deadline: Deadline) -> Iterable[str]:
        raise DeclaredError(f"{url}: {self.name} lists no files; name one file, without a slash at its end")
