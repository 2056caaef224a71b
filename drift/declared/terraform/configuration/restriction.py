"""An instance of a state with only what its configuration sets: by the configuration's value, else by what
the state has at that place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.configuration.fitting import fitted, means, paired
from drift.declared.terraform.configuration.model import Nested, Settings
from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.declared.terraform.configuration.values import text_of
from drift.model import MISSING, Unresolved
from drift.terraform_schemas import Attribute

#: What tells where an instance is, whoever chose it.
IDENTITY = frozenset({"arn", "id", "self_link"})
#: What providers compute of an argument and their own defaults, and read from the cloud again: ``labels`` of
#: Google's, ``tags`` of AWS's.
_MIRRORS = ("{}_all", "terraform_{}", "effective_{}")
_BASES = ("tags", "labels", "annotations")
_MIRRORED = frozenset(form.format(base) for form in _MIRRORS for base in _BASES)


@dataclass(slots=True)
class Restriction:
    """``provider`` is what the provider sets arguments to that nobody sets, ``defaults`` are the tags that
    its configuration adds to each resource (None: not known). ``lenient`` leaves what the provider
    or the cloud chose as the state has it, ``kept`` those that it names. ``unsure`` gets blocks of which
    neither the configuration nor the state tells how many there are; in ``holes`` are the values that
    neither tells."""

    schema: Mapping[str, Attribute] | None
    provider: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] | None = field(default_factory=dict)
    lenient: bool = False
    kept: frozenset[str] = frozenset()
    unsure: dict[str, str] = field(default_factory=dict)
    holes: Placeholders = field(default_factory=Placeholders)

    def of(self, settings: Settings, state: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, known in state.items():
            if not self._is_said(name, settings) and name not in _MIRRORED:
                made[name] = known if self._stays(name) else self._default(name, known)
        for name, setting in settings.attributes.items():
            if name in made and setting.value is None:
                continue
            made[name] = self._value(setting.value, state.get(name, MISSING))
            if name in _BASES and isinstance(made[name], dict):
                made[name] = {key: _text(item) for key, item in made[name].items()}
        for name, nested in settings.blocks.items():
            made[name] = self._blocks(name, nested, state.get(name, MISSING), name)
        made.update(self._mirrored(dict(made), settings, state))
        return made

    def _default(self, name: str, state: Any, *, nested: bool = False) -> Any:
        """What an argument is that is not set: what the provider sets it to, where the state has that;
        else nothing."""
        own = self.provider.get(name, MISSING)
        if isinstance(own, Unresolved):
            return self.holes.stand_in(own)
        if own is not MISSING and means(own, state):
            return state
        return _nothing(state, nested=nested)

    def _is_said(self, name: str, settings: Settings) -> bool:
        """Whether an argument is set: null is as good as nothing."""
        setting = settings.attributes.get(name)
        return (setting is not None and setting.value is not None) or name in settings.blocks

    def _stays(self, name: str) -> bool:
        """Whether what is not said is the provider's own word: nobody can set it, or nothing is known of
        it."""
        if name in IDENTITY or name in self.kept or self.schema is None:
            return True
        attribute = self.schema.get(name)
        if attribute is None or attribute.mode == "computed":
            return True
        return attribute.mode == "chosen" and self.lenient

    def chosen(self, settings: Settings, state: Mapping[str, Any]) -> frozenset[str]:
        """The plain arguments with a value that nobody sets and the provider leaves to the cloud."""
        schema = self.schema or {}
        return frozenset(
            name
            for name, value in state.items()
            if (attribute := schema.get(name)) is not None
            and attribute.mode == "chosen"
            and not self._is_said(name, settings)
            and name not in _MIRRORED
            and isinstance(value, (str, int, float))
            and value != ""
        )

    def _value(self, value: Any, state: Any) -> Any:
        """In the state's words; with a stand-in for what neither the configuration nor the state tells."""
        made = fitted(value, state, self.holes.stand_in)
        return None if made is MISSING else made

    def _blocks(self, name: str, nested: Nested, state: Any, path: str) -> Any:
        single = isinstance(state, Mapping)
        members: list[Any] = [state] if single else list(state) if isinstance(state, list) else []
        if nested.unknown is not None:
            if state is MISSING:
                self.unsure.setdefault(path, nested.unknown.reason)
            return None if state is MISSING else state
        shapes = [_shape(one) for one in nested.bodies]
        made = [
            self._member(one, members[other] if other is not None else {}, path)
            for one, other in zip(nested.bodies, paired(shapes, members), strict=True)
        ]
        return made[0] if single and len(made) == 1 else made

    def _member(self, settings: Settings, state: Any, path: str) -> dict[str, Any]:
        known: Mapping[str, Any] = state if isinstance(state, Mapping) else {}
        made: dict[str, Any] = {}
        for name, value in known.items():
            if not self._is_said(name, settings):
                attribute = None if self.schema is None else self.schema.get(f"{path}.{name}")
                stays = attribute is not None and attribute.mode in ("computed", "chosen")
                made[name] = value if stays else self._default(f"{path}.{name}", value, nested=True)
        for name, setting in settings.attributes.items():
            if name not in made or setting.value is not None:
                made[name] = self._value(setting.value, known.get(name, MISSING))
        for name, nested in settings.blocks.items():
            made[name] = self._blocks(name, nested, known.get(name, MISSING), f"{path}.{name}")
        return made

    # Tags and labels

    def _mirrored(
        self, made: Mapping[str, Any], settings: Settings, state: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        for base in _BASES:
            said = made.get(base) if base in settings.attributes else None
            own = said if isinstance(said, Mapping) else {}
            for form in _MIRRORS:
                mirror = form.format(base)
                if mirror not in state:
                    continue
                if mirror in settings.attributes:
                    continue
                yield mirror, {**self._added(base, state, mirror), **own}

    def _added(self, base: str, state: Mapping[str, Any], mirror: str) -> Mapping[str, Any]:
        """What the provider adds to what a resource says: as its configuration tells, else as the state has
        it."""
        if base == "tags" and self.defaults is not None:
            return self.defaults
        source = state.get("terraform_labels") if base == "labels" else state.get(mirror)
        own = state.get(base)
        if not isinstance(source, Mapping) or base == "annotations":
            return {}
        return {key: item for key, item in source.items() if not isinstance(own, Mapping) or key not in own}


def _text(value: Any) -> Any:
    """Tags are texts, however they are written."""
    return text_of(value) if isinstance(value, (bool, int, float)) else value


def _shape(settings: Settings) -> dict[str, Any]:
    """A block as a state would have it, for telling which one of the state's it is."""
    made: dict[str, Any] = {name: one.value for name, one in settings.attributes.items()}
    for name, nested in settings.blocks.items():
        if nested.unknown is None:
            made[name] = [_shape(one) for one in nested.bodies]
    return made


def _nothing(value: Any, *, nested: bool = False) -> Any:
    """What stands for an argument that is not set: what the state has, where that is nothing, else null;
    within a block an empty list or map, as the state would have it there."""
    if value in ("", [], {}):
        return value
    if nested and isinstance(value, (list, Mapping)):
        return [] if isinstance(value, list) else {}
    return None
