"""A folder in which a run is disturbed, and then one that has to make all good, whatever is scanned: what
must hold after each."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import sqlalchemy
import zstandard

from drift.resumption import NAME as CHECKPOINT
from tests import command
from tests.chaos.faults import Fault
from tests.conftest import report_validator

#: A run that has not ended by then hangs (seconds). Undisturbed it takes one or two.
PATIENCE = 600
#: How a run ends that was told twice to stop (docs/reference/command-line.md).
_STOPPED = frozenset({129, 130, 143})

#: Of a finding: kind, type, name and the paths that differ.
Mark = tuple[str, str, str, tuple[str, ...]]


@dataclass
class Ran:
    """A run of the second night: how it ended (None: it did not), what it said, the new reports."""

    code: int | None
    said: str
    reports: list[dict[str, Any]]


@dataclass
class Ground:
    """The folder after the first night, a copy of which each second one begins with."""

    before: Path
    env: dict[str, str]
    #: What an undisturbed second night finds, and how long it takes.
    truth: frozenset[Mark] = frozenset()
    seconds: float = 0.0
    copies: int = 0

    def copied(self) -> Path:
        """A folder for a second night."""
        self.copies += 1
        folder = self.before.with_name(f"{self.before.name}-{self.copies}")
        return Path(shutil.copytree(self.before, folder, symlinks=True))

    def again(self) -> Night[Any]:
        """A second night."""
        raise NotImplementedError


G = TypeVar("G", bound=Ground)


@dataclass
class Night(Generic[G]):
    """A folder in which runs are disturbed, and then one is not."""

    ground: G
    folder: Path
    wrong: list[str] = field(default_factory=list)
    #: Whether what is new may be mailed twice, and was: neither the history nor the outbox could remember it.
    may_tell_twice: bool = False
    twice: bool = False
    #: Whether the run was still under way when it was disturbed.
    struck: bool = False

    #: What it is called, wherever its folder is moved to.
    name: str = ""

    #: What is run, what opens something, and how what is found from the second night on is called.
    arguments: ClassVar[Sequence[str]] = ("scan", "-q")
    secrets: ClassVar[Sequence[str]] = ()
    new: ClassVar[str] = ""
    #: What is read, piece by piece; by what a row of the ledger and a mark name their piece.
    pieces: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        self.name = self.folder.name

    @staticmethod
    def piece_of_row(row: dict[str, Any]) -> str:
        raise NotImplementedError

    @staticmethod
    def piece_of_mark(mark: Mark) -> str:
        raise NotImplementedError

    def configure(self) -> None:
        """Writes the configuration of a run that is to be disturbed."""
        raise NotImplementedError

    @contextlib.contextmanager
    def calm(self) -> Iterator[Callable[[str], None]]:
        """The next day, on which all works; gives what looks at whom the run told, and at what it said."""
        self.configure()
        yield lambda _: None

    @property
    def history(self) -> str:
        """The address of the history."""
        return f"sqlite:///{self.folder / 'runs/history.db'}"

    @property
    def env(self) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**self.ground.env, "HOME": str(self.folder), "TMPDIR": str(temporary)}

    def begin(
        self, fault: Fault | None = None, name: str = "one", arguments: Sequence[str] | None = None
    ) -> Any:
        """The process of a scan."""
        told = self.folder / "told" / name
        told.mkdir(parents=True, exist_ok=True)
        (told / "stderr").write_text("")
        self.configure()
        return command.started(self.folder, arguments or self.arguments, self.env, told, fault)

    def end(self, process: Any, name: str = "one", *, whole: bool = False) -> Ran:
        """Waits for the end of a run, and looks at what it left; ``whole``: it lacks nothing."""
        process.join(PATIENCE)
        code = process.exitcode
        if code is None:
            self.wrong.append(f"{name}: did not end within {PATIENCE} seconds")
            process.kill()
            process.join()
        said = (self.folder / "told" / name / "stderr").read_text()
        if "not remembered: " in said:
            self.may_tell_twice = True
        new = [path for path in self.reports() if path.parent.name not in self.known]
        reports = [self.held(path, code, whole=whole) for path in new]
        if "Traceback" in said or "this is a fault of drift's own" in said:
            self.wrong.append(f"{name}: {said[-2000:]}")
        if code in (0, 2, 3) and not reports:
            self.wrong.append(f"{name}: ended with {code} and reported nothing: {said}")
        if code is not None and code > 3 and code not in _STOPPED:
            self.wrong.append(f"{name}: ended with {code}: {said}")
        return Ran(code, said, reports)

    @property
    def known(self) -> set[str]:
        """The runs of the first night."""
        return {path.parent.name for path in self.ground.before.glob("runs/*/report.json")}

    def reports(self) -> list[Path]:
        return sorted(self.folder.glob("runs/*/report.json"))

    def held(self, path: Path, code: int | None, *, whole: bool = True) -> dict[str, Any]:
        """A report that is there is whole, finds nothing that is not so, and names what it does not tell."""
        report: dict[str, Any] = json.loads(path.read_bytes())
        report_validator().validate(report)
        truth, found = self.ground.truth, marks(report)
        read: dict[str, bool] = {}
        for row in report["coverage"]:
            piece = self.piece_of_row(row)
            read[piece] = read.get(piece, True) and row["status"] == "checked"
        unread = {piece for piece in self.pieces if not read.get(piece)}
        if falsely := found - truth:
            self.wrong.append(f"{path}: found, and not so: {sorted(falsely)}")
        if silent := {one for one in truth - found if self.piece_of_mark(one) not in unread}:
            self.wrong.append(f"{path}: not found, and not unread: {sorted(silent)}")
        if unread and (report["run"]["exit_code"] == 0 or code == 0):
            self.wrong.append(f"{path}: ended green, and has not read {sorted(unread)}")
        if code in (0, 2) and report["run"]["exit_code"] != code:
            self.wrong.append(f"{path}: ended with {code}, and says {report['run']['exit_code']}")
        if whole and truth - found:
            self.wrong.append(f"{path}: lacks {sorted(truth - found)}")
        return report

    def make_good(self, *arguments: str) -> dict[str, Any]:
        """The third night, undisturbed: reports all, and shows nothing lost or doubled. Gives its report."""
        before = set(self.reports())
        with self.calm() as look:
            code, _, said = command.run(self.folder, [*self.arguments, *arguments], self.env)
        new = [path for path in self.reports() if path not in before]
        if code != 2 or len(new) != 1:
            self.wrong.append(f"the next run ended with {code}, and wrote {new}: {said}")
            return {}
        report = self.held(new[0], code)
        look(said)
        self.remembered(report)
        self.left()
        return report

    def remembered(self, report: dict[str, Any]) -> None:
        """The history is sound, knows each run that reported once, and each finding once; no moment is of a
        day that is yet to come, and no measure is below nothing."""
        runs, findings = self.asked("SELECT id FROM drift_runs"), self.asked("SELECT id FROM drift_findings")
        (episodes,) = self.asked("SELECT count(*) FROM drift_episodes")
        sound = self.asked("PRAGMA integrity_check") if self.history.startswith("sqlite") else ["ok"]
        if sound != ["ok"] or len(set(runs)) != len(runs):
            self.wrong.append(f"the history is {sound}; its runs: {runs}")
        there = {path.parent.name: json.loads(path.read_bytes()) for path in self.reports()}
        unrecorded = {
            name
            for name, one in there.items()
            if name not in runs and not (one["run"]["history"] or {}).get("problem")
        }
        if unrecorded:
            self.wrong.append(f"not in the history, and not said: {unrecorded}")
        if sorted(findings) != sorted(one["id"] for one in report["findings"]) or episodes != len(findings):
            self.wrong.append(f"{len(findings)} findings and {episodes} episodes in the history")
        old = [one for one in report["findings"] if not one["name"].startswith(self.new)]
        if any(one["status"] != "recurring" for one in old):
            self.wrong.append(f"what is known is called {[(one['name'], one['status']) for one in old]}")
        self.wrong += [f"measures: {one}" for one in below_nothing(report.get("measures"))]

    def asked(self, query: str) -> list[Any]:
        """The first column of what the history answers."""
        engine = sqlalchemy.create_engine(self.history, poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql(query)]

    def passing(self) -> list[Path]:
        """What is there only for as long as a run is, or until a mail is sent."""
        return [
            *(one for one in self.folder.glob("runs/outbox/*") if not one.name.startswith("sent.json")),
            *self.folder.glob("tmp/*"),
            *self.folder.glob(f"runs/*/{CHECKPOINT}"),
            *self.folder.glob("runs/*/.kept"),
        ]

    def left(self) -> None:
        """Nothing waits, nothing that is only of the moment is there, and no secret in anything."""
        if left := self.passing():
            self.wrong.append(f"left: {left}")
        self.wrong += [f"{path}: has a secret" for path in self.leaks()]

    def folders(self) -> list[Path]:
        """In which no secret may stand."""
        return [self.folder]

    def leaks(self) -> list[Path]:
        """The files in which a secret stands, packed or not; but those of the user's own."""
        found = []
        for path in (one for folder in self.folders() for one in folder.rglob("*")):
            own = path.name.startswith(("kubeconfig", "declared.jsonl"))
            if path.is_file() and not own:
                text = path.read_bytes()
                whole = text + b"".join(unpacked(text))
                if any(one.encode() in whole for one in self.secrets):
                    found.append(path)
        return found


def below_nothing(value: Any, path: str = "") -> Iterator[str]:
    """The numbers that are less than 0, anywhere in a document."""
    if isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from below_nothing(one, f"{path}/{name}")
    elif isinstance(value, int | float) and value < 0:
        yield f"{path}: {value}"


def unpacked(text: bytes) -> Iterator[bytes]:
    """What is packed somewhere in a file, as far as it goes."""
    start = text.find(zstandard.FRAME_HEADER)
    while start >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(text[start:])
        start = text.find(zstandard.FRAME_HEADER, start + 1)


def marks(report: dict[str, Any]) -> frozenset[Mark]:
    return frozenset(
        (one["kind"], one["type"], one["name"], tuple(sorted(change["path"] for change in one["changes"])))
        for one in report["findings"]
    )


# How a second night goes

#: A moment of a kind: its name, and the night that was disturbed then and made good.
Moment = tuple[str, Callable[[], Night[Any]]]
#: What is done to a run that is under way.
Strike = Callable[[Night[Any], Any], None]


def nothing(*_: Any) -> None:
    """Nothing is done."""


def good(night: Night[Any], chance: random.Random) -> Night[Any]:
    """The next run, which goes on with one that was cut where there is one, or does not, as chance has it."""
    cut = any(night.folder.glob(f"runs/*/{CHECKPOINT}"))
    night.make_good(*(["--resume"] if cut and chance.random() < 0.5 else []))
    shutil.rmtree(night.folder, ignore_errors=True)
    return night


def disturbed(
    ground: Ground,
    chance: random.Random,
    *,
    first: Callable[[Night[Any]], Fault | None] = lambda _: None,
    strike: Strike = nothing,
    at: float = 0.0,
    mended: Callable[[Night[Any]], None] = nothing,
    after: Callable[[Night[Any], Ran], None] = nothing,
    whole: bool = False,
    arguments: Sequence[str] | None = None,
) -> Night[Any]:
    """A second night. ``first`` gives what is done to the process before its run begins, ``strike`` is done
    ``at`` so many seconds later, ``mended`` before the third night; ``after`` looks at how the run went,
    which lacks nothing where that is to be ``whole``."""
    night = ground.again()
    process = night.begin(first(night), arguments=arguments)
    over = threading.Timer(at, strike, (night, process))
    over.start()
    try:
        ran = night.end(process, whole=whole)
        night.struck = not over.is_alive()
        after(night, ran)
    finally:
        over.cancel()
        over.join()
        mended(night)
    return good(night, chance)


def at_times(
    ground: Ground, chance: random.Random, count: int, work: Callable[[float], Night[Any]]
) -> Iterator[Moment]:
    """Random moments of a run."""
    for _ in range(count):
        at = chance.random() * ground.seconds
        yield f"after {at:.3f} s", lambda at=at: work(at)  # type: ignore[misc]


def under_way(
    ground: Ground, chance: random.Random, count: int, work: Callable[[float], Night[Any]]
) -> Iterator[Moment]:
    """The same, of which one that came too late counts for nothing."""
    struck = 0

    def counted(at: float) -> Night[Any]:
        nonlocal struck
        night = work(at)
        struck += night.struck
        if not night.struck:
            ground.seconds *= 0.9
        return night

    while struck < count:
        yield from at_times(ground, chance, 1, counted)
