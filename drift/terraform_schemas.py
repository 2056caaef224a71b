"""What Terraform's providers say of their own attributes: which are arguments, which are computed, which are
sensitive.

An index holds a provider's resource types in several of its major versions. It is compiled at build time by
:mod:`drift.declared.terraform.compile_schemas` and lies beside the provider's type facts.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import orjson

from drift.model import Unresolved
from drift.safe_yaml import data

#: ``required`` and ``optional``: only people set it. ``chosen``: people may set it, else the provider or the
#: cloud does. ``computed``: nobody can set it.
Mode = Literal["required", "optional", "chosen", "computed"]
MARKS: Mapping[str, Mode] = {"!": "required", "?": "optional", "~": "chosen", "=": "computed"}

_WORD = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute, or block, of a type."""

    mode: Mode
    sensitive: bool = False


@dataclass(frozen=True)
class Schemas:
    """The index in ``path``. Read when the first type is asked for."""

    path: Path

    @cached_property
    def _types(self) -> Mapping[str, str]:
        types: dict[str, str] = orjson.loads(gzip.decompress(self.path.read_bytes()))["types"]
        return types

    def of(self, type_: str) -> Mapping[str, Attribute] | None:
        """The attributes of a type by name, those in blocks as ``block.name``; None for an unknown type."""
        return _read(self, type_)

    def types(self) -> frozenset[str]:
        return frozenset(self._types)


@dataclass(frozen=True)
class PulumiTypes:
    """Which Terraform type a type of a bridged Pulumi package stands for: the index in ``path``, that
    :mod:`drift.declared.pulumi.compile_types` compiled."""

    path: Path

    @cached_property
    def _types(self) -> Mapping[str, str]:
        types: dict[str, str] = orjson.loads(gzip.decompress(self.path.read_bytes()))["types"]
        return types

    def of(self, token: str) -> str | None:
        """By its token (``aws:s3/bucket:Bucket``), current or older."""
        return self._types.get(token)


@dataclass(frozen=True)
class Behaviour:
    """The arguments that only tell Terraform what to do, in a YAML file of ``type: [argument, …]``; those
    under ``"*"`` are so in every type. ``"*"`` among a type's own says that all of it is."""

    path: Path

    @cached_property
    def _said(self) -> Mapping[str, list[str]]:
        said: dict[str, list[str]] = data(self.path)
        return said

    def of(self, type_: str) -> frozenset[str]:
        return _arguments(self, type_)


@dataclass(frozen=True)
class Defaults:
    """What a provider sets arguments to that nobody sets: a YAML file of ``type: {argument: value}`` (a
    mapping of major versions: the value from each of them on), or what
    :mod:`drift.declared.terraform.compile_defaults` compiled."""

    path: Path

    @cached_property
    def _said(self) -> Mapping[str, Mapping[str, Any]]:
        said: dict[str, dict[str, Any]]
        if self.path.suffix == ".gz":
            said = orjson.loads(gzip.decompress(self.path.read_bytes()))["types"]
        else:
            said = data(self.path)
        return said

    def of(self, type_: str) -> Mapping[str, Any]:
        return {name: one for name, one in self._said.get(type_, {}).items() if not _by_version(one)}

    def since(self, type_: str) -> Mapping[str, Mapping[int, Any]]:
        """Those that differ by the provider's major version."""
        return {name: one for name, one in self._said.get(type_, {}).items() if _by_version(one)}


def _by_version(said: Any) -> bool:
    return isinstance(said, dict) and bool(said) and all(isinstance(one, int) for one in said)


@dataclass(frozen=True)
class Imports:
    """What ``terraform import`` calls resources: a YAML file of ``type: form``. A form is a text with
    ``{words}`` in it, one word alone, a list of forms of which the first holds that can be filled, or nothing
    where a type can't be imported."""

    path: Path

    @cached_property
    def _said(self) -> Mapping[str, Any]:
        said: dict[str, Any] = data(self.path)
        return said

    def __contains__(self, type_: str) -> bool:
        return type_ in self._said

    def forms(self, type_: str) -> tuple[str, ...]:
        """The forms of a type, each with its words in braces."""
        said = self._said.get(type_)
        several = said if isinstance(said, list) else [] if said is None else [said]
        return tuple(one if "{" in one else f"{{{one}}}" for one in several)

    def words(self, type_: str) -> frozenset[str]:
        """All words in the forms of a type."""
        return frozenset(word for form in self.forms(type_) for word in _WORD.findall(form))

    def id(self, type_: str, word: Callable[[str], Any]) -> str | None:
        """The id, where ``word`` tells what each word of a form is; None where it has no text for one of
        them."""
        for form in self.forms(type_):
            told = {name: word(name) for name in _WORD.findall(form)}
            if all(isinstance(one, str) and one for one in told.values()):
                return _WORD.sub(lambda found: str(told[found[1]]), form)  # noqa: B023 - used at once
        return None


@dataclass(frozen=True)
class Answers:
    """What data sources answer by themselves: a YAML file of ``type: {attribute: form}``. A form is a text
    with ``{words}`` in it, of which ``{.name}`` is an argument; one word alone is its value, whatever that
    is; of a list of forms the first holds whose words are all there."""

    path: Path

    @cached_property
    def _said(self) -> Mapping[str, Mapping[str, Any]]:
        said: dict[str, dict[str, Any]] = data(self.path)
        return said

    def of(self, type_: str, arguments: Mapping[str, Any], word: Callable[[str], Any]) -> dict[str, Any]:
        """The attributes of a type; ``word`` tells what each word is, None where there is none."""

        def value(name: str) -> Any:
            return arguments.get(name[1:]) if name.startswith(".") else word(name)

        made = {name: _filled(said, value) for name, said in self._said.get(type_, {}).items()}
        return {name: one for name, one in made.items() if one is not None}


def _filled(said: Any, word: Callable[[str], Any]) -> Any:
    """What the first form gives that can be filled; None where none can."""
    for form in said if isinstance(said, list) else [said]:
        told = {name: word(name) for name in _WORD.findall(form)}
        lacking = next((one for one in told.values() if isinstance(one, Unresolved)), None)
        if lacking is not None:
            return lacking
        if any(one is None for one in told.values()):
            continue
        whole = _WORD.fullmatch(form)
        if whole is not None:
            return told[whole[1]]
        if all(isinstance(one, str) for one in told.values()):
            return _WORD.sub(lambda found: str(told[found[1]]), form)  # noqa: B023 - used at once
    return None


@cache
def _arguments(behaviour: Behaviour, type_: str) -> frozenset[str]:
    return frozenset([*behaviour._said.get("*", ()), *behaviour._said.get(type_, ())])


@cache
def _read(schemas: Schemas, type_: str) -> Mapping[str, Attribute] | None:
    text = schemas._types.get(type_)
    return None if text is None else dict(map(_attribute, text.split()))


def _attribute(word: str) -> tuple[str, Attribute]:
    name = word.removesuffix("*")
    return name[:-1], Attribute(MARKS[name[-1]], sensitive=word.endswith("*"))
