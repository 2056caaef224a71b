"""The contract of an editor: what a plugin implements so that files of its declared language can be changed
to say what is live.

An editor proposes; it never decides. It reads files where :class:`Wish` says they lie (a copy made for the
purpose), and gives replacements of bytes, the likeliest proposal first. Each proposal is made in the copy,
the copy is read again by the language's own source, and it is compared with the same live side: only what
is proved so is kept. An editor need not know whether a proposal is right, only where a value may stand and
how the language spells it; but it never proposes what would change other users of a file without saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from drift import reading
from drift.contract import Defaults
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.finding import Change, Finding
from drift.model import MISSING, Resource
from drift.provider import Provider
from drift.source import Declaration, LiveView, Location


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, for people. ``line`` counts from 1."""

    file: Path
    line: int | None = None


class NotEdited(DriftError):
    """A declaration can't surely be edited: why, in one sentence that a person can act on, and the lines to
    look at."""

    def __init__(self, reason: str, *places: Place) -> None:
        super().__init__(reason)
        self.reason = reason
        self.places = places


@dataclass(frozen=True, slots=True)
class Replacement:
    """These bytes of a file, ``start`` up to ``end``, become ``content``; an insertion where both are
    equal. A file that is not there yet has 0 and 0; ``removes`` says that the whole file goes."""

    file: Path
    start: int
    end: int
    content: bytes
    removes: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One proposal: replacements that belong together and do not overlap, and what they do, in a few words
    for people (``sets desired_capacity to 4``). ``outcome`` is what becomes of the finding: ``gone``, or
    ``pending`` by this edit (an import block, a removal that is not applied yet). ``then`` is what a person
    has to do once it is merged, where that is not what is done after every merge."""

    replacements: tuple[Replacement, ...]
    says: str
    outcome: Literal["gone", "pending"] = "gone"
    then: Restoring | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What Git is to say.

    ``finding`` has both sides with their attributes, secrets hidden. ``change`` is the one of its changes
    that is wished for, None for a whole resource (missing: its declaration goes; unmanaged: it gets one).
    ``declaration`` is the parsed source that declares it, or next to which it is to be declared;
    ``location`` where that lies in the copy. ``around`` are all declarations of the run, of which some may
    share files with this one. ``context`` is what the provider learnt live, ``view`` all of the live side
    that a declaration may ask of. ``settings`` are the providers' sections of ``live`` in drift.yaml, by
    their names."""

    finding: Finding
    change: Change | None
    declaration: Declaration
    location: Location
    providers: Mapping[str, Provider]
    around: tuple[Declaration, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    view: LiveView | None = None
    settings: Mapping[str, BaseModel] = field(default_factory=dict)

    @property
    def live(self) -> Any:
        """The value that the declaration is to say, as the live side spells it; MISSING where it is to say
        nothing of it."""
        change = self.change
        return MISSING if change is None else change.live if change.raw is None else change.raw.live

    @property
    def declared(self) -> Any:
        """The value that it says today, as it spells it; MISSING where it says nothing of it."""
        change = self.change
        return MISSING if change is None else change.declared if change.raw is None else change.raw.declared

    @property
    def resource(self) -> Resource:
        return self.finding.resource

    def file(self, named: str) -> Path:
        """The file in the copy that an origin, or ``written``, names to people. Raises NotEdited where there
        is none of that name."""
        location = self.location
        display = location.display.rstrip("/")
        ways = [location.path] if named == display else []
        if named.startswith(f"{display}/"):
            ways.append(location.path / named.removeprefix(f"{display}/"))
        ways += [base / named for base in (location.base, location.root) if base is not None]
        for way in (*ways, *(Path(reading.meant(str(one))) for one in ways)):
            if way.is_file():
                return way
        raise NotEdited(f"{named} is not found in the repository")


@dataclass(frozen=True, slots=True)
class Restoring:
    """How the live side is brought back to what Git says: ``commands``, each a list of words, to be run by a
    person in ``folder`` (relative to the repository's top); ``does`` says what they will do, and to what
    else."""

    commands: tuple[tuple[str, ...], ...]
    does: str
    folder: str = "."


class Editor(Protocol):
    """One declared language, found through the entry point group ``drift.editors`` under its ``name``, which
    is that of the source. :class:`BaseEditor` has the defaults of what only some have.

    An editor is asked for proposals as long as no file changes, so that it may remember what it has read;
    afterwards another one is."""

    name: str

    def change(self, wish: Wish) -> Iterable[Edit]:
        """Proposals that make the declaration say ``wish.live`` at ``wish.change``. Raises NotEdited."""
        ...

    def remove(self, wish: Wish) -> Iterable[Edit]:
        """Proposals that take away the declaration of what is missing. Raises NotEdited."""
        ...

    def add(self, wish: Wish) -> Iterable[Edit]:
        """Proposals that declare what nobody declares, beside ``wish.declaration``. Raises NotEdited."""
        ...

    def adopts(self, wish: Wish) -> int:
        """How fit the place is to declare an unmanaged resource: 0 not at all; more where others of its
        kind, scope or namespace are declared there already."""
        ...

    def validate(self, files: Sequence[Path], deadline: Deadline) -> None:
        """Has the language's own tool look at edited files, where the configuration asks for it
        (``remediate.validate``): it may start what the repository names. Raises NotEdited where it finds
        fault, or is not there."""
        ...

    def restoring(self, wish: Wish) -> Restoring | None:
        """The commands by which a person makes the live side what is declared; None where no exact ones are
        known. Never a deletion of what is unmanaged."""
        ...


class BaseEditor(Defaults, Editor, contract=True):
    """What an editor can't do is said."""

    def change(self, wish: Wish) -> Iterable[Edit]:
        raise NotEdited(f"files of {wish.declaration.source} are not edited", *places(wish))

    def remove(self, wish: Wish) -> Iterable[Edit]:
        raise NotEdited(f"declarations of {wish.declaration.source} are not removed", *places(wish))

    def add(self, wish: Wish) -> Iterable[Edit]:
        raise NotEdited(f"nothing is added to files of {wish.declaration.source}", *places(wish))

    def adopts(self, wish: Wish) -> int:
        return 0

    def validate(self, files: Sequence[Path], deadline: Deadline) -> None:
        pass

    def restoring(self, wish: Wish) -> Restoring | None:
        return None


def places(wish: Wish) -> tuple[Place, ...]:
    """Where the declaration says what is wished otherwise, as far as its source knows."""
    declared = wish.finding.declared
    origin = declared.origin if declared else None
    if origin is None or origin.file is None:
        return ()
    written = wish.declaration.written(wish.finding) if wish.change is not None else {}
    if wish.change is not None and wish.change.path in written:
        file, line = written[wish.change.path]
        return (Place(Path(file), line),)
    return (Place(Path(origin.file), origin.line),)
