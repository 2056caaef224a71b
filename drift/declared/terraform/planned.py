"""What a plan would make or change of an instance, told as what is not applied yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drift.declared.terraform import plan
from drift.declared.terraform.configuration import partly
from drift.declared.terraform.configuration.partly import Intended
from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.declared.terraform.unmapped import pointer
from drift.dialect import Foreign, TerraformDialect
from drift.finding import Unverifiable
from drift.model import ABSENT, Joining, Origin, Resource

#: Of what the plan's own refresh read again.
FOUND = "the plan's refresh found it changed"


def intended(
    instance: Mapping[str, Any], dialect: TerraformDialect, foreign: Foreign, whole: Sequence[Resource]
) -> Intended | None:
    """An instance as the plan would leave it, each resource with what it was before, where that is another;
    None where its type has no translation. ``whole`` is what it was."""
    work = Placeholders()
    later = {name: work.stand_in(value) for name, value in (instance.get(plan.LATER) or {}).items()}
    said = {**foreign.attributes, **later}
    found = partly.translated(work, dialect, replace(foreign, attributes=said))
    if found is None:
        return None
    made = list(found.resources)
    if [one.type for one in made] == [one.type for one in whole]:
        made = [
            one.but(id=two.id, name=two.name, scope=two.scope, region=two.region)
            for one, two in zip(made, whole, strict=True)
        ]
    return Intended(found.foreign, tuple(_before(one, whole) for one in made), found.unsure)


def _before(one: Resource, whole: Sequence[Resource]) -> Resource:
    known = next((two for two in whole if two.type == one.type and two.id == one.id), None)
    if known is None:
        return one
    before = dict(partly.remembering(one, whole).remembered)
    before.update({name: ABSENT for name in one.attributes if name not in known.attributes})
    return one.but(before=_own(before, one))


def _own(properties: Mapping[str, Any], one: Resource) -> dict[str, Any]:
    """Without those that others add to, too."""
    shared = {path.partition("/")[0] for path in one.shared}
    return {name: value for name, value in properties.items() if name not in shared}


def never_applied(intended: Intended, address: str, origin: Origin) -> Iterator[Resource | Unverifiable]:
    """What no state holds, as far as it can be told."""
    for one in intended.resources:
        if one.partial and one.id is None:
            reason = "it adds to a resource that is not known before it is applied"
            yield Unverifiable(one.provider, one.scope, one.type, address, "", reason, origin)
            continue
        if one.partial and origin.pending == "creation":
            fresh = _own(dict.fromkeys(one.attributes, ABSENT), one)
            joining = {name: Joining(value) for name, value in one.attributes.items() if name in one.shared}
            one = one.but(before={**fresh, **joining})
        yield one.but(origin=origin)
        for name, reason in intended.unsure.items():
            place = (one.provider, one.scope, one.type, str(one.id or address))
            yield Unverifiable(*place, pointer(name), reason, origin)
