"""What AWS answered, also beside what was asked of it, of types without facts of their own: brought to the
names of the CloudFormation schema, as Cloud Control would answer, and judged by it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.session import get_session

from drift.model import Resource
from providers.aws import by_schema, fitting
from providers.aws.facts import Entry, catalogue
from providers.aws.loopback import ACCOUNT
from providers.aws.resource_types import resource_type
from tests.recorded.examples import REGION, Recording, service_model
from tests.recorded.pairs import noise
from tests.recorded.replay import structures
from tests.recorded.trials import Told, itself

#: What a call that makes something is called, before the name of what it makes.
_MAKES = ("create", "put", "register", "request", "import", "run", "start")
#: What a call that tells of something is called, before the name of what it tells of.
_TELLS = (*_MAKES, "get", "describe", "update", "modify", "list", "batch_get", "search")
#: What handlers of other services call besides their own.
_HELPING = frozenset({"iam", "kms", "s3", "ec2", "sts", "logs", "secretsmanager"})


def entries() -> dict[str, Entry]:
    """The types that are judged by their schema."""
    known = catalogue()
    found = {type_: known.entry(type_) for type_ in by_schema.types() if known.is_by_schema(type_)}
    return {type_: entry for type_, entry in found.items() if entry is not None}


@cache
def services(type_: str) -> frozenset[str]:
    """botocore's names of the services that a type's handlers call."""
    own, known = type_.split("::")[1].lower(), resource_type(type_)
    actions = [one for calls in known.permissions.values() for one in calls] if known else []
    prefixes = {own, *({one.partition(":")[0] for one in actions} - _HELPING)}
    return frozenset(name for prefix in prefixes for name in _by_prefix().get(prefix, ()))


@cache
def _by_prefix() -> Mapping[str, set[str]]:
    """IAM's name of a service → botocore's."""
    found: dict[str, set[str]] = {}
    for name in get_session().get_available_services():
        model = service_model(name)
        assert model is not None
        for one in {name, model.signing_name, model.endpoint_prefix}:
            found.setdefault(one, set()).add(name)
    return found


def asked(entry: Entry, recordings: Iterable[Recording]) -> Told:
    """Whether what was asked of AWS agrees with its answer, by the schema alone."""
    told, pairs = Told(), list(_pairs(entry, recordings))
    told.tried = len(pairs)
    if not pairs:
        return told
    rows = [
        (Resource("aws", ACCOUNT, entry.type, where, live, region=REGION), said)
        for said, live, where in pairs
    ]
    wrong = set()
    with tempfile.TemporaryDirectory() as folder:
        for id_, path, declared, live in noise(rows, Path(folder)):
            if path[:1] not in "~?":
                number = int(id_.rpartition("#")[2])
                wrong.add(number)
                told.faults[path].append(f"{declared!r:.80} -> {live!r:.80} ({pairs[number][2]})")
    told.wrong = len(wrong)
    return told


def turned(entry: Entry, recordings: Iterable[Recording]) -> Told:
    """Whether what was answered agrees with itself as people would write it, and with each leaf changed is
    told to differ there and nowhere else."""
    return itself(entry, _answered(entry, recordings), Told())


def _answered(entry: Entry, recordings: Iterable[Recording]) -> Iterator[tuple[Resource, str]]:
    """The resources of answers of calls that are named after a type: structures that tell two properties at
    least which people can set, of the shape that tells most."""
    fitting.know(entry.type, entry.schema["paths"], entry.said)
    name, writable = xform_name(entry.type.rpartition("::")[2]), set(entry.writable)
    calls = {f"{verb}_{one}" for verb in _TELLS for one in (name, f"{name}s", f"{name.removesuffix('y')}ies")}
    for one in recordings:
        if one.operation not in calls:
            continue
        found = [
            (shape, _fitted(value, entry)) for shape, value in structures(one.answer, one.model.output_shape)
        ]
        best = max(found, key=lambda it: len(it[1].keys() & writable), default=None)
        for shape, live in found:
            if best is not None and shape == best[0] and len(live.keys() & writable) >= 2:
                yield Resource("aws", ACCOUNT, entry.type, one.where, live, region=REGION), one.where


def _pairs(
    entry: Entry, recordings: Iterable[Recording]
) -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    """What was asked and what was answered, of answers that tell more of the resource than its name; of what
    was asked, without what the answer of that call alone leaves out."""
    fitting.know(entry.type, entry.schema["paths"], entry.said)
    calls = {f"{verb}_{xform_name(entry.type.rpartition('::')[2])}" for verb in _MAKES}
    writable = set(entry.writable)
    for one in recordings:
        if one.operation not in calls or not one.asked:
            continue
        said = _fitted(one.asked, entry)
        answers = (_fitted(value, entry) for _, value in structures(one.answer, one.model.output_shape))
        live = max(answers, key=lambda found: len(found.keys() & said.keys()), default={})
        if len(live.keys() & said.keys() & writable) >= 2:
            yield {name: value for name, value in said.items() if name in live or not value}, live, one.where


def _fitted(value: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
    """A structure by the schema's names, tags as the schema has them."""
    plain = json.loads(json.dumps(value, default=str))
    found: dict[str, Any] = fitting.live(plain, f"{entry.type}/")
    if plain.get("TagSpecifications"):
        found["Tags"] = plain["TagSpecifications"][0].get("Tags", [])
    tags = next((plain[name] for name in ("Tags", "tags") if isinstance(plain.get(name), dict)), None)
    if tags is not None and entry.schema["paths"].get("Tags", "")[:1] == "a":
        found["Tags"] = [{"Key": key, "Value": one} for key, one in tags.items()]
    return found
