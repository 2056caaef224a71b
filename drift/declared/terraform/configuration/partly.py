"""Translates instances of which not all is known, and says what a record holds of one besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.model import Resource
from drift.provider import Foreign, TerraformDialect


@dataclass(frozen=True, slots=True)
class Intended:
    """An instance as the configuration says it: in Terraform's words, and translated. ``unsure`` maps an
    argument to why its value can't be known."""

    foreign: Foreign
    resources: tuple[Resource, ...]
    unsure: Mapping[str, str] = field(default_factory=dict)


def translated(work: Placeholders, dialect: TerraformDialect, foreign: Foreign) -> Intended | None:
    """An instance with stand-ins of ``work`` for what is not known; None where its type has no translation.
    Raises what translating raises."""
    unsure: dict[str, str] = {}
    try:
        found = dialect.translate(foreign)
    except Exception:  # noqa: BLE001 - a stand-in for an unknown value is no value of its type
        foreign, unsure = _fitting(work, dialect, foreign)
        found = dialect.translate(foreign)
    return None if found is None else Intended(foreign, tuple(work.resolved(one) for one in found), unsure)


def _fitting(
    work: Placeholders, dialect: TerraformDialect, foreign: Foreign
) -> tuple[Foreign, dict[str, str]]:
    """What can be translated of an instance with stand-ins: each as a value of the type that its argument
    has. And what had to be left out, with the reason."""
    unsure = work.unsure(foreign.attributes)
    known = {name: value for name, value in foreign.attributes.items() if name not in unsure}
    for name in [*unsure]:
        for shape in work.shapes(foreign.attributes[name]):
            said = {**known, name: shape}
            try:
                dialect.translate(replace(foreign, attributes=said))
            except Exception:  # noqa: BLE001, S112 - not a value of this type
                continue
            known = said
            del unsure[name]
            break
    return replace(foreign, attributes=known), unsure


def remembering(one: Resource, whole: Sequence[Resource]) -> Resource:
    """With what only the state holds of it."""
    known = next((two for two in whole if two.type == one.type and two.id == one.id), None)
    if known is None:
        return one
    more = {
        name: value
        for name, value in known.attributes.items()
        if name not in one.attributes or one.attributes[name] != value
    }
    return one.but(remembered=more) if more else one
