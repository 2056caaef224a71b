"""What Terraform's provider would store of a recorded answer: its state is silent, and each value of the
answer that is changed is told."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drift.compare.verdict import Verdict, compare
from drift.dialect import Foreign
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction.redact import Redactor
from providers.aws import AwsProvider
from providers.aws.attaching import Attach
from providers.aws.facts import Entry, TerraformEntry, catalogue
from providers.aws.loopback import ACCOUNT
from providers.aws.terraform import AwsTerraform
from tests.recorded.backwards import Block, Unfit, attributes, unknown
from tests.recorded.examples import REGION, Recording
from tests.recorded.trials import Told, altered, leaves, read

_PROVIDER, _DIALECT, _REDACTOR = AwsProvider(), AwsTerraform(), Redactor("a key for tests")
Schemas = Mapping[str, Block]


def schemas(printed: Mapping[str, Any]) -> Schemas:
    """Terraform's type → its block, of what ``terraform providers schema -json`` prints."""
    (provider,) = printed["provider_schemas"].values()
    return {name: one["block"] for name, one in provider["resource_schemas"].items()}


def stored(entry: Entry, recordings: Iterable[Recording], known: Schemas) -> Told:
    """Each resource of an answer is tried once with each Terraform type that declares it whole."""
    told, reading = Told(), Told()
    maps = list(_maps(entry, known))
    seen: set[str] = set()
    done: set[tuple[str, ...]] = set()
    told_of = [one for one in recordings if "tags" not in one.operation]  # of these all else is made up
    for piece, resources in read(entry, told_of, reading) if maps else ():
        for one in resources:
            own = json.loads(json.dumps(one.attributes, default=str))
            text = json.dumps(own, sort_keys=True)
            if text in seen:
                continue
            seen.add(text)
            for name, found in maps:
                for argument in _unknown(found, known[name], own, one.id):
                    told.faults[f"{name} has no {argument}"].append(piece.recording.where)
                for pair in _pairs(found, known[name], one, own):
                    told.tried += 1
                    faults = list(_faults(entry, name, pair, done))
                    told.wrong += bool(faults)
                    for fault, shown in faults:
                        told.faults[f"{name} {fault}"].append(f"{shown} ({piece.recording.where})")
    return told


def _maps(entry: Entry, known: Schemas) -> Iterator[tuple[str, TerraformEntry]]:
    for name, maps in catalogue().terraform.items():
        for one in maps:
            if one.type == entry.type and not one.attach and name in known:
                yield name, one


def _pairs(
    found: TerraformEntry, block: Block, live: Resource, own: dict[str, Any]
) -> Iterator[tuple[Resource, Resource]]:
    """What the state declares and the live resource, once with nulls and once with zeros for what nobody
    set; without what the map can't be read backwards for, what a hook makes, and what other Terraform types
    say."""
    first = _declared(found, block, live, own, zeros=False)
    if first is None:
        return
    hooked = found.hook or any(attach.hook for attach in _attaches(live.type))
    hidden = {name for name in own if name not in first.attributes and (name in found.properties or hooked)}
    hidden |= set(_attached(live.type)) - found.properties.keys()
    if found.hook:
        hidden |= {*first.attributes, *own} - found.properties.keys()
    for mine in (first, _declared(found, block, live, own, zeros=True)):
        said = {name: one for name, one in mine.attributes.items() if name not in hidden} if mine else {}
        if mine is not None and said.keys() & own.keys():
            there = {name: one for name, one in own.items() if name not in hidden}
            region = REGION if catalogue().entries[live.type].regional else None
            yield (
                dataclasses.replace(mine, attributes=said),
                Resource("aws", ACCOUNT, live.type, live.id, there, region=region, unread=live.unread),
            )


def _unknown(found: TerraformEntry, block: Block, own: dict[str, Any], id_: str | None) -> list[str]:
    try:
        return list(unknown(attributes(found, block, own, id_), block))
    except Unfit:
        return []


def _declared(
    found: TerraformEntry, block: Block, live: Resource, own: dict[str, Any], *, zeros: bool
) -> Resource | None:
    try:
        state = attributes(found, block, own, live.id, zeros=zeros)
    except Unfit:
        return None
    made = _DIALECT.translate(Foreign(found.terraform_type, "a.b", state, scope=ACCOUNT, region=REGION)) or []
    return next((one for one in made if one.type == live.type), None)


def _attached(type_: str) -> Iterator[str]:
    """The properties that Terraform types of their own say of a resource."""
    for attach in _attaches(type_):
        yield from attach.set
        if attach.append:
            yield attach.append.partition("/")[0]


def _attaches(type_: str) -> Iterator[Attach]:
    for maps in catalogue().terraform.values():
        yield from (attach for one in maps for attach in one.attach if attach.into == type_)


def _faults(
    entry: Entry, name: str, pair: tuple[Resource, Resource], done: set[tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    mine, live = pair
    before = {one.path: one for one in _verdict(mine, live).changes}
    for path, one in before.items():
        yield (
            f"{'nobody declares ' if one.undeclared else ''}{path}",
            f"{one.declared!r:.60} -> {one.live!r:.60}",
        )
    common = {
        at: one
        for at, one in live.attributes.items()
        if at in mine.attributes and not entry.facts.root.child(at).read_only
    }
    for way in leaves(common):
        general = (name, *("*" if isinstance(part, int) else part for part in way))
        if general in done:
            continue
        done.add(general)
        other = dataclasses.replace(live, attributes=altered(live.attributes, way))
        verdict = _verdict(mine, other)
        top = f"/{way[0]}"
        told = [one.path for one in verdict.changes]
        known = [
            *told,
            *(path for path, _ in verdict.unverifiable),
            *(one.change.path for one in verdict.informed),
        ]
        if not any(path.startswith(top) for path in known):
            yield f"{'/'.join(general[1:])} is not told", ""
        also = [path for path in told if path not in before and not path.startswith(top)]
        if also:
            yield f"{'/'.join(general[1:])} also tells {', '.join(also)}", ""


def _verdict(mine: Resource, live: Resource) -> Verdict:
    facts = _PROVIDER.facts(live.type)
    assert facts is not None
    context = Context("aws", ACCOUNT, REGION, live.type)
    mine, live = (_PROVIDER.hooks.settled(side, live) for side in (mine, live))
    accept = _PROVIDER.hooks.undeclared(mine, live, facts, context)
    return compare(mine, live, facts, context, _REDACTOR, lambda _type, _path: "inform", accept)
