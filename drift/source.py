"""The contract of a declared-state reader: what a plugin implements to have its language compared.

A source is found through the entry point group ``drift.sources``. Reading has two halves: :meth:`Source.load`
parses, before the first cloud call, so that broken input is known at once; :meth:`Declaration.resources`
translates, after the live side was read, because some languages need what only the cloud knows (a stack's
physical ids).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from drift import reading
from drift.check import Program
from drift.contract import Defaults
from drift.deadline import Deadline
from drift.finding import Finding, Unverifiable
from drift.model import Problem, Resource
from drift.proposal import Hint
from drift.provider import Provider
from drift.rule import Rule
from drift.store import Room


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a declared entry that a source understands.

    ``takes`` names the forms that its value may have; a ``path`` is a text that names a file or folder, a
    ``flag`` true or false. ``-`` and ``_`` in ``name`` are the same to people; :attr:`Location.options` has
    it as it is here.
    """

    name: str
    description: str
    takes: tuple[Literal["text", "path", "mapping", "list", "flag"], ...] = ("text",)


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signature a commit must bear: files of keys, one of SSH (ALLOWED SIGNERS in ssh-keygen(1)) and
    one of OpenPGP."""

    allowed_signers: Path | None = None
    keyring: Path | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is declared and what the user said about it.

    ``path`` is the local file or folder to read; ``display`` how to name it to people (relative, or a URL);
    ``options`` are ``scope``, ``region`` and the options of the sources that read it, each known to one of
    them and of a form that it takes; ``root`` is the top folder of the Git repository that ``path`` is in,
    None where it is in none; ``base`` what a path among the options is relative to: the folder of drift.yaml,
    or the top of the repository that was fetched; ``ref`` the branch or tag, where one is known;
    ``foreign`` says that it is fetched, or lies in another repository than drift.yaml: what stands in its
    files was not said by the user; ``clone`` is the working tree that ``root`` is a copy of, at a signed
    commit.
    """

    path: Path
    display: str
    commit: str | None = None
    committed_at: str | None = None
    url: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    root: Path | None = None
    base: Path | None = None
    ref: str | None = None
    foreign: bool = False
    clone: Path | None = None

    def option(self, name: str) -> str | None:
        value = self.options.get(name)
        return None if value is None else str(value)

    def inside(self, file: Path) -> str:
        """How to name a file at or below ``path`` to people."""
        if file == self.path:
            return self.display
        return f"{self.display.rstrip('/')}/{reading.shown(file.relative_to(self.path).as_posix())}"


class LiveView(Protocol):
    """What a declaration may ask of the live side when it translates itself."""

    def context(self, provider: str) -> Mapping[str, Any]:
        """What the provider learnt live (see :meth:`drift.task.Live.context`)."""
        ...

    def scopes(self, provider: str) -> frozenset[str]:
        """The scopes of which anything was read."""
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


@dataclass(frozen=True, slots=True)
class Loader:
    """What :meth:`Source.load` may use: the providers, by name, to ask them about types and translations, and
    their sections of ``live`` in drift.yaml, for what has to be fetched from a cloud; the run's clock for
    what it waits for, a program that it runs; ``allowed`` is what the files may name and be given the user's
    logins for where they are foreign, None where they are the user's own (:class:`drift.backend.Stored`);
    ``signers`` whose signature every commit must bear that is read, None where none is asked for; ``room``
    is for what all sources keep in memory that they could read again."""

    providers: Mapping[str, Provider]
    settings: Mapping[str, BaseModel] = field(default_factory=dict)
    deadline: Deadline = field(default_factory=Deadline)
    allowed: Sequence[str] | None = None
    signers: Signers | None = None
    room: Room = field(default_factory=Room)


class Declaration(Protocol):
    """One parsed declared source. :class:`BaseDeclaration` has the defaults of what only some have."""

    source: str
    location: Location

    @property
    def notes(self) -> Sequence[str]:
        """What it passed over on purpose (``file:line: reason``), asked for after :meth:`resources`; told to
        the user, changes nothing else."""
        ...

    def types(self) -> frozenset[tuple[str, str]]:
        """(provider, type) pairs that it declares, as far as they are known without the live side."""
        ...

    def asks(self) -> frozenset[tuple[str, str]]:
        """(provider, word) pairs: what its translation needs of the live side besides resources (the template
        that a stack was deployed with), in the provider's own words; asked before the live side is read."""
        ...

    def resources(self, live: LiveView) -> Iterable[Resource | Unverifiable | Problem]:
        """What is declared, in the providers' desired-state shapes.

        Values that can't be known stand as :class:`drift.model.Unresolved`; a resource that can't be told at
        all is an Unverifiable; a record that can't be read is a Problem.
        """
        ...

    def beforehand(
        self, live: LiveView, types: frozenset[tuple[str, str]]
    ) -> Iterable[Resource | Unverifiable | Problem]:
        """What :meth:`resources` tells of resources of the (provider, type) pairs ``types``, asked before the
        live side is read. Whatever else it tells is left unheard, so that it need not be worked out.
        ``remembered`` is then all that a record of the declared side holds of a resource, as it was last
        seen, where there is one (a Terraform state)."""
        ...

    def ready(self) -> None:
        """Works out what :meth:`resources` will be asked for and no live side changes, while that is read: in
        a thread of its own, beside :meth:`beforehand`, until it is asked."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Type → the API version at which it declares the type, so that it is read live at that one."""
        ...

    def rules(self) -> Iterable[Rule]:
        """The ignore rules that stand beside it, asked for after :meth:`resources`."""
        ...

    def written(self, finding: Finding) -> Mapping[str, tuple[str, int]]:
        """Path of a finding's change → file and line where what it speaks of is written, as far as it is
        known; asked only for findings, after :meth:`resources`. What it raises is a problem of the run."""
        ...

    def secrets(self) -> Iterable[str]:
        """Texts that it calls secret, also of what it declares nothing of: they are hidden wherever in the
        run they stand. Asked once it is read, and again after :meth:`resources` and :meth:`beforehand`."""
        ...

    def remark(self, finding: Finding) -> str:
        """What explains a finding on what it declares (why a deployer does not mend it), one sentence; empty
        where nothing does. Asked after :meth:`resources`."""
        ...

    def leftover(self, live: Resource) -> str:
        """Why a live resource that nobody declares was surely declared here once (its deployer's record has
        it), one sentence; empty where nothing tells. Such a one is listed whatever its type. Asked after
        :meth:`resources`."""
        ...

    def inputs(self) -> Iterable[Path] | None:
        """All that it depends on: files, and folders with whatever is or comes at or below them, also what
        another program reads for it. None where it can't say: then the files that this process opened for it
        count, and it is read again where it ran a program, or any file came or went."""
        ...


class BaseDeclaration(Defaults, Declaration, contract=True):
    """What most declarations have in common: nothing passed over, no versions, no rules."""

    @property
    def notes(self) -> Sequence[str]:
        return ()

    def asks(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    def beforehand(
        self, live: LiveView, types: frozenset[tuple[str, str]]
    ) -> Iterable[Resource | Unverifiable | Problem]:
        return self.resources(live)

    def ready(self) -> None:
        return

    def versions(self) -> Mapping[str, str]:
        return {}

    def rules(self) -> Iterable[Rule]:
        return ()

    def written(self, finding: Finding) -> Mapping[str, tuple[str, int]]:
        return {}

    def secrets(self) -> Iterable[str]:
        return ()

    def remark(self, finding: Finding) -> str:
        return ""

    def leftover(self, live: Resource) -> str:
        return ""

    def inputs(self) -> Iterable[Path] | None:
        return None


class Source(Protocol):
    """One declared language. :class:`BaseSource` has the defaults of what only some have."""

    name: str
    #: Its own keys of a declared entry, besides ``scope`` and ``region``; all others are refused before
    #: :meth:`load`.
    options: tuple[Option, ...]
    #: True where it reads other things in files that belong to another source, so that both read them.
    adds: bool
    #: The programs that reading it takes (`drift preflight` looks for them).
    programs: tuple[Program, ...]

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether this source reads the file (``head``: its first 64 KiB) or folder (``head`` empty); nobody
        but the baseline is asked of a file of records. Never raises."""
        ...

    def hint(self, path: Path) -> Hint:
        """What `drift init` is to know of a folder or file that it recognises; what it parts with, and what
        people have to say of it. Asks nobody, and never raises."""
        ...

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses it. Raises :class:`drift.errors.DeclaredError` naming file, line or key, and what to do."""
        ...


class BaseSource(Defaults, Source, contract=True):
    """What most sources have in common: no options of their own, files of their own."""

    options: tuple[Option, ...] = ()
    adds: bool = False
    programs: tuple[Program, ...] = ()

    def hint(self, path: Path) -> Hint:
        return Hint()
