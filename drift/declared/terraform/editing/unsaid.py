"""Changes of arguments that are not set, told by what each is found to reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.declared.terraform.configuration.restriction import IDENTITY
from drift.declared.terraform.editing.ops import Op
from drift.declared.terraform.editing.trial import Ops, Trial
from drift.declared.terraform.editing.values import candidates, scalars, words
from drift.declared.terraform.hcl_variants import PROBE
from drift.model import MISSING
from drift.pointer import get
from drift.values import same

#: What every type has and no live value hangs on.
_NEVER = IDENTITY | {"timeouts", "region", "tags_all"}


def unsaid(trial: Trial) -> Iterator[Ops]:
    """An argument that is not set, by what each is found to reach."""
    _, live = trial.sides()
    if live is MISSING:
        return
    for steps in _reaching(trial):
        like = trial.value_at(steps)
        for value in candidates(live, None if like in (MISSING, None) else like):
            yield (Op(steps, value),)


def climbed(trial: Trial) -> Iterator[Ops]:
    """Several arguments together, where an object stands on the live side."""
    _, live = trial.sides()
    if not isinstance(live, (Mapping, list)):
        return
    ops: Ops = ()
    best = trial.distance(trial.base)
    targets = [(steps, value) for steps, value in scalars(live)]
    reaching = _reaching(trial)
    for inner, value in targets[:12]:
        like = words(" ".join(map(str, inner)))
        for steps in sorted(reaching, key=lambda one: -len(like & words(" ".join(map(str, one))))):
            done = False
            for new in candidates(value):
                attempt = (*ops, *_opened(trial, steps, new))
                made = trial.made(attempt)
                if made is None:
                    continue
                distance = trial.distance(made)
                if distance < best and trial.elsewhere(made) == 0:
                    best, ops, done = distance, attempt, True
                    break
            if done:
                break
        if best == 0:
            break
    if best == 0 and ops:
        yield ops


def _reaching(trial: Trial) -> list[tuple[Any, ...]]:
    """The arguments that control what the change speaks of, the likeliest first."""
    wanted = words(" ".join(trial.path))
    schema = trial.schema()
    behaviour = trial.subject.dialect.behaviour(trial.subject.said.type)
    found: list[tuple[int, tuple[Any, ...]]] = []
    for name, attribute in schema.items():
        parts = name.split(".")
        if attribute.mode == "computed" or parts[0] in _NEVER or name in behaviour or len(parts) > 3:
            continue
        if any(one.startswith(f"{name}.") for one in schema):
            continue
        steps: list[Any] = []
        for part in parts[:-1]:
            steps += [part, 0]
        found.append((-len(wanted & words(name)), (*steps, parts[-1])))
    found.sort(key=lambda one: (one[0], len(one[1])))
    likely = [steps for score, steps in found if score < 0]
    return [one for one in likely if _reaches(trial, one)][:6] or [
        steps for _, steps in found if _reaches(trial, steps)
    ][:6]


def _reaches(trial: Trial, steps: tuple[Any, ...]) -> bool:
    for value in (PROBE, True, 7919, [PROBE], {PROBE: PROBE}, False):
        ops = _opened(trial, steps, value)
        made = trial.made(ops)
        if made is not None and not same(get(made, trial.path), get(trial.base, trial.path)):
            return True
    return False


def _opened(trial: Trial, steps: tuple[Any, ...], value: Any) -> Ops:
    """A move that sets an argument in a block which may not be there."""
    if len(steps) == 1 or trial.value_at(steps[:-1]) is not MISSING:
        return (Op(steps, value),)
    inner: Any = {steps[-1]: value}
    at = len(steps) - 2
    while at > 0:
        above = steps[: at - 1 + 1]
        if steps[at] == 0:
            inner = [inner]
        if at >= 1 and trial.value_at(steps[:at]) in (MISSING, None, []):
            at -= 1
            if at > 0 and trial.value_at(above[:-1] or above) is MISSING:
                inner = {steps[at]: inner}
                at -= 1
                continue
        return (Op(steps[: at + 1], inner),)
    return (Op(steps[:1], inner),)
