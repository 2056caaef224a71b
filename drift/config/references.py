"""What drift.yaml refers to: environment variables, put in at once, and secrets that are kept elsewhere,
looked up when they are needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from drift import plugins
from drift.config.lines import Lines, suggest, validate
from drift.errors import ConfigError
from drift.secret import Held
from drift.secrets import Keyring, Reference, misspelt, parts, sent

#: Keys whose texts are compared with those of others, so that one that looks like a reference may mean
#: itself: there only ``${scheme://…}`` refers to something.
_COMPARED = frozenset({"ignore", "severity", "owners", "unmanaged", "undeclared"})
#: Where texts are addresses already, whatever is below, and the schemes that mean one there and no secret.
_ADDRESSES: Mapping[tuple[str, ...], frozenset[str]] = {
    ("declared",): frozenset({"file"}),
    ("output", "store"): frozenset({"file"}),
    ("output", "directory"): frozenset({"file"}),
    ("engine", "shared"): frozenset({"file"}),
}
#: Those that have no ``#``, so that with one it is not known what is meant.
_WITHOUT_FRAGMENT = (("output", "store"), ("engine", "shared"))
#: Keys that are read by models which can wait for a secret; in all others one is looked up at once.
_WAITING = frozenset({"live", "mail", "notify", "remediate", "redaction", "history", "secrets"})


class Reach:
    """Reads the values of one drift.yaml. ``env`` are the environment variables."""

    def __init__(self, lines: Lines, base: Path, environment: str | None, env: Mapping[str, str]) -> None:
        self._lines, self._environment, self._env = lines, environment, env
        self._sections: Mapping[str, Any] = {}
        self.keyring = Keyring(base, self._settings)
        self.keyring.travels = partial(sent, self.keyring)

    def expanded(self, data: Mapping[str, Any], unneeded: Collection[str]) -> dict[str, Any]:
        """The data with what it refers to in place: a text, or a Held. What belongs to another environment
        than the chosen one stays as it is; of what is ``unneeded`` nothing is looked up. Raises ConfigError,
        SecretError."""
        found: dict[str, Any] = {}
        self._put(found, ("secrets",), "secrets", data.get("secrets"), ())
        sections = found["secrets"]
        self._sections = self.keyring.sections = sections if isinstance(sections, dict) else {}
        self._check()
        found = {}
        for key, value in data.items():
            if key == "environments" and isinstance(value, dict):
                found[key] = {
                    name: self._environments(name, one, unneeded) if name == self._environment else one
                    for name, one in value.items()
                }
            else:
                self._put(found, (key,), key, value, unneeded)
        return found

    def _environments(self, name: str, said: Any, unneeded: Collection[str]) -> Any:
        if not isinstance(said, dict):
            return said
        found: dict[str, Any] = {}
        for key, value in said.items():
            self._put(found, ("environments", name, key), key, value, unneeded)
        return found

    def _put(
        self, found: dict[str, Any], place: tuple[Any, ...], key: str, value: Any, unneeded: Collection[str]
    ) -> None:
        read = self._read(value, place, key)
        if key in unneeded and _holds(read):
            return
        found[key] = read if key in _WAITING else self._now(read)

    def _read(self, value: Any, place: tuple[Any, ...], top: str) -> Any:
        if isinstance(value, dict):
            return {key: self._read(item, (*place, key), top) for key, item in value.items()}
        if isinstance(value, list):
            return [self._read(item, (*place, index), top) for index, item in enumerate(value)]
        if not isinstance(value, str) or ("${" not in value and ":/" not in value):
            return value
        bare: Collection[str] = ()
        at = f"{self._lines.at(place)}: {'.'.join(map(str, place))}"
        if top not in _COMPARED:
            bare = set(plugins.names("secrets")) - _own(place, value, at)

        def variable(name: str, default: str | None) -> str:
            if default is not None and "${" in default:
                raise ConfigError(
                    f"{at}: the default of ${{{name}}} can hold no `${{`, as it ends at the first `}}`; say "
                    "it by one variable"
                )
            given = self._env.get(name, default)
            if given is None:
                raise ConfigError(
                    f"{at}: the environment variable {name} is not set; set it or write ${{{name}:-default}}"
                )
            return given

        told = parts(value, variable, bare)
        if any(isinstance(one, Reference) for one in told):
            return self.keyring.held(told, at)
        if top not in _COMPARED and (meant := misspelt(value, str(place[-1]), plugins.names("secrets"))):
            raise ConfigError(f"{at}: {meant}")
        return "".join(map(str, told))

    def _now(self, value: Any) -> Any:
        """A value with nothing in it that waits."""
        if isinstance(value, dict):
            return {key: self._now(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._now(item) for item in value]
        if isinstance(value, Held):
            found = value.get_secret_value()
            self._lines.hidden.add(found)
            return found
        return value

    def _check(self) -> None:
        """Raises ConfigError for a store that there is not, and for settings of one that do not fit, as far
        as they say it themselves."""
        known = plugins.names("secrets") if self._sections else ()
        for name, section in self._sections.items():
            if name not in known:
                raise ConfigError(
                    f"{self._lines.at(('secrets', name))}: secrets.{name}: there is no secret store "
                    f"{name!r}{suggest(name, known)}; installed are: {', '.join(known)}"
                )
            if not _holds(section):
                self._settings(name)

    def _settings(self, name: str) -> BaseModel:
        """The section of a store, validated. Raises ConfigError."""
        return validate(
            plugins.secret_store(name).Settings,
            self._sections.get(name) or {},
            self._lines,
            ("secrets", name),
        )


def _own(place: tuple[Any, ...], value: str, at: str) -> frozenset[str]:
    """The schemes that are those of addresses where a text stands. Raises ConfigError where it may as well be
    a secret."""
    within = place[2:] if place[0] == "environments" else place
    for key, schemes in _ADDRESSES.items():
        if within[: len(key)] == key:
            scheme = value.strip().partition("://")[0]
            if key in _WITHOUT_FRAGMENT and scheme in schemes and "#" in value and "${" not in value:
                raise ConfigError(
                    f"{at}: {scheme}:// is the address itself here, and has no `#`; if it is kept in a file, "
                    f"write ${{{value.strip()}}}"
                )
            return schemes
    return frozenset()


def _holds(value: Any) -> bool:
    """Whether there is anything in a value that waits."""
    if isinstance(value, dict):
        return any(map(_holds, value.values()))
    return any(map(_holds, value)) if isinstance(value, list) else isinstance(value, Held)


def schema(definitions: dict[str, Any], secrets: dict[str, Any]) -> None:
    """Adds the stores' sections to the JSON Schema's `secrets`."""
    sections: dict[str, Any] = {}
    for name in plugins.names("secrets"):
        section = plugins.secret_store(name).Settings.model_json_schema()
        definitions.update(section.pop("$defs", {}))
        sections[name] = {"anyOf": [section, {"type": "null"}]}
    secrets |= {"properties": sections, "additionalProperties": False}
