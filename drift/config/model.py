"""drift.yaml: what is declared, what is live, how it is judged; every error names file, line and key."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, PrivateAttr, SecretStr, field_validator, model_validator

from drift import objects, plugins, reading
from drift.config import channels, options, references, remediate
from drift.config.delivery import Mail, Notify
from drift.config.engine import Engine
from drift.config.lines import Lines, read, suggest, validate
from drift.config.remediate import Remediate
from drift.config.rules import IgnoreRule, OwnerRule, SeverityRule
from drift.errors import ConfigError, DriftError
from drift.model import DEFAULT_ENVIRONMENT, Forge
from drift.secrets import Keyring
from drift.settings import Hidden, Seconds, Section

Severity = Literal["any", "critical", "high", "medium", "low", "info"]
New = Literal["new", "new:critical", "new:high", "new:medium", "new:low", "new:info"]
FailOn = Severity | New


class Verify(Section):
    """By whose keys a commit must be signed to be read."""

    signed: bool = Field(True, description="Commits are to be signed; false asks for none.")
    allowed_signers: str | None = Field(
        None,
        description="File of the SSH keys that may sign, as ssh-keygen(1) has it; relative to this file.",
    )
    keyring: str | None = Field(
        None, description="File of the OpenPGP keys that may sign, as `gpg --export`; relative to this file."
    )

    @model_validator(mode="before")
    @classmethod
    def _word(cls, said: Any) -> Any:
        return {} if said == "signed" else said

    @model_validator(mode="after")
    def _by_somebody(self) -> Verify:
        if self.signed and self.allowed_signers is None and self.keyring is None:
            raise ValueError("needs the keys that may sign: name a file by `allowed_signers` or `keyring`")
        return self


class DeclaredEntry(Section):
    """One declared source. Keys beyond the named ones are options of the installed sources."""

    path: str | None = Field(
        None,
        description="File or folder, relative to this file or inside the Git repository; or a URL such as s3://bucket/key.",
    )
    git: str | None = Field(None, description="URL of a Git repository to take `path` from.")
    ref: str | None = Field(
        None, description="Branch, tag or commit. Default: the environment's, else the remote's HEAD."
    )
    source: str | None = Field(None, description="Forces a source instead of recognising it by content.")
    scope: str | None = Field(
        None, description="Account, subscription, project or cluster, where the files don't say."
    )
    region: str | None = Field(None, description="Region, where the files don't say.")
    verify: Verify | None = Field(
        None,
        description="Reads only a commit that is signed by one of these keys, and nothing that is not "
        "committed; else the run ends with exit code 1.",
    )
    options: dict[str, Any] | None = Field(
        None, description="Options of the source, which may as well stand beside `path`."
    )

    _lines: Lines | None = None
    _place: tuple[Any, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _beside(cls, said: Any) -> Any:
        """Brings what stands beside `path` and is an option of a source into `options`."""
        if not isinstance(said, dict) or not isinstance(said.get("options") or {}, dict):
            return said
        more = [key for key in said if key not in cls.model_fields]
        if more:
            known = options.known(plugins.sources().values())
            more = [key for key in more if options.spelled(str(key)) in known]
        if not more:
            return said
        left = {key: value for key, value in said.items() if key not in more}
        own = dict(said.get("options") or {})
        for key in more:
            if key in own:
                raise ValueError(f"{key} is said here and in `options`; join the two")
            own[key] = said[key]
        return {**left, "options": own}

    @model_validator(mode="after")
    def _somewhere(self) -> DeclaredEntry:
        if not self.path and not self.git:
            raise ValueError("needs `path` or `git`")
        if self.verify is not None and self.verify.signed and self.git is None and "://" in str(self.path):
            raise ValueError("`verify` asks for a signed commit, and what lies at this URL is in none")
        return self

    @classmethod
    def known_keys(cls) -> list[str]:
        """Every key that an entry may have."""
        own = (ones[0].name for ones in options.known(plugins.sources().values()).values())
        return list(dict.fromkeys((*cls.model_fields, *own)))

    def said(self) -> dict[str, Any]:
        """All options, as they are spelled here."""
        general = {name: getattr(self, name) for name in options.GENERAL if getattr(self, name) is not None}
        return {**general, **(self.options or {})}

    def where(self, option: str) -> str:
        """Where one of the options stands, for people: file, line and key."""
        if self._lines is None:
            return f"--declared {self.path or self.git}"
        beside, inside = (*self._place, option), (*self._place, "options", option)
        place = inside if self._lines.known(inside, missing=False) == inside else beside
        return f"{self._lines.at(place)}: {'.'.join(map(str, self._place))}"

    def stands(self, lines: Lines, place: tuple[Any, ...]) -> None:
        """Tells the entry where it is written."""
        self._lines, self._place = lines, place


class UnmanagedRule(Section):
    """What to do with live resources that nobody declares."""

    action: Literal["report", "count", "ignore"]
    provider: str = "*"
    scope: str = "*"
    type: str = "*"


class UndeclaredRule(Section):
    """What to do with live values that a declaration leaves unsaid and that are not a known default: what
    people add or change is a finding unless `ignore` hides it; what the service may have filled in is listed
    apart (`inform`, the default), and a finding under `report`."""

    action: Literal["report", "inform", "ignore"]
    type: str = "*"
    path: str = "*"


class Redaction(Section):
    key: Hidden | None = Field(
        None,
        description="Secret that keys the hashes, so that they can be compared from run to run. "
        "Default: the variable DRIFT_REDACTION_KEY, else a random key of this run.",
    )
    public: list[str] = Field(
        default_factory=list,
        description="Names of environment variables (globs) whose values people may read, beside those that "
        "are known to be public; the name of a secret beats them.",
    )


class Blame(Section):
    """Who last touched the lines that a finding speaks of (`git blame`)."""

    enabled: bool = Field(True, description="Whether Git is asked; only for findings.")
    history: int = Field(
        1,
        ge=1,
        le=2**31 - 1,
        description="How many commits of each repository that `git:` names are fetched. Of lines that are "
        "older nobody is named; with 1 that is every line.",
    )


class AttributionSettings(Section):
    """How much the clouds' logs are asked who did it; only for new findings, the worst first."""

    calls: int = Field(200, ge=0, description="Calls of a run, all clouds together; 0 asks nobody.")
    seconds: Seconds = Field(60, description="Seconds of a run, all clouds at once.")
    pipelines: list[str] = Field(
        default_factory=list,
        description="Roles, users and accounts (globs) that are a pipeline's, and no person's.",
    )


class History(Section):
    """What is remembered from run to run, and where."""

    database: Hidden | None = Field(
        None,
        description="A file, relative to this one, or postgresql://USER:PASSWORD@HOST/NAME (extra "
        "`postgres`). Default: history.db beside the folders of runs.",
    )
    keep: str | None = Field(
        None, description="How long what has ended is remembered, e.g. 400d. Default: for ever."
    )
    keep_runs: int | None = Field(None, ge=1, description="How many runs of an environment are kept.")
    expected: bool = Field(
        False,
        description="There is a history already: one that begins anew is told as lost.",
    )


class Confirm(Section):
    """What is read once more, singly, before it is reported: what is missing, what is critical, and what
    rests on an earlier run's reading."""

    findings: int = Field(
        100, ge=0, description="Findings of a run at most, what is missing first; 0 asks about none."
    )
    seconds: Seconds = Field(60, description="Seconds of a run, all clouds at once.")


class Resume(Section):
    """What becomes of what a run has read when it ends early, or not all could be read."""

    keep: bool = Field(
        True,
        description="Whether what is read is written down beside the report as it is read, so that "
        "`drift scan --resume` goes on from there. It is taken away once a run is whole.",
    )
    auto: bool = Field(
        False,
        description="Whether each run goes on where the last one ended that was not whole, as with "
        "`--resume`: for an estate larger than its night.",
    )
    max_age: str = Field(
        "24h",
        description="How old a reading may be to be gone on with, e.g. 72h; what is older is read again.",
    )


class Backends(Section):
    """What Terraform's `backend` blocks may name in repositories that are fetched, or are another one than
    that of this file."""

    allow: list[str] = Field(
        default_factory=list,
        description="Hosts, roles, profiles and files (globs) for which such a block may use the logins of "
        "this run's environment.",
    )


class Output(Section):
    directory: str | None = Field(None, description="Where runs are written. Default: runs/ID.")
    store: str | None = Field(
        None,
        description="An object store, or another folder, that the folder of each run is copied to, e.g. "
        "s3://acme-reports/drift (extra `objects`). What can't be sent waits for the next run, and the exit "
        "code is 3.",
    )
    formats: list[str] = Field(default_factory=lambda: ["html"], description="Formats besides JSON.")
    url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="Where people find that folder, e.g. https://reports.acme.io/drift: reports say of "
        "themselves where they are.",
    )
    keep: str | None = Field(
        None, description="How long the folder of a run is kept, e.g. 90d. Default: for ever."
    )
    keep_runs: int | None = Field(None, ge=1, description="How many folders of runs are kept.")


class Environment(Section):
    """Settings that replace the general ones under `--env NAME`."""

    ref: str | None = Field(None, description="Git ref of every declared entry that names none.")
    declared: list[DeclaredEntry] | None = None
    live: dict[str, Any] | None = Field(None, description="Merged over the general `live`, key by key.")
    fail_on: FailOn | None = None
    mail: dict[str, Any] | None = Field(
        None, description="Keys that replace those of the general `mail`, each as a whole."
    )


#: Of an environment.
_LONGEST_NAME = 100


class Config(Section):
    """The whole file."""

    version: Literal[1]
    declared: list[DeclaredEntry] = Field(default_factory=list)
    live: dict[str, Any] = Field(
        default_factory=dict, description="A section for each provider that is read."
    )
    environments: dict[str, Environment] = Field(default_factory=dict)
    environment: str = Field(
        DEFAULT_ENVIRONMENT, description="Name of the environment where --env names none."
    )
    unmanaged: list[UnmanagedRule] = Field(default_factory=list, description="First match decides.")
    undeclared: list[UndeclaredRule] = Field(default_factory=list, description="First match decides.")
    ignore: list[IgnoreRule] = Field(
        default_factory=list, description="Differences that are accepted, and why."
    )
    severity: list[SeverityRule] = Field(
        default_factory=list, description="Asked before the built-in rules; first match decides."
    )
    owners: list[OwnerRule] = Field(
        default_factory=list,
        description="Asked where neither CODEOWNERS nor a tag says who owns it; first match decides.",
    )
    redaction: Redaction = Field(default_factory=Redaction)
    backends: Backends = Field(default_factory=Backends)
    output: Output = Field(default_factory=Output)
    resume: Resume = Field(default_factory=Resume)
    confirm: Confirm = Field(default_factory=Confirm)
    blame: Blame = Field(default_factory=Blame)
    attribution: AttributionSettings = Field(default_factory=AttributionSettings)
    history: History | Hidden | bool | None = Field(
        None,
        description="Where findings are remembered from run to run; also just the file or address, or false. "
        "Default: runs that go to their own folder are remembered in history.db beside it.",
    )
    mail: Mail | None = Field(None, description="Who gets a mail about runs (`drift scan --mail`).")
    notify: list[Notify] = Field(
        default_factory=list, description="Who gets a note about runs (`drift scan --notify`)."
    )
    remediate: Remediate | None = Field(
        None, description="Pull requests that mend what is found (`drift remediate`)."
    )
    secrets: dict[str, Any] = Field(
        default_factory=dict,
        description="How to reach what keeps values of this file (`password: vault://mount/path#key`): a "
        "section by scheme.",
    )
    forges: dict[str, Forge] = Field(
        default_factory=dict,
        description="What runs at a host whose name does not tell it, for links to declared lines: "
        "{git.acme.io: gitlab}.",
    )
    fail_on: FailOn = "any"
    grace: str = Field(
        "0s", description="How young a commit may be for its missing effect to be pending, e.g. 30m."
    )
    deadline: str | None = Field(
        None,
        description="How long a run may take from its start, e.g. 50m; what is not read by then is unread in "
        "the report. Default: as long as it takes.",
    )
    workers: int = Field(16, ge=1, le=256, description="Cells read at once.")
    engine: Engine | None = Field(
        None, description="Other processes or machines that read and compare (docs/engine.md). Default: none."
    )

    _base: Path = Path()
    _lines: Lines = Lines("drift.yaml", {})
    _settings: dict[str, BaseModel] = {}
    _channels: dict[str, tuple[str, BaseModel]] = {}
    _forges: dict[str, list[BaseModel]] = {}
    _keyring: Keyring = PrivateAttr(default_factory=Keyring)

    @field_validator("environment")
    @classmethod
    def _named(cls, said: str) -> str:
        if not said.strip() or not said.isprintable() or len(said) > _LONGEST_NAME:
            raise ValueError(f"is a name of 1 to {_LONGEST_NAME} letters that can be printed; correct it")
        return said

    @property
    def keyring(self) -> Keyring:
        """What looks up the values that are kept elsewhere."""
        return self._keyring

    @property
    def base(self) -> Path:
        """The folder that relative paths start from."""
        return self._base

    @property
    def remembers(self) -> History | None:
        """What the key `history` says, in full; None where it says that nothing is remembered."""
        if isinstance(self.history, History):
            return self.history
        if self.history is False:
            return None
        return History(database=self.history if isinstance(self.history, SecretStr) else None)

    @property
    def lines(self) -> Lines:
        """Where each key of the file stands."""
        return self._lines

    @property
    def settings(self) -> dict[str, BaseModel]:
        """Each configured provider's own section, validated."""
        return self._settings

    @property
    def channels(self) -> dict[str, tuple[str, BaseModel]]:
        """``mail``, ``notify.0``, …: the channel that each goes by, and its settings, validated."""
        return self._channels

    @property
    def logins(self) -> dict[str, list[BaseModel]]:
        """The sections of each configured kind of forge, one a host, validated."""
        return self._forges


def load(
    path: Path,
    environment: str | None = None,
    env: Mapping[str, str] | None = None,
    unneeded: Collection[str] = (),
) -> Config:
    """Reads drift.yaml for one environment. Raises ConfigError with file, line, key and a suggestion.

    ``unneeded`` are keys that the command makes no use of: one of them that has values which are kept
    elsewhere is left out, so that these are not looked up.
    """
    if not os.path.lexists(path):
        raise ConfigError(f"{path}: there is no such file; write one (see README) or name it with -c")
    text = reading.text(path, str(path), error=ConfigError)
    variables = os.environ if env is None else env
    return parse(text, str(path), path.resolve().parent, environment, variables, unneeded)


def parse(
    text: str,
    name: str,
    base: Path,
    environment: str | None,
    env: Mapping[str, str],
    unneeded: Collection[str] = (),
) -> Config:
    """The configuration that ``text`` says; ``name`` is how errors call it."""
    data, lines = read(text, name)
    if not isinstance(data, dict):
        raise ConfigError(f"{name}: expected a mapping that begins with `version: 1`")
    reach = references.Reach(lines, base, environment, env)
    try:
        return _config(reach.expanded(data, unneeded), lines, base, environment, reach.keyring)
    except DriftError as error:
        error.args = (reach.keyring.covered(str(error)), *error.args[1:])
        raise


def _config(
    data: dict[str, Any], lines: Lines, base: Path, environment: str | None, keyring: Keyring
) -> Config:
    name = lines.name
    config = validate(Config, data, lines, ())
    config._keyring = keyring
    for place, entries in _entries(config):
        for index, entry in enumerate(entries):
            entry.stands(lines, (*place, index))
    if environment is not None:
        if environment not in config.environments:
            raise ConfigError(
                f"{name}: there is no environment {environment!r}"
                + suggest(environment, config.environments)
                + (
                    f"; known are {', '.join(config.environments)}"
                    if config.environments
                    else "; `environments:` is empty"
                )
            )
        config = _with_environment(config, environment, lines)
    config._base = base
    config._lines = lines
    config._settings = _provider_settings(config, environment, lines)
    own = config.environments[environment].mail if environment is not None else None
    via = ("environments", environment, "mail") if own and "via" in own else ("mail",)
    config._channels = channels.settings(config.mail, config.notify, lines, via)
    config._forges = remediate.settings(config.remediate, lines)
    _check_names(config, lines)
    return config


def _entries(config: Config) -> Iterator[tuple[tuple[str, ...], list[DeclaredEntry]]]:
    """The lists of declared entries, each with its place in the file."""
    yield ("declared",), config.declared
    for name, environment in config.environments.items():
        yield ("environments", name, "declared"), environment.declared or []


def json_schema() -> dict[str, Any]:
    """The JSON Schema of drift.yaml, with the installed providers' sections and the sources' options."""
    schema = Config.model_json_schema()
    schema["$defs"]["DeclaredEntry"]["properties"].update(options.schema(plugins.sources().values()))
    sections: dict[str, Any] = {}
    for name, provider in plugins.providers().items():
        section = provider.Settings.model_json_schema()
        schema["$defs"].update(section.pop("$defs", {}))
        sections[name] = {"anyOf": [section, {"type": "null"}]}
    references.schema(schema["$defs"], schema["properties"]["secrets"])
    channels.schema(schema["$defs"])
    remediate.schema(schema["$defs"])
    schema["properties"]["live"] = {
        "type": "object",
        "description": Config.model_fields["live"].description,
        "properties": sections,
        "additionalProperties": False,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "drift.yaml", **schema}


def _with_environment(config: Config, name: str, lines: Lines) -> Config:
    chosen = config.environments[name]
    declared = chosen.declared if chosen.declared is not None else config.declared
    if chosen.ref:
        declared = [
            entry.model_copy(update={"ref": chosen.ref}) if entry.git and not entry.ref else entry
            for entry in declared
        ]
    live = dict(config.live)
    for provider, section in (chosen.live or {}).items():
        general = live.get(provider)
        live[provider] = (
            {**general, **section} if isinstance(general, dict) and isinstance(section, dict) else section
        )
    changes: dict[str, Any] = {"declared": declared, "live": live, "environment": name}
    if chosen.fail_on:
        changes["fail_on"] = chosen.fail_on
    if chosen.mail:
        changes["mail"] = channels.replaced(config.mail, chosen.mail, lines, ("environments", name, "mail"))
    return config.model_copy(update=changes)


def _provider_settings(config: Config, environment: str | None, lines: Lines) -> dict[str, BaseModel]:
    settings: dict[str, BaseModel] = {}
    known = plugins.names("providers")
    for name, section in config.live.items():
        if name not in known:
            raise ConfigError(
                f"{lines.at(('live', name))}: live.{name}: there is no provider "
                f"{name!r}{suggest(name, known)}; installed are: {', '.join(known)}"
            )
        model = plugins.provider(name).Settings
        settings[name] = validate(model, section or {}, lines, ("live", name))
    return settings


def _check_names(config: Config, lines: Lines) -> None:
    for index, entry in enumerate(config.declared):
        if entry.source is not None and entry.source not in plugins.names("sources"):
            raise ConfigError(
                f"{lines.at(('declared', index, 'source'))}: declared.{index}.source: there is no source "
                f"{entry.source!r}{suggest(entry.source, plugins.names('sources'))}; installed are: "
                f"{', '.join(plugins.names('sources'))}"
            )
    for name in config.output.formats:
        if name not in plugins.names("renderers"):
            raise ConfigError(
                f"{lines.at(('output', 'formats'))}: output.formats: there is no format "
                f"{name!r}{suggest(name, plugins.names('renderers'))}"
            )
    from drift.config.durations import seconds

    shared = config.engine.shared if config.engine is not None else None
    for (section, key), url in ((("output", "store"), config.output.store), (("engine", "shared"), shared)):
        if url is not None:
            try:
                objects.checked(objects.placed(url, Path()))
            except ConfigError as error:
                raise ConfigError(f"{lines.at((section, key))}: {section}.{key}: {error}") from error
    if config.output.directory is not None and objects.is_url(config.output.directory):
        raise ConfigError(
            f"{lines.at(('output', 'directory'))}: output.directory: names a folder on this machine; for an "
            "object store write `output: {store: …}`"
        )
    history = config.remembers or History()
    lengths = {
        ("grace",): config.grace,
        ("deadline",): config.deadline,
        ("history", "keep"): history.keep,
        ("output", "keep"): config.output.keep,
        ("resume", "max_age"): config.resume.max_age,
    }
    for path, said in lengths.items():
        key = ".".join(path)
        try:
            length = 1 if said is None else seconds(said)
        except DriftError as error:
            raise ConfigError(f"{lines.at(path)}: {key}: {error}") from error
        if key == "deadline" and length <= 0:
            raise ConfigError(f"{lines.at(path)}: {key}: {said!r} leaves no time to read")
        if path[-1] == "keep" and length <= 0:
            raise ConfigError(f"{lines.at(path)}: {key}: {said!r} keeps nothing")
