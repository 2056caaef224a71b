"""The recorded pairs of Azure: what was sent, what came back, and the verdict of the real comparison on
them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from drift.compare.verdict import Verdict, compare
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction.redact import Redactor
from drift.rules.severity import Graves
from providers.azure import AzureProvider
from providers.azure.ids import parse
from tests import shared

#: The first were there to tune on; of the second, the half of their types that :func:`tuned` names.
FIRST, SECOND = "recordings/azure-arm", "recordings/azure-arm-second"
PROVIDER = AzureProvider()
GRAVES = Graves(PROVIDER.severity_rules())
REDACTOR = Redactor("a key for tests")


@dataclass(frozen=True)
class Pair:
    """One declared body and one answer; ``side`` says of which step: create, update, or change (update
    against create)."""

    case: str
    side: str
    type: str
    url: str
    declared: Mapping[str, Any]
    live: Mapping[str, Any]
    source: str


@cache
def rows(folder: str = FIRST) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared.path(folder) / "pairs.jsonl").read_text().splitlines()]


def tuned(type: str) -> bool:
    """Whether rules were tuned on a type of the second recordings: a half of them, by a hash of the type."""
    return sha256(type.lower().encode()).digest()[0] % 2 == 0


@cache
def labels(folder: str = FIRST) -> dict[tuple[str, str], dict[str, str]]:
    """(case, side) → path → verdict."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for line in (shared.path(folder) / "labels.jsonl").read_text().splitlines():
        said = json.loads(line)
        found.setdefault((said["case"], said["side"]), {})[said["path"]] = said["verdict"]
    return found


def in_sync(folder: str = FIRST) -> Iterator[Pair]:
    for row in rows(folder):
        for side in ("create", "update"):
            declared, live = row[f"declared_{side}"], row[f"live_after_{side}"]
            if declared is not None and live is not None:
                yield Pair(row["case"], side, row["type"], row["url"], declared, live, row["source"])


def changed(folder: str = FIRST) -> Iterator[Pair]:
    """What was asked for by the update against what was there before it."""
    for row in rows(folder):
        if row["declared_update"] is not None and row["live_after_create"] is not None:
            yield Pair(
                row["case"],
                "change",
                row["type"],
                row["url"],
                row["declared_update"],
                row["live_after_create"],
                row["source"],
            )


def resource(pair: Pair, body: Mapping[str, Any]) -> Resource:
    id_ = unquote(urlsplit(pair.url).path)
    found = parse(id_)
    return Resource("azure", found.scope if found else "s", pair.type, id_, dict(body))


def judged(pair: Pair) -> Verdict:
    """The verdict as a scan comes to it."""
    want, have = resource(pair, pair.declared), resource(pair, pair.live)
    facts = PROVIDER.facts(pair.type)
    assert facts is not None, pair.type
    context = Context("azure", have.scope, None, have.type)
    return compare(
        REDACTOR.resource(want, facts.root),
        REDACTOR.resource(have, facts.root),
        facts,
        context,
        REDACTOR,
        lambda _type, _path: "inform",
        PROVIDER.hooks.undeclared(want, have, facts, context),
        partial(GRAVES.fit, want, have),
    )


def leaves(pair: Pair) -> Iterator[tuple[str | int, ...]]:
    """The places of texts that stand in both bodies alike, without what the id says or what is no list's own
    order."""
    facts = PROVIDER.facts(pair.type)
    assert facts is not None

    def walk(want: Any, have: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
        if isinstance(want, dict) and isinstance(have, dict):
            for name in want.keys() & have.keys():
                yield from walk(want[name], have[name], (*place, name))
        elif isinstance(want, list) and isinstance(have, list) and len(want) == len(have):
            for index, (one, other) in enumerate(zip(want, have, strict=True)):
                yield from walk(one, other, (*place, index))
        elif isinstance(want, str) and want == have and want:
            yield place

    for place in walk(pair.declared, pair.live, ()):
        if not (len(place) == 1 and place[0] in ("name", "type", "id", "location")):
            yield place


def mutated(pair: Pair, place: tuple[str | int, ...]) -> Pair:
    """The pair with another live text at a place."""
    live: Any = json.loads(json.dumps(pair.live))
    at = live
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = f"{at[place[-1]]}x"
    return replace(pair, live=live)


def without(pair: Pair, place: tuple[str | int, ...]) -> Pair:
    """The pair with nothing live at a place."""
    live: Any = json.loads(json.dumps(pair.live))
    at = live
    for part in place[:-1]:
        at = at[part]
    del at[place[-1]]
    return replace(pair, live=live)


def names(path: str, place: tuple[str | int, ...]) -> bool:
    """Whether a finding's path leads to a place or to the list's member that holds it."""
    told = path.strip("/").replace("~1", "/").lower()
    whole = "/".join(str(part) for part in place).lower()
    outer = [str(part).lower() for part in place]
    first = next((at for at, part in enumerate(place) if isinstance(part, int)), None)
    if first is None:
        return told in (whole, f"{whole}es") or whole.startswith(
            f"{told}/"
        )  # a range in the field for several
    return told.startswith("/".join(outer[:first]))
