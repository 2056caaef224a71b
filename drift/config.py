"""drift.yaml: what is declared, what is live, how it is judged; every error names file, line and key."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from drift import plugins
from drift.errors import ConfigError, DriftError

_ENV = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
Model = TypeVar("Model", bound=BaseModel)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FailOn = Literal["any", "critical", "high", "medium", "low", "info"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeclaredEntry(BaseModel):
    """One declared source. Keys beyond the named ones are the source's own options and are checked by it."""

    model_config = ConfigDict(extra="forbid")

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
    namespace: str | None = Field(None, description="Namespace of manifests that name none.")
    stack: str | None = Field(None, description="The CloudFormation stack (name or ARN) of a template.")
    parameters: dict[str, Any] | None = Field(None, description="A template's parameters.")
    options: dict[str, Any] | None = Field(None, description="More options of the source.")

    @model_validator(mode="after")
    def _somewhere(self) -> DeclaredEntry:
        if self.path is None and self.git is None:
            raise ValueError("needs `path` or `git`")
        return self

    def extra(self) -> dict[str, Any]:
        """The options that the source gets."""
        said = {
            name: getattr(self, name)
            for name in ("scope", "region", "namespace", "stack", "parameters")
            if getattr(self, name) is not None
        }
        return {**said, **(self.options or {})}


class UnmanagedRule(_Section):
    """What to do with live resources that nobody declares."""

    action: Literal["report", "count", "ignore"]
    provider: str = "*"
    scope: str = "*"
    type: str = "*"


class UndeclaredRule(_Section):
    """What to do with live values that a declaration leaves unsaid and that are not a known default."""

    action: Literal["report", "ignore"]
    type: str = "*"
    path: str = "*"


class Redaction(_Section):
    key: str | None = Field(
        None, description="Secret that keys the hashes, so that rotation is seen from run to run."
    )


class Output(_Section):
    directory: str | None = Field(None, description="Where runs are written. Default: runs/ID.")
    formats: list[str] = Field(default_factory=lambda: ["html"], description="Formats besides JSON.")


class Environment(_Section):
    """Settings that replace the general ones under `--env NAME`."""

    ref: str | None = Field(None, description="Git ref of every declared entry that names none.")
    declared: list[DeclaredEntry] | None = None
    live: dict[str, Any] | None = Field(None, description="Merged over the general `live`, key by key.")
    fail_on: FailOn | None = None


class Config(_Section):
    """The whole file."""

    version: Literal[1]
    declared: list[DeclaredEntry] = Field(default_factory=list)
    live: dict[str, Any] = Field(
        default_factory=dict, description="A section for each provider that is read."
    )
    environments: dict[str, Environment] = Field(default_factory=dict)
    environment: str = Field("default", description="Name of the environment where --env names none.")
    unmanaged: list[UnmanagedRule] = Field(default_factory=list, description="First match decides.")
    undeclared: list[UndeclaredRule] = Field(default_factory=list, description="First match decides.")
    redaction: Redaction = Field(default_factory=Redaction)
    output: Output = Field(default_factory=Output)
    fail_on: FailOn = "any"
    grace: str = Field(
        "0s", description="How young a commit may be for its missing effect to be pending, e.g. 30m."
    )
    workers: int = Field(16, ge=1, le=256, description="Cells read at once.")

    _base: Path = Path()
    _settings: dict[str, BaseModel] = {}

    @property
    def base(self) -> Path:
        """The folder that relative paths start from."""
        return self._base

    @property
    def settings(self) -> dict[str, BaseModel]:
        """Each configured provider's own section, validated."""
        return self._settings


def load(path: Path, environment: str | None = None, env: Mapping[str, str] | None = None) -> Config:
    """Reads drift.yaml for one environment. Raises ConfigError with file, line, key and a suggestion."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path}: there is no such file; write one (see README) or name it with -c"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    return parse(text, str(path), path.resolve().parent, environment, os.environ if env is None else env)


def parse(text: str, name: str, base: Path, environment: str | None, env: Mapping[str, str]) -> Config:
    """The configuration that ``text`` says; ``name`` is how errors call it."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{name}{where}: no valid YAML: {getattr(error, 'problem', None) or getattr(error, 'reason', error)}"
        ) from error
    lines = _Lines(name, node)
    if not isinstance(data, dict):
        raise ConfigError(f"{name}: expected a mapping that begins with `version: 1`")
    if lines.twice is not None:
        key, first, line = lines.twice
        raise ConfigError(f"{name}:{line}: {key}: the key is on line {first} already; join the two")
    data = _expand(data, env, lines, (), environment)
    config = _validate(Config, data, lines, ())
    if environment is not None:
        if environment not in config.environments:
            raise ConfigError(
                f"{name}: there is no environment {environment!r}"
                + _suggest(environment, config.environments)
                + (
                    f"; known are {', '.join(config.environments)}"
                    if config.environments
                    else "; `environments:` is empty"
                )
            )
        config = _with_environment(config, environment)
    config._base = base
    config._settings = _provider_settings(config, environment, lines)
    _check_names(config, lines)
    return config


def json_schema() -> dict[str, Any]:
    """The JSON Schema of drift.yaml, with the installed providers' sections."""
    schema = Config.model_json_schema()
    sections: dict[str, Any] = {}
    for name, provider in plugins.providers().items():
        section = provider.Settings.model_json_schema()
        schema["$defs"].update(section.pop("$defs", {}))
        sections[name] = {"anyOf": [section, {"type": "null"}]}
    schema["properties"]["live"] = {
        "type": "object",
        "description": Config.model_fields["live"].description,
        "properties": sections,
        "additionalProperties": False,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "drift.yaml", **schema}


def _with_environment(config: Config, name: str) -> Config:
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
    return config.model_copy(update=changes)


def _provider_settings(config: Config, environment: str | None, lines: _Lines) -> dict[str, BaseModel]:
    settings: dict[str, BaseModel] = {}
    known = plugins.names("providers")
    for name, section in config.live.items():
        if name not in known:
            raise ConfigError(
                f"{lines.at(('live', name))}: live.{name}: there is no provider {name!r}{_suggest(name, known)}; "
                f"installed are: {', '.join(known)}"
            )
        model = plugins.load("providers", name).Settings
        settings[name] = _validate(model, section or {}, lines, ("live", name))
    return settings


def _check_names(config: Config, lines: _Lines) -> None:
    for index, entry in enumerate(config.declared):
        if entry.source is not None and entry.source not in plugins.names("sources"):
            raise ConfigError(
                f"{lines.at(('declared', index, 'source'))}: there is no source {entry.source!r}"
                f"{_suggest(entry.source, plugins.names('sources'))}; installed are: {', '.join(plugins.names('sources'))}"
            )
    for name in config.output.formats:
        if name not in plugins.names("renderers"):
            raise ConfigError(
                f"{lines.at(('output', 'formats'))}: there is no format {name!r}{_suggest(name, plugins.names('renderers'))}"
            )
    from drift.durations import seconds

    try:
        seconds(config.grace)
    except DriftError as error:
        raise ConfigError(f"{lines.at(('grace',))}: grace: {error}") from error


def _validate(model: type[Model], data: Any, lines: _Lines, base: tuple[Any, ...]) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = min(error.errors(), key=lambda e: lines.line((*base, *e["loc"])) or 10**9)
        place = lines.known((*base, *first["loc"]), missing=first["type"] == "missing")
        key = ".".join(str(part) for part in place)
        if first["type"] == "extra_forbidden":
            known = _fields(model, first["loc"][:-1])
            message = f"unknown key{_suggest(str(first['loc'][-1]), known)}"
            message += f"; known are {', '.join(known)}" if known else ""
        elif first["type"] == "missing":
            message = "is missing"
        else:
            message = first["msg"].removeprefix("Value error, ")
            given = first.get("input")
            if isinstance(given, (str, int, float, bool)):
                message += f" (it is {given!r})"
        places = {
            lines.known((*base, *one["loc"]), missing=one["type"] == "missing") for one in error.errors()
        }
        more = len(places) - 1
        raise ConfigError(
            f"{lines.at(place)}: {key or 'the file'}: {message}" + (f" (and {more} more)" if more else "")
        ) from error


def _fields(model: type[BaseModel], loc: Iterable[Any]) -> list[str]:
    current: Any = model
    for part in loc:
        field = current.model_fields.get(str(part))
        if field is None:  # an index, a name of the user's own, a branch of a union
            continue
        current = _model_in(field.annotation)
        if current is None:
            return []
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def _suggest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _expand(
    value: Any, env: Mapping[str, str], lines: _Lines, path: tuple[Any, ...], environment: str | None
) -> Any:
    """The value with ``${NAME}`` replaced; what belongs to another environment than the chosen one stays as it is."""
    if len(path) == 2 and path[0] == "environments" and path[1] != environment:
        return value
    if isinstance(value, dict):
        return {key: _expand(item, env, lines, (*path, key), environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, env, lines, (*path, index), environment) for index, item in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value

    def replace(found: re.Match[str]) -> str:
        given = env.get(found["name"])
        if given is None:
            given = found["default"]
        if given is None:
            key = ".".join(str(part) for part in path)
            raise ConfigError(
                f"{lines.at(path)}: {key}: the environment variable {found['name']} is not set; "
                f"set it or write ${{{found['name']}:-default}}"
            )
        return given

    return _ENV.sub(replace, value)


class _Lines:
    """Where each key of the YAML stands."""

    def __init__(self, name: str, node: yaml.Node | None) -> None:
        self.name = name
        self._found: dict[tuple[Any, ...], int] = {}
        #: (key, line, line again) of the first key that is said twice.
        self.twice: tuple[str, int, int] | None = None
        if node is not None:
            self._visit(node, ())

    def _visit(self, node: yaml.Node, path: tuple[Any, ...], above: tuple[yaml.Node, ...] = ()) -> None:
        self._found.setdefault(path, node.start_mark.line + 1)
        if any(node is one for one in above):
            raise ConfigError(f"{self.name}:{node.start_mark.line + 1}: the value contains itself")
        above = (*above, node)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                below = (*path, getattr(key, "value", None))
                if below in self._found and key.value != "<<" and self.twice is None:
                    where = ".".join(str(part) for part in below)
                    self.twice = (where, self._found[below], key.start_mark.line + 1)
                self._found[below] = key.start_mark.line + 1
                self._visit(value, below, above)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._visit(value, (*path, index), above)

    def known(self, path: tuple[Any, ...], *, missing: bool) -> tuple[Any, ...]:
        """The path without what only the validator calls so (``list[str]``, a union's branch)."""
        found: tuple[Any, ...] = ()
        for part in path:
            if (*found, part) in self._found:
                found = (*found, part)
        return (*found, path[-1]) if missing else found

    def line(self, path: tuple[Any, ...]) -> int | None:
        while path and path not in self._found:
            path = path[:-1]
        return self._found.get(path)

    def at(self, path: tuple[Any, ...]) -> str:
        line = self.line(path)
        return f"{self.name}:{line}" if line else self.name
