"""The channels that `via:` of drift.yaml names, each section checked by its channel's own model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from drift import plugins
from drift.config.delivery import Mail, Notify
from drift.config.lines import Lines, suggest, validate
from drift.errors import ConfigError


def replaced(mail: Mail | None, keys: Mapping[str, Any], lines: Lines, place: tuple[str, ...]) -> Mail:
    """An environment's mail: the general one with some keys replaced. Raises ConfigError."""
    general = {} if mail is None else mail.model_dump(exclude_unset=True)
    return validate(Mail, {**general, **keys}, lines, place)


def settings(
    mail: Mail | None, notify: Sequence[Notify], lines: Lines, place_of_mail: tuple[Any, ...] = ("mail",)
) -> dict[str, tuple[str, BaseModel]]:
    """``mail``, ``notify.0``, …: the channel that each goes by, and its settings. ``place_of_mail`` is where
    the file says the first. Raises ConfigError."""
    asked: dict[str, tuple[tuple[Any, ...], dict[str, Any], tuple[str, ...]]] = {}
    if mail is not None:
        asked["mail"] = place_of_mail, mail.via, ("mail",)
    for index, one in enumerate(notify):
        asked[f"notify.{index}"] = ("notify", index), one.via, ("note", "metrics")
    known = plugins.names("channels") if asked else ()
    found: dict[str, tuple[str, BaseModel]] = {}
    for slot, (place, via, carries) in asked.items():
        ((name, section),) = via.items()
        at = (*place, "via", name)
        key = ".".join(map(str, at))
        if name not in known:
            raise ConfigError(
                f"{lines.at(at)}: {key}: there is no channel {name!r}{suggest(name, known)}; "
                f"installed are: {', '.join(known)}"
            )
        channel = plugins.channel(name)
        if channel.carries not in carries:
            raise ConfigError(f"{lines.at(at)}: {key}: this channel carries no {carries[0]}")
        found[slot] = name, validate(channel.Settings, section or {}, lines, at)
    return found


def schema(definitions: dict[str, Any]) -> None:
    """Adds the channels' sections to the JSON Schema's definitions of `mail` and `notify`."""
    for name, model in (("Mail", Mail), ("Notify", Notify)):
        sections: dict[str, Any] = {}
        for one in plugins.names("channels"):
            channel = plugins.channel(one)
            if (channel.carries == "mail") == (model is Mail):
                section = channel.Settings.model_json_schema()
                definitions.update(section.pop("$defs", {}))
                sections[one] = section
        definitions[name]["properties"]["via"] |= {"properties": sections, "additionalProperties": False}
