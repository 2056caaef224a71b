"""What is read, declared or live: resources, where they stand, and the ledger of what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal, NamedTuple

GLOBAL = "global"
#: What a run is of where nobody names an environment.
DEFAULT_ENVIRONMENT = "default"

Status = Literal["checked", "denied", "throttled", "unsupported", "failed", "skipped"]
#: What may show a repository on the web.
Forge = Literal["github", "gitlab", "gitea", "bitbucket", "bitbucket-server", "azure-devops", "sourcehut"]


class Missing:
    """The absence of a value, where ``None`` is a value."""

    _only: Missing | None = None

    def __new__(cls) -> Missing:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "MISSING"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Stands in declared attributes for a value that a reader can't know; its path is unverifiable, never
    drift. ``likely`` is what it may be: where that is live, there is nothing to be said."""

    reason: str
    likely: Any = None


#: Stands for a property that was not there before.
ABSENT = Unresolved("it was not there before")


@dataclass(frozen=True, slots=True)
class Joining:
    """Stands for what was there before of a list that others add to: these members were not, and those that
    were ``left`` were in their place."""

    members: list[Any]
    left: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Likely:
    """Wraps what was there before as far as anybody can tell: nothing but that the record agrees with what is
    live says so."""

    value: Any


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Wraps a value that its source calls sensitive; :func:`drift.redaction.redact.redact` replaces it at the
    edge."""

    value: Any


class Cell(NamedTuple):
    """The unit of work, of coverage and of matching. ``region`` is ``global`` where the type has none."""

    provider: str
    scope: str
    region: str
    type: str


class Key(NamedTuple):
    """What makes a resource the same one on both sides."""

    provider: str
    scope: str
    region: str
    type: str
    id: str


#: What is to be done yet of what is declared.
Pending = Literal["creation", "removal", "pruning", "import"] | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a resource is declared. ``source`` is the source's name (``terraform-state``, ``cloudformation``,
    …).

    ``file`` is relative to the repository or as the user gave it; ``line`` counts from 1; ``address`` is the
    language's own name (``module.web.aws_instance.a[0]``, a logical id); ``commit`` the full hash;
    ``lines`` maps a JSON Pointer to the line that says it, where the reader knows. ``pending`` says what is
    to be done yet: ``creation`` of what was never applied, ``removal`` of what is declared no longer,
    ``pruning`` of the same by a deployer, where the attributes are what it was declared as last, ``import``
    of what is there and is to be taken over. ``via`` is the chain of deployers' objects that leads to it,
    its own step last (``clusters/prod``, ``apps``), ``by`` the one that makes it (``Kustomization
    flux-system/apps``); both empty where none does.
    """

    source: str
    file: str | None = None
    line: int | None = None
    address: str | None = None
    commit: str | None = None
    url: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    pending: Pending = None
    via: tuple[str, ...] = ()
    by: str = ""

    def __str__(self) -> str:
        where = self.file or self.source
        if self.line:
            where += f":{self.line}"
        return f"{where} ({self.address})" if self.address else where


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, declared or live, in its provider's desired-state shape (docs/architecture.md,
    "Identity").

    ``attributes`` may hold :class:`Unresolved` and :class:`Sensitive` on the declared side until ingestion.
    ``unread`` maps a JSON Pointer to the reason why the live side could not read what is there; the empty one
    is of a resource that is only named (:attr:`bare`). ``partial``
    marks a declaration that speaks only of the paths it names (a bucket policy without its bucket);
    ``shared`` names its properties that are lists to which it only adds members (one rule of a security
    group; a path below the top as ``properties/subnets``): of those it does not own the rest. Merged with a
    whole declaration of the same resource, it does. ``origin`` is None for live resources. ``searched`` says
    that its reader looked at all of its text and that nothing of it looks like a secret
    (:mod:`drift.redaction.guess`), so that only what the facts call one is left to hide. ``certain`` is what
    of ``attributes`` somebody declares for sure, where the rest only says what was last seen (a Terraform
    state without its configuration); None: all of it. It stays where only that is compared, so that nothing
    is called unsaid of which there is a record. ``remembered`` are properties as a record of the
    declared side holds them, where nobody declares them so: they tell only whether a record has taken in what
    is live. ``chosen`` names those of them that come of arguments which the cloud chooses where nobody does.
    ``before`` are properties as they were before what is planned or declared of them and is not applied yet,
    :data:`ABSENT` for none, :class:`Joining` for all but some members, :class:`Likely` where that is not
    certain. ``rivals`` are other declarations of a setting of which a place has one
    (:attr:`drift.facts.TypeFacts.single`): the one that was applied last is live, and nobody can tell which.
    """

    provider: str
    scope: str
    type: str
    id: str | None
    attributes: dict[str, Any]
    region: str | None = None
    name: str | None = None
    origin: Origin | None = None
    partial: bool = False
    shared: frozenset[str] = frozenset()
    unread: Mapping[str, str] = field(default_factory=dict)
    searched: bool = False
    certain: dict[str, Any] | None = None
    remembered: Mapping[str, Any] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    before: Mapping[str, Any] = field(default_factory=dict)
    rivals: tuple[Resource, ...] = ()

    @property
    def cell(self) -> Cell:
        return Cell(self.provider, self.scope, self.region or GLOBAL, self.type)

    @property
    def key(self) -> Key | None:
        if self.id is None:
            return None
        return Key(self.provider, self.scope, self.region or GLOBAL, self.type, self.id)

    @property
    def bare(self) -> bool:
        """Whether no more is known of a live resource than that it is there: an inventory names it, and its
        cell was not read. It is never compared, and its absence tells nothing."""
        return "" in self.unread

    def but(self, **changes: Any) -> Resource:
        """The same resource with some fields changed."""
        values = list(_values(self))
        for name, value in changes.items():
            values[_PLACES[name]] = value
        return Resource(*values)

    def record(self) -> dict[str, Any]:
        """The resource as one record of a snapshot or baseline (docs/reference/records.md)."""
        record: dict[str, Any] = {"provider": self.provider, "scope": self.scope}
        if self.region:
            record["region"] = self.region
        record["type"] = self.type
        record["id"] = self.id
        if self.name:
            record["name"] = self.name
        record["attributes"] = self.attributes
        if self.unread:
            record["unread"] = dict(self.unread)
        return record


_PLACES = {one.name: place for place, one in enumerate(fields(Resource))}
#: All of a resource's fields, in their order.
_values = attrgetter(*_PLACES)


@dataclass(frozen=True, slots=True)
class Coverage:
    """One line of the ledger: whether a cell was read, and if not, why.

    ``listed`` says that the cell's list of resources is whole even though some detail was not readable; only
    then may a resource of a cell that is not ``checked`` be called missing. ``declared`` is how many declared
    resources of it can't be judged because that part was not read: a run with such is not whole, whatever the
    status. ``read_at`` is when the cell's list was read to its end, in RFC 3339; None where it was not.
    ``by`` is the run that read it, where that was an earlier one (docs/resume.md).
    """

    cell: Cell
    status: Status
    resources: int = 0
    message: str = ""
    listed: bool = False
    declared: int = 0
    read_at: str | None = field(default=None, compare=False)
    by: str | None = field(default=None, compare=False)

    @property
    def complete(self) -> bool:
        """Whether absence from this cell means that the resource does not exist."""
        return self.status == "checked" or self.listed

    def record(self) -> dict[str, Any]:
        return {
            **self.cell._asdict(),
            "status": self.status,
            "resources": self.resources,
            "message": self.message,
            **({"listed": True} if self.listed and self.status != "checked" else {}),
            **({"declared": self.declared} if self.declared else {}),
            **({"read_at": self.read_at} if self.read_at else {}),
            **({"read_by": self.by} if self.by else {}),
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of the input that could not be read; the rest was still judged. Makes the run incomplete.

    ``unread`` says that a whole declared file is meant, so that nobody knows what it declares.
    """

    source: str
    message: str
    unread: bool = False
