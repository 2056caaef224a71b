"""Translates instances of which not all is known, and says what a record holds of one besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.dialect import Foreign, TerraformDialect
from drift.model import Resource


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
    if found is None:
        return None
    made, place = _certain(work, dialect, foreign, found), (foreign.scope, foreign.region)
    return Intended(foreign, tuple(work.resolved(one, place) for one in made), unsure)


def _certain(
    work: Placeholders, dialect: TerraformDialect, foreign: Foreign, found: Sequence[Resource]
) -> Sequence[Resource]:
    """The translation, in which what hangs on a value that is not known is not known either."""
    reason = next(iter(work.unsure(foreign.attributes).values()), None)
    if reason is None:
        return found
    try:
        less = dialect.translate(replace(foreign, attributes=work.without(foreign.attributes))) or ()
    except Exception:  # noqa: BLE001 - what it needs is not known, so nothing hangs on it unseen
        return found
    if [one.type for one in less] != [one.type for one in found]:
        return found
    return [
        one.but(attributes=work.either(one.attributes, two.attributes, reason))
        for one, two in zip(found, less, strict=True)
    ]


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
