"""Whether every value of the configuration that is kept elsewhere can be had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from drift.check import Check, Probe, expiry, probed
from drift.config.model import Config
from drift.deadline import Deadline
from drift.secret import Held
from drift.secrets import within


def look(config: Config, deadline: Deadline) -> list[Check]:
    """A check of each, looked up now; what a run looks up again is had for the asking then."""
    config.keyring.clock = deadline
    probes = [
        Probe(
            "secret",
            config.lines.name,
            ".".join(place),
            partial(_had, config.lines.name, ".".join(place), held),
        )
        for place, held in _each(config)
    ]
    return list(probed(probes, deadline))


def _had(name: str, place: str, held: Held) -> Iterable[Check]:
    """Raises SecretError, which says where it stands and what to do, and neither value nor place."""
    _, seconds = held.lent()
    until = "" if seconds == float("inf") else f"; {expiry(seconds)}"
    return [Check("secret", name, place, "well", f"can be looked up{until}")]


def _each(config: Config) -> Iterator[tuple[tuple[str, ...], Held]]:
    """Every held value once, with the keys that lead to it."""
    sections = {
        **{f"live.{name}": one for name, one in config.settings.items()},
        **{name: settings for name, (_, settings) in config.channels.items()},
        **{f"remediate.forges.{name}": several for name, several in config.logins.items()},
    }
    seen: set[int] = set()
    for place, held in within([config, sections]):
        if id(held) not in seen:
            seen.add(id(held))
            yield place[1:], held
