"""drift.yaml: what is declared, what is live, how it is judged; every error names file, line and key."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, PrivateAttr, SecretStr, field_validator

from drift import objects, plugins, reading
from drift.config import channels, options, references, remediate
from drift.config.delivery import Mail, Notify
from drift.config.engine import Engine
from drift.config.entry import DeclaredEntry
from drift.config.keeping import History, Output, Resume
from drift.config.lines import Lines, read, suggest, validate
from drift.config.looking import AttributionSettings, Backends, Blame, Confirm, Redaction
from drift.config.remediate import Remediate
from drift.config.rules import IgnoreRule, OwnerRule, SeverityRule, UndeclaredRule, UnmanagedRule
from drift.errors import ConfigError, DriftError
from drift.model import DEFAULT_ENVIRONMENT, Forge
from drift.secrets import Keyring
from drift.settings import Hidden, Section

Severity = Literal["any", "critical", "high", "medium", "low", "info"]
New = Literal["new", "new:critical", "new:high", "new:medium", "new:low", "new:info"]
FailOn = Severity | New


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
