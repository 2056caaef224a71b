"""Names the arguments of Terraform instances that their translation leaves out, so that none is dropped
without a word.

An argument is left out where the translation is the same without it and with another value. That is tried
once for all instances of a type that say the same arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drift.declared import likely
from drift.declared.terraform.hcl import Steps
from drift.declared.terraform.hcl_variants import variants
from drift.dialect import Foreign, TerraformDialect
from drift.model import Resource, Unresolved
from drift.provider import Provider
from drift.terraform_schemas import Attribute

#: What Terraform itself, or its provider while it works, is told by: nothing that the cloud keeps.
OWN = frozenset({"id", "timeouts", "region", "tags", "labels", "name_prefix", "provider", "lifecycle"})
#: Of a type that declares nothing but what Terraform is to do.
EVERYTHING = "*"


@dataclass
class Unmapped:
    """Remembers what the translations of a run leave out."""

    _known: dict[tuple[str, frozenset[str]], tuple[str, ...]] = field(default_factory=dict)

    def reasons(
        self, dialect: TerraformDialect, foreign: Foreign, translated: Sequence[Resource]
    ) -> Iterator[tuple[str, str]]:
        """What of an instance can't be compared, and why: a pointer of an argument's own name, "" for all."""
        if not translated:
            if EVERYTHING not in dialect.behaviour(foreign.type):
                yield "", f"nothing of {foreign.type} is compared"
            return
        for name in self.of(dialect, foreign, translated):
            yield pointer(name), f"the argument {name} of {foreign.type} is not compared"

    def of(
        self, dialect: TerraformDialect, foreign: Foreign, translated: Sequence[Resource]
    ) -> tuple[str, ...]:
        """The arguments that ``foreign`` says and its translation leaves out, by name, ``block.name`` below a
        block; none where the provider's schema is not known."""
        schema = dialect.attributes(foreign.type)
        if schema is None:
            return ()
        said = frozenset(_said(foreign.attributes, schema, OWN | dialect.behaviour(foreign.type)))
        key = (foreign.type, said)
        if key not in self._known:
            left_out = _left_out(dialect, foreign, sorted(said), dialect.translate(foreign) or translated)
            self._known[key] = tuple(left_out)
        return self._known[key]


def newer(dialect: TerraformDialect, foreign: Foreign) -> tuple[str, ...]:
    """The arguments with a value that the provider's schema has not, where it is known: those of a version
    that nobody here knows."""
    schema = dialect.attributes(foreign.type)
    names = () if schema is None else foreign.attributes.keys() - schema.keys()
    return tuple(sorted(name for name in names if not empty(foreign.attributes[name])))


def unread(
    provider: Provider, foreign: Foreign, resource: Resource, left_out: Iterable[str], meant: set[str]
) -> dict[str, Unresolved]:
    """The properties that a translation leaves out and an argument has the name of (``log_config``,
    LogConfig): what is live there may well be declared. The pointers of these arguments are added to
    ``meant``."""
    facts = None if resource.partial or not left_out else provider.facts(resource.type)
    if facts is None or facts.existence:
        return {}
    unsaid = {
        likely.word(name): name
        for name, node in facts.root.children.items()
        if name not in resource.attributes and not node.read_only
    }
    found = {}
    for argument in left_out:
        word = "" if "." in argument else likely.word(argument)
        name = next((unsaid[one] for one in (word, f"{word}s", f"{word}es") if one in unsaid), None)
        if name is not None:
            meant.add(pointer(argument))
            found[name] = Unresolved(f"the argument {argument} of {foreign.type} is not compared")
    return found


def pointer(name: str) -> str:
    """``block.name`` as the JSON Pointer of a report."""
    return "/" + name.replace(".", "/")


def _said(
    attributes: Mapping[str, Any], schema: Mapping[str, Attribute], own: frozenset[str]
) -> Iterator[str]:
    """The arguments with a value, at the top and in blocks; what may be the provider's own choice is not
    counted."""
    for name, value in attributes.items():
        argument = schema.get(name)
        if argument is None or argument.mode not in ("required", "optional") or name in own:
            continue
        if _silent(value):
            continue
        members = _members(value)
        below = [
            inner
            for inner in {key for one in members for key, item in one.items() if not _unsaid(item)}
            if (known := schema.get(f"{name}.{inner}")) is not None
            and known.mode in ("required", "optional")
            and f"{name}.{inner}" not in own
        ]
        yield name
        for inner in below:
            yield f"{name}.{inner}"


def empty(value: Any) -> bool:
    """Whether a state says nothing by a value: absence, what it writes for absence, a block of only such."""
    if isinstance(value, list):
        return all(map(empty, value))
    if isinstance(value, Mapping):
        return all(map(empty, value.values()))
    return value in (None, "", 0, False)


def _silent(value: Any) -> bool:
    """Whether a state says nothing by an argument. False and 0 are what somebody set, or what the cloud said:
    only a block of nothing else is what the provider writes for absence."""
    return empty(value) if isinstance(value, (list, Mapping)) else value is None or value == ""


def _unsaid(value: Any) -> bool:
    """Whether a state says nothing by a member of a block, where it writes 0 for what nobody set."""
    return value is not False and empty(value)


def _members(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else ()


def _left_out(
    dialect: TerraformDialect, foreign: Foreign, said: Iterable[str], translated: Sequence[Resource]
) -> Iterator[str]:
    told: set[str] = set()
    ids = [one.id.lower() for one in translated if one.id]
    for name in said:
        block, _, inner = name.partition(".")
        if inner and block in told:
            continue  # said by its block
        if not inner and identifies(foreign.attributes[block], ids):
            continue
        if not any(_shows(dialect, foreign, steps, translated) for steps in _places(foreign, block, inner)):
            told.add(name)
            yield name


def identifies(value: Any, ids: Sequence[str]) -> bool:
    """Whether an argument's text is a part of what the resource is matched by."""
    if not isinstance(value, str):
        return False
    text = value.lower().strip("/")
    return any(text in re.split(r"[/|:]", id_) or f"/{text}/" in f"/{id_.strip('/')}/" for id_ in ids)


def _places(foreign: Foreign, block: str, inner: str) -> Iterator[Steps]:
    if not inner:
        yield (block,)
        return
    for index, member in enumerate(foreign.attributes[block]):
        if isinstance(member, Mapping) and not _unsaid(member.get(inner)):
            yield (block, index, inner)


def _shows(dialect: TerraformDialect, foreign: Foreign, steps: Steps, translated: Sequence[Resource]) -> bool:
    """Whether another value of an argument makes another translation, or none."""
    for attempts, _ in variants(foreign.attributes, steps, ()):
        for changed in attempts:
            try:
                other = dialect.translate(
                    Foreign(foreign.type, foreign.address, changed, foreign.scope, foreign.region)
                )
            except Exception:  # noqa: BLE001 - a made-up value that its translation refuses was looked at
                return True
            if other is None or list(other) != list(translated):
                return True
    return False
