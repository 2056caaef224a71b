"""Changes of lists: plain members that come or go, and blocks that change, come or go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drift.declared.terraform.configuration.fitting import paired
from drift.declared.terraform.editing.apart import members, says
from drift.declared.terraform.editing.moves import like
from drift.declared.terraform.editing.ops import Op
from drift.declared.terraform.editing.trial import Ops, Steps, Trial
from drift.declared.terraform.editing.values import candidates, scalars, words
from drift.pointer import get


def listed(trial: Trial) -> Iterator[Ops]:
    """Members of lists: plain ones that come or go, and blocks that change, come or go."""
    before, after = trial.sides()
    if not isinstance(before, list) and not isinstance(after, list):
        return
    old = before if isinstance(before, list) else []
    new = after if isinstance(after, list) else []
    yield from _plain_members(trial, old, new)
    yield from _blocks(trial, old, new)


def _plain_members(trial: Trial, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Ops]:
    for steps, held in _lists(trial):
        if any(isinstance(one, (Mapping, list)) for one in held):
            continue
        less = [one for one in held if not any(like(one, each) for each in old)]
        if len(held) - len(less) == len(old) or not old:
            for spelled in _spelled(new, held):
                yield (Op(steps, _in_place(held, old, spelled)),)
        for spelled in _spelled(new, held):
            yield (Op(steps, spelled),)


def _lists(trial: Trial) -> list[tuple[Steps, list[Any]]]:
    found: list[tuple[Steps, list[Any]]] = []
    said = set(trial.settable())

    def walk(value: Any, steps: Steps) -> None:
        if isinstance(value, list):
            found.append((steps, value))
        for step, item in (
            value.items()
            if isinstance(value, Mapping)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        ):
            if isinstance(item, (Mapping, list)):
                walk(item, (*steps, step))

    for name, item in trial.subject.attributes.items():
        if name in said:
            walk(item, (name,))
    wanted = words(" ".join(trial.path))
    found.sort(key=lambda one: -len(wanted & words(" ".join(map(str, one[0])))))
    return found


def _blocks(trial: Trial, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Ops]:
    """Changes blocks so that members ``old`` become ``new``; found by climbing."""
    likely = paired(old, new) if old and new else [None] * len(old)
    gone = [one for one, at in zip(old, likely, strict=True) if at is None]
    turned = [(one, new[at]) for one, at in zip(old, likely, strict=True) if at is not None]
    more = [one for at, one in enumerate(new) if at not in likely]
    for steps, held in _lists(trial):
        if held and all(isinstance(one, Mapping) for one in held):
            ops = _block_ops(trial, steps, held, gone, turned, more)
            if ops:
                yield tuple(ops)


def _block_ops(
    trial: Trial,
    steps: Steps,
    held: Sequence[Any],
    gone: Sequence[Any],
    turned: Sequence[tuple[Any, Any]],
    more: Sequence[Any],
) -> list[Op] | None:
    """Of the blocks of one type; None where one of the members can't be told."""
    ops: list[Op] = []
    for before, after in turned:
        at = _block_of(trial, steps, held, before)
        changed = None if at is None else _climbed(trial, tuple(ops), held[at], after, (*steps, at))
        if changed is None:
            return None
        ops += changed
    for one in more:
        for sample in sorted(held, key=lambda each: -_overlap(each, one))[:2]:
            changed = _climbed(trial, tuple(ops), sample, one, steps, appends=True)
            if changed is not None:
                ops += changed
                break
        else:
            return None
    places = [_block_of(trial, steps, held, one) for one in gone]
    if None in places or len(set(places)) < len(places):
        return None
    return [
        *ops,
        *(Op((*steps, at)) for at in sorted((one for one in places if one is not None), reverse=True)),
    ]


def _block_of(trial: Trial, steps: Steps, held: Sequence[Any], member: Any) -> int | None:
    """Which block makes a member: the one without which it is not there."""
    scored = [(_overlap(one, member), at) for at, one in enumerate(held)]
    base = get(trial.base, trial.path)
    for _, at in sorted(scored, key=lambda one: -one[0]):
        made = trial.made((Op((*steps, at)),))
        if made is None:
            continue
        now = get(made, trial.path)
        if members(base) - 1 == members(now) and says(trial.base, trial.path, member, made):
            return at
    return None


def _climbed(
    trial: Trial, ops: Ops, sample: Mapping[str, Any], member: Any, steps: Steps, *, appends: bool = False
) -> list[Op] | None:
    """What makes a block, or a copy of it, one that makes a member: one argument after the other becomes what
    brings it nearest. None where none does."""

    def told(block: Mapping[str, Any]) -> list[Op]:
        if appends:
            return [Op(steps, dict(block), appends=True)]
        return [Op((*steps, name), item) for name, item in block.items() if item != sample.get(name)]

    def far(block: Mapping[str, Any]) -> int | None:
        made = trial.made((*ops, *told(block)))
        return None if made is None else trial.distance(made) + trial.elsewhere(made)

    block, best = dict(sample), far(sample)
    for name in _in_turn(sample, member):
        if best == 0:
            break
        for value in _leaf_values(block[name], member, name):
            distance = far({**block, name: value})
            if distance is not None and (best is None or distance < best):
                best, block = distance, {**block, name: value}
    made = trial.made((*ops, *told(block)))
    holds = best == 0 or (made is not None and says(made, trial.path, member, trial.base))
    return told(block) if holds and (appends or told(block)) else None


def _in_turn(block: Mapping[str, Any], member: Any) -> list[str]:
    """The arguments of a block: those that a member names first, and those that are empty last."""
    wanted = words(" ".join(str(one) for steps, _ in scalars(member) for one in steps))
    filled = [name for name, item in block.items() if item not in (None, "", [], {}, False)]
    named = [name for name in block if words(name) & wanted]
    order = [
        *(one for one in named if one in filled),
        *(one for one in filled if one not in named),
        *(one for one in named if one not in filled),
    ]
    return [*order, *order, *(one for one in block if one not in order)]


def _leaf_values(held: Any, member: Any, name: str) -> Iterator[Any]:
    if isinstance(held, Mapping):
        return
    alike = words(name)
    near = [item for steps, item in scalars(member) if alike & words(" ".join(map(str, steps)))]
    for one in [*near, *(item for _, item in scalars(member))]:
        if isinstance(held, list) and all(not isinstance(each, (Mapping, list)) for each in held):
            yield [one]
        elif not isinstance(held, list):
            yield from candidates(one, held)[:4]
    if isinstance(held, list):
        yield []
    elif held is not None:
        yield None


def _spelled(new: Sequence[Any], held: Sequence[Any]) -> Iterator[list[Any]]:
    sample = held[0] if held else None
    told = [candidates(one, sample) for one in new]
    for at in range(min((len(one) for one in told), default=0) if told else 0):
        yield [one[at] for one in told]
    if not told:
        yield []


def _in_place(held: Sequence[Any], old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """``held`` with the members ``new`` in place of ``old``."""
    left = list(new)
    made = []
    for one in held:
        if not any(like(one, each) for each in old):
            made.append(one)
        elif left:
            made.append(left.pop(0))
    return [*made, *left]


def _overlap(block: Any, member: Any) -> int:
    told = {str(value).lower() for _, value in scalars(member)}
    return sum(str(value).lower() in told for _, value in scalars(block))
