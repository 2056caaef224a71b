"""The program in one sentence: read what is declared and what is live, match, compare, report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from drift import __version__, declared, plugins
from drift.config.model import Config
from drift.errors import DriftError
from drift.judge import judge
from drift.live import collect
from drift.live.collect import Watch
from drift.live.estate import Estate
from drift.match.match import match
from drift.model import Problem, Resource, Severity, Unverifiable
from drift.provider import Wanted
from drift.redaction.redact import Redactor
from drift.report import document as report
from drift.report import evidence, runs
from drift.rules.carriers import Carriers
from drift.rules.codeowners import CodeOwners
from drift.rules.files import gather
from drift.rules.owner import Owners
from drift.rules.severity import RANK
from drift.source import Declaration, Location
from drift.store.memory import kept

#: Environment variable that gives the redaction key where the configuration has none.
KEY_VARIABLE = "DRIFT_REDACTION_KEY"


@dataclass(slots=True)
class Result:
    """A run's outcome: the report document, its evidence, and the exit code of the command-line contract."""

    report: dict[str, Any]
    evidence: Iterable[dict[str, Any]]
    exit_code: int


@dataclass
class Run:
    """One run, before anything is read. ``only`` restricts to types or names that match the glob; ``tell`` is
    given what declared sources passed over on purpose. ``processes`` compare very many resources: more than
    one starts others of this program, for which Python runs the main module again, so that a script must
    guard what it does with ``__name__``."""

    config: Config
    only: str | None = None
    live: Sequence[Path] = ()
    watch: Watch = lambda _: None
    tell: Callable[[str], None] = lambda _: None
    processes: int = 1
    redactor: Redactor = field(init=False)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.redactor = Redactor(self.config.redaction.key or os.environ.get(KEY_VARIABLE))

    def scan(self) -> Result:
        """Reads, matches, compares. Raises DriftError for what makes the whole run useless."""
        estate = Estate(plugins.providers())
        with kept() if self.live else contextlib.nullcontext():  # what talks to clouds leaves cyclic garbage
            with kept():
                declarations = declared.load(
                    self.config.declared, self.config.base, estate.providers, self.config.settings
                )
            problems = self.read_live(estate, declarations)
            with kept():
                return self._result(estate, declarations, problems)

    def snapshot(self) -> Estate:
        """The live side only. What is declared, where it can be read, tells the versions to read objects
        at."""
        estate = Estate(plugins.providers())
        declarations: list[Declaration] = []
        if not self.live:
            with contextlib.suppress(DriftError):
                declarations = declared.load(
                    self.config.declared, self.config.base, estate.providers, self.config.settings
                )
        self.read_live(estate, declarations)
        return estate

    def read_live(self, estate: Estate, declarations: Iterable[Declaration]) -> list[Problem]:
        """Fills the estate from the snapshots given, else from the clouds. Gives what could not be read."""
        if self.live:
            return collect.from_files(estate, self.live, self.redactor)
        types = [pair for declaration in declarations for pair in declaration.types()]
        versions: dict[str, str] = {}
        for declaration in declarations:
            named = getattr(declaration, "versions", None)
            versions.update(named() if named is not None else {})
        wanted = {
            name: Wanted(
                frozenset(type_ for provider, type_ in types if provider == name),
                self._selects_type,
                versions,
            )
            for name in self.config.settings
        }
        collect.from_clouds(
            estate, self.config.settings, wanted, self.redactor, self.config.workers, self.watch
        )
        return []

    def _environment(self, estate: Estate) -> str:
        """The environment that findings are of: the configuration's, else the one that the snapshots were
        taken of."""
        own = self.config.environment
        general = own == Config.model_fields["environment"].default
        return next(iter(estate.environments)) if general and len(estate.environments) == 1 else own

    def _selects_type(self, type_: str) -> bool:
        return not self._only_types or type_ in self._only_types

    @cached_property
    def _only_types(self) -> frozenset[str]:
        """The types that `--only` names; none where it speaks of names, ids or addresses (`arn:…`,
        `/aws/…`)."""
        if self.only is None or ("::" not in self.only and "/" not in self.only):
            return frozenset()
        known = (type_ for provider in plugins.providers().values() for type_ in provider.types())
        return frozenset(type_ for type_ in known if fnmatchcase(type_, self.only))

    def selects(self, resource: Resource) -> bool:
        """Whether `--only` lets a resource through."""
        if self.only is None:
            return True
        address = resource.origin.address if resource.origin else None
        return any(
            fnmatchcase(text, self.only)
            for text in (resource.type, resource.id, resource.name, address)
            if text
        )

    def _declared(
        self,
        estate: Estate,
        declarations: Iterable[Declaration],
        unverifiable: list[Unverifiable],
        problems: list[Problem],
        carriers: Carriers,
    ) -> Iterator[Resource]:
        """What is declared, one by one; whatever else the sources tell goes where it belongs."""
        for declaration in declarations:
            for one in declaration.resources(estate):
                if isinstance(one, Resource):
                    carriers.see(one)
                    yield one
                elif isinstance(one, Unverifiable):
                    unverifiable.append(one)
                else:
                    problems.append(one)
            for note in getattr(declaration, "notes", ()):
                self.tell(note)

    def _result(self, estate: Estate, declarations: list[Declaration], problems: list[Problem]) -> Result:
        unverifiable: list[Unverifiable] = []
        carriers = Carriers(estate.providers)
        declared = self._declared(estate, declarations, unverifiable, problems, carriers)
        matches = match(declared, estate)
        matches.unverifiable[:0] = unverifiable
        problems.extend(matches.problems)
        if self.only is not None:
            matches.pairs = [
                pair for pair in matches.pairs if self.selects(pair.declared) or self.selects(pair.live)
            ]
            matches.missing = [one for one in matches.missing if self.selects(one)]
            matches.unmatched = [one for one in matches.unmatched if self.selects(one)]
        committed = {
            declaration.location.commit: declaration.location.committed_at
            for declaration in declarations
            if declaration.location.commit and declaration.location.committed_at
        }
        locations = [declaration.location for declaration in declarations]
        today, whole = self.started.date(), self.only is None
        beside = [rule for one in declarations for rule in getattr(one, "rules", tuple)()]
        ruling = gather(
            self.config,
            locations,
            carriers.kept,
            list(estate.providers.values()),
            today,
            whole=whole,
            beside=beside,
        )
        owners = Owners(self.config.owners, CodeOwners(locations).of)
        proof = evidence.Evidence(matches, estate, self.config)
        judgement = judge(
            matches,
            estate,
            self.config,
            self.redactor,
            committed,
            self.started,
            ruling,
            owners,
            proof.keep,
            self.processes,
        )
        finished = datetime.now(UTC)
        environment = self._environment(estate)
        document = report.build(
            judgement,
            estate,
            run={
                "id": runs.new_id(self.started),
                "started_at": _moment(self.started),
                "finished_at": _moment(finished),
                "duration_seconds": round((finished - self.started).total_seconds(), 3),
            },
            environment=environment,
            locations=_locations(declarations),
            problems=problems,
        )
        code = exit_code(document, self.config.fail_on)
        document["run"]["exit_code"] = code
        return Result(document, proof.records(judgement), code)


def exit_code(document: Mapping[str, Any], fail_on: str) -> int:
    """2: a finding at or above ``fail_on``; 3: something was not read; 0: in sync (DESIGN 6.2)."""
    limit = len(RANK) if fail_on == "any" else RANK[_severity(fail_on)]
    if any(
        RANK[finding["severity"]] <= limit
        for finding in document["findings"]
        if finding["status"] != "pending"
    ):
        return 2
    if document["problems"] or any(_counts(row, document) for row in document["coverage"]):
        return 3
    return 0


def _counts(row: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether a row of the ledger makes a run incomplete: an unsupported type only where somebody declares
    it."""
    if row["status"] != "unsupported":
        return row["status"] in ("denied", "throttled", "failed")
    place = (row["provider"], row["scope"], row["type"])
    return any((one["provider"], one["scope"], one["type"]) == place for one in document["unverifiable"])


def header(estate: Estate, redactor: Redactor) -> dict[str, Any]:
    """The header of a snapshot of this estate."""
    return {
        "taken_at": _moment(datetime.now(UTC)),
        "tool": f"drift {__version__}",
        **({"environment": next(iter(estate.environments))} if len(estate.environments) == 1 else {}),
        "redaction_key": redactor.key_id,
        "resources": len(estate),
        "coverage": [estate.coverage[cell].record() for cell in sorted(estate.coverage)],
        "context": {name: estate.contexts[name] for name in sorted(estate.contexts)},
    }


def _severity(name: str) -> Severity:
    return name  # type: ignore[return-value]


def _locations(declarations: Iterable[Declaration]) -> Iterator[tuple[str, Location]]:
    for declaration in declarations:
        yield declaration.source, declaration.location


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
