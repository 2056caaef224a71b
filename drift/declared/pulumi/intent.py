"""What a program said of each resource of a stack (its inputs), in the form of a Terraform configuration
beside a state (the outputs)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from drift.declared.pulumi import values
from drift.declared.pulumi.bridged import Words
from drift.declared.pulumi.export import Held, Stack
from drift.declared.pulumi.names import snake
from drift.declared.terraform.configuration.intent import Intent, Key
from drift.declared.terraform.configuration.model import Declared, Fault, Place, Settings
from drift.declared.terraform.configuration.partly import Intended
from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.declared.terraform.hcl import Said, Steps
from drift.dialect import Foreign, TerraformDialect
from drift.model import Origin, Resource

SOURCE = "pulumi"
#: A step of a property path: ``tags["a.b"]``, ``ingress[0].cidrBlocks``.
_STEP = re.compile(r"""\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)""")


@dataclass(frozen=True)
class InProgram(Declared):
    """One resource as the program declares it."""

    held: Held | None = None

    def origin(self, state: Origin) -> Origin:
        assert self.held is not None
        return placed(state, self.held)


def placed(origin: Origin, held: Held) -> Origin:
    """The origin of a resource: by its URN, and where the program makes it."""
    if held.file is None:
        return replace(origin, address=held.urn)
    return replace(origin, address=held.urn, file=held.file, line=held.line)


@dataclass
class One:
    """A resource with what is made of it: Terraform's type and words, its inputs and outputs in them."""

    held: Held
    type: str
    words: Words
    said: Mapping[str, Any]
    attributes: dict[str, Any]
    left_out: Mapping[str, str]

    def declared(self, display: str) -> InProgram:
        place = Place(self.held.file or display, self.held.line or 0)
        return InProgram(
            self.held.urn,
            (),
            self.type,
            self.held.urn,
            None,
            place,
            lambda: self._settings(place),
            held=self.held,
        )

    def _settings(self, place: Place) -> Settings:
        said = self.words.settings(self.said, place)
        kept = {name: one for name, one in said.attributes.items() if name not in self.left_out}
        blocks = {name: one for name, one in said.blocks.items() if name not in self.left_out}
        return replace(said, attributes=kept, blocks=blocks)


class StackIntent(Intent):
    """The program of a stack, whose bridged resources are ``ones``."""

    def __init__(self, stack: Stack, ones: Sequence[One], holes: Placeholders) -> None:
        self._stack, self._holes = stack, holes
        self._ones = {one.held.urn: one for one in ones}
        self._shown = frozenset(text for one in ones for text in texts(one.held))

    def find(self, module: str | None, type_: str, name: str, key: Key) -> Declared | None:
        one = self._ones.get(name)
        return None if one is None else one.declared(self._stack.display)

    def origin(self, declared: Declared, state: Origin) -> Origin:
        return declared.origin(state)

    def intended(
        self, declared: Declared, dialect: TerraformDialect, foreign: Foreign, whole: Sequence[Resource]
    ) -> Intended:
        one = self._ones[declared.name]
        found = super().intended(declared, dialect, foreign, whole)
        resources = tuple(self._known(each, foreign) for each in found.resources)
        return Intended(found.foreign, resources, {**one.words.unknown, **one.left_out, **found.unsure})

    def _known(self, resource: Resource, foreign: Foreign) -> Resource:
        made = self._holes.resolved(resource, (foreign.scope, foreign.region))
        remembered = {
            name: value for name, value in resource.remembered.items() if self._holes.held(value) is None
        }
        return made.but(remembered=remembered)

    def never_applied(self) -> Iterator[Declared]:
        return iter(())

    def faults(self) -> Sequence[Fault]:
        return ()

    def notes(self) -> Iterator[str]:
        return iter(())

    def sensitive(self) -> frozenset[str]:
        return self._shown

    def ignored(self, module: str | None, type_: str, name: str) -> tuple[str, Said] | None:
        """What the options of a resource ignore (``ignoreChanges``), with its name."""
        one = self._ones.get(name)
        if one is None or not one.held.ignored:
            return None
        paths = [_steps(path, one.words) for path in one.held.ignored]
        whole = any(path == ("*",) for path in paths)
        text = ", ".join(one.held.ignored)
        file, line = one.held.file or self._stack.display, one.held.line
        return one.held.urn, Said(file, line, f"[{text}]", None if whole else tuple(paths))

    def _provider(self, declared: Declared, dialect: TerraformDialect) -> Mapping[str, Any]:
        one = self._ones[declared.name]
        return {**super()._provider(declared, dialect), **dict(one.words.defaults(one.said))}

    def _default_tags(self, declared: Declared) -> Mapping[str, Any] | None:
        """The tags that the provider's own options add (``defaultTags``)."""
        inputs = self._stack.providers.get(self._ones[declared.name].held.provider, {})
        said = values.known(inputs.get("defaultTags"))
        if isinstance(said, str):
            try:
                said = orjson.loads(said)
            except orjson.JSONDecodeError:
                return None
        if said is None:
            return {}
        tags = said.get("tags") if isinstance(said, Mapping) else None
        return values.plain(tags) if isinstance(tags, Mapping) else None


def texts(held: Held) -> Iterator[str]:
    """The texts of secrets that an export shows."""
    yield from values.shown(held.said)
    yield from values.shown(held.known)


def one_of(held: Held, type_: str, dialect: TerraformDialect, holes: Placeholders) -> One:
    """A bridged resource in the words of its Terraform type. What makes it untranslatable because it is not
    known is left out, and said."""
    words = Words(dialect.attributes(type_) or {}, holes)
    said, known = values.known(held.said), values.known(held.known)
    attributes = words.attributes(known)
    if "tags_all" in words.schema and "tags" in attributes:
        attributes.setdefault("tags_all", attributes["tags"])  # an older provider says no sum of them
    left_out: dict[str, str] = {}
    holding = {name: why for name, value in attributes.items() if (why := holes.held(value)) is not None}
    if holding:
        try:
            dialect.translate(Foreign(type_, held.urn, attributes))
        except Exception:  # noqa: BLE001 - a stand-in is no value of its type
            left_out = holding
            attributes = {name: value for name, value in attributes.items() if name not in holding}
    return One(held, type_, words, said, attributes, left_out)


def _steps(path: str, words: Words) -> Steps:
    """A property path in Terraform's words."""
    steps: list[str | int] = []
    above = ""
    for quoted, index, name in _STEP.findall(path):
        if index:
            steps += [int(index)] if index != "*" else []
        elif quoted or not (above == "" or words.is_block(above)):
            steps.append(quoted or name)
        else:
            if above and not isinstance(steps[-1], int):
                steps.append(0)
            own = words.name(name, above)
            above = f"{above}.{own}" if above else own
            steps.append(own if name != "*" else "*")
    return tuple(steps)


def place_words(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a provider's own inputs say, in Terraform's words."""
    return {snake(name): value for name, value in inputs.items() if isinstance(value, str)}
