"""Changes of arguments that say something of a place already: other values, entries of maps, places in
documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from drift.declared.terraform.configuration.fitting import means, paired
from drift.declared.terraform.editing.ops import Op
from drift.declared.terraform.editing.trial import Ops, Trial
from drift.declared.terraform.editing.values import candidates, scalars, words
from drift.model import MISSING
from drift.values import plain as plainly
from drift.values import same


def said(trial: Trial) -> Iterator[Ops]:
    """Another value in place of one that is said."""
    declared, live = trial.sides()
    leaves = _leaves(trial)
    if live is MISSING:
        for steps, value in leaves:
            if declared is MISSING or like(value, declared) or steps[-1] == trial.path[-1]:
                yield (Op(steps),)
        for steps in _prefixes(trial, leaves):
            yield (Op(steps),)
        return
    if isinstance(live, (Mapping, list)):
        return
    first = [one for one in leaves if declared is not MISSING and like(one[1], declared)]
    for steps, value in first:
        for new in candidates(live, value):
            yield (Op(steps, new),)
    if declared is MISSING:
        yield from _entries(trial, live)


def _leaves(trial: Trial) -> list[tuple[tuple[Any, ...], Any]]:
    said = set(trial.settable())
    found = [
        ((name, *steps), value)
        for name, item in trial.subject.attributes.items()
        if name in said
        for steps, value in scalars(item)
    ]
    wanted = words(" ".join(trial.path[-2:]))
    last = trial.path[-1] if trial.path else ""
    found.sort(
        key=lambda one: (
            one[0][-1] != last,
            -len(wanted & words(" ".join(map(str, one[0][-3:])))),
        )
    )
    return found


def _prefixes(trial: Trial, leaves: Sequence[tuple[tuple[Any, ...], Any]]) -> list[tuple[Any, ...]]:
    found: dict[tuple[Any, ...], None] = {}
    for steps, _ in leaves:
        for length in range(len(steps) - 1, 0, -1):
            found.setdefault(steps[:length])
    return list(found)


def _entries(trial: Trial, live: Any) -> Iterator[Ops]:
    """One more member of a map."""
    key = trial.path[-1]
    said = set(trial.settable())
    for name, item in trial.subject.attributes.items():
        if name in said and isinstance(item, Mapping):
            yield (Op((name, key), live),)
        elif name in said and isinstance(item, list):
            for at, one in enumerate(item):
                for inner, each in one.items() if isinstance(one, Mapping) else ():
                    if isinstance(each, Mapping) and each:
                        yield (Op((name, at, inner, key), live),)
    for name in ("tags", "labels"):
        if name in trial.schema() and name not in said:
            yield (Op((name,), {key: live}),)


def documents(trial: Trial) -> Iterator[Ops]:
    """Within a text that is a JSON document: what stands at the path, else the whole property."""
    live = trial.finding.live
    if live is None or not trial.path:
        return
    name = trial.path[0]
    wanted = live.attributes.get(name, MISSING)
    for argument, value in trial.subject.attributes.items():
        document = _document(value) if argument in trial.settable() else None
        if document is None:
            continue
        before, after = trial.sides()
        if before is not MISSING and after is not MISSING:
            made = _substituted(document, before, after)
            if made is not None:
                yield (Op((argument,), orjson.dumps(made).decode()),)
        if wanted is not MISSING and trial.declared.get(name) is not None:
            yield (Op((argument,), orjson.dumps(plainly(wanted)).decode()),)


def like(one: Any, other: Any) -> bool:
    """Whether a value of an argument may be what a property says."""
    if isinstance(one, (Mapping, list)) or isinstance(other, (Mapping, list)):
        return same(one, other)
    if one is None or other is None or other is MISSING:
        return False
    if means(one, other):
        return True
    left, right = str(one).lower(), str(other).lower()
    return left == right or (len(left) > 2 and (left in right or right in left))


def _document(value: Any) -> Any:
    """The object or list that a text is as JSON; None where it is none."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def _substituted(document: Any, before: Any, after: Any) -> Any:
    """A document with one value in place of another one; None where that is not in it. Of lists the members
    count."""
    if same(document, before):
        return after
    if isinstance(before, list) and len(before) == 1 and same(document, before[0]):
        return after[0] if isinstance(after, list) and len(after) == 1 else after
    if isinstance(document, dict):
        for key, item in document.items():
            made = _substituted(item, before, after)
            if made is not None:
                return {**document, key: made}
        return None
    if not isinstance(document, list):
        return None
    if isinstance(before, list) and before and isinstance(after, list):
        at = [next((i for i, one in enumerate(document) if same(one, each)), None) for each in before]
        if None not in at:
            likely = paired(before, after)
            left = {i: after[b] if b is not None else MISSING for i, b in zip(at, likely, strict=True)}
            more = [one for i, one in enumerate(after) if i not in likely]
            made = [left.get(i, one) for i, one in enumerate(document)]
            return [*(one for one in made if one is not MISSING), *more]
    for at_, item in enumerate(document):
        made = _substituted(item, before, after)
        if made is not None:
            return [*document[:at_], made, *document[at_ + 1 :]]
    return None
