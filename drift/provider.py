"""The contract of a live provider: what a plugin implements to have its cloud compared.

A provider is found through the entry point group ``drift.providers``; the entry's name is the provider's name
and the key under ``live:`` in drift.yaml. Everything here that touches the network happens in
:meth:`Provider.connect`, :meth:`Provider.fetch`, :meth:`drift.task.Live.tasks` and the tasks'
:meth:`drift.task.Task.read`, all of them in threads that end with the run whatever they wait for; all the
rest is offline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

from drift.check import Check
from drift.contract import Defaults
from drift.deadline import Deadline
from drift.dialect import PulumiDialect, TerraformDialect
from drift.errors import DeclaredError
from drift.facts import TypeFacts
from drift.finding import Finding
from drift.hooks import UNTOLD, Hooks
from drift.model import Coverage, Resource
from drift.proposal import Found, Proposal
from drift.task import Live, Unit, Wanted
from drift.witness import Budget, Silent, Witnessed


@dataclass(frozen=True, slots=True)
class Grant:
    """What to allow a credential so that a configuration can be read: a policy to paste, in the cloud's own
    form, and what to know of it, a sentence each. ``forms`` are the same in other forms, by the name by which
    people ask for one (``terraform``)."""

    text: str
    notes: tuple[str, ...] = ()
    forms: Mapping[str, Grant] = field(default_factory=dict)


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
