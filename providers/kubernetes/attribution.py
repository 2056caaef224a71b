"""Tells from ``metadata.managedFields`` who changed an object, when and how."""

from __future__ import annotations

from drift.facts import TypeFacts
from drift.finding import ActorKind, Attribution, Finding
from providers.kubernetes.managers import role
from providers.kubernetes.ownership import Owner, holds, owners_of


def of(finding: Finding, facts: TypeFacts) -> Attribution | None:
    """Of a change its latest writer, of an unmanaged object who made it; None where no field tells."""
    if finding.live is None:
        return None
    owners = owners_of(finding.live.attributes)
    if finding.kind == "unmanaged":
        return _maker(finding, owners)
    best: tuple[tuple[bool, str], Owner, str] | None = None
    for change in finding.changes:
        for owner in owners:
            if not holds(owner, change.path, facts.root):
                continue
            rank = (_by_hand(owner, owners), owner.time or "")
            if best is None or rank > best[0]:
                best = (rank, owner, change.path)
    if best is None:
        return None
    (hand, _), owner, path = best
    alike = [one for one in owners if _by_hand(one, owners) == hand and holds(one, path, facts.root)]
    several = list(dict.fromkeys([owner.manager, *(one.manager for one in alike)]))
    own = "owns" if len(several) == 1 else "own"
    kinds = {_kind(one, owners) for one in alike}
    return Attribution(
        owner.manager if len(several) == 1 else f"one of {', '.join(several)}",
        owner.time,
        _event(owner),
        f"metadata.managedFields: {', '.join(several)} {own} {path}"
        + (f", last written {owner.time}" if owner.time else ""),
        kinds.pop() if len(kinds) == 1 else None,
        certain=len(several) == 1,
    )


def _by_hand(owner: Owner, owners: list[Owner]) -> bool:
    return role(owner, owners) not in ("deployer", "controller")


def _kind(owner: Owner, owners: list[Owner]) -> ActorKind | None:
    """What a manager is; None of what ``kubectl`` wrote, which people and scripts call alike."""
    kinds: dict[str, ActorKind] = {"controller": "service", "deployer": "pipeline"}
    return kinds.get(role(owner, owners))


def _maker(finding: Finding, owners: list[Owner]) -> Attribution | None:
    assert finding.live is not None
    made = [owner for owner in owners if not owner.writes_status]
    if not made:
        return None
    metadata = finding.live.attributes.get("metadata") or {}
    owner = min(made, key=lambda one: one.time or "")
    return Attribution(
        owner.manager,
        metadata.get("creationTimestamp") or owner.time,
        "Create",
        f"metadata.managedFields: {owner.manager} wrote it first",
        _kind(owner, owners),
    )


def _event(owner: Owner) -> str:
    return f"{owner.operation or 'Update'}" + (f" ({owner.subresource})" if owner.subresource else "")
