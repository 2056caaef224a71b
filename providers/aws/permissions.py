"""The least privilege for what is configured, as policies of IAM: an action for each call of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from drift.provider import Grant
from drift.safe_yaml import data
from drift.secret import Held
from drift.settings import selected
from drift.task import Wanted
from providers.aws import bulk_tags, cloud_control_declared
from providers.aws.accounts import role_arn
from providers.aws.asked import Asked
from providers.aws.chosen import reads
from providers.aws.cloudformation.recorded import place_of
from providers.aws.facts import Entry, catalogue
from providers.aws.inventory import INVENTORY, inventories
from providers.aws.live import STACK
from providers.aws.models import described, operation
from providers.aws.organization import is_unit
from providers.aws.partitions import always_on, partition_of
from providers.aws.permissions_forms import KEPT, LONGEST, Needs, Reader, policy, stackset, terraform
from providers.aws.settings import Organization, Settings
from providers.aws.stack_sets import STACK_SET

#: Of an entry, where calls are named.
_CALLING = ("list", "join", "describe")


def permissions(settings: Settings, wanted: Wanted, urls: Sequence[str]) -> Grant:
    """What reads the types that the settings and ``wanted`` select, and the declared files at ``urls``: as
    policies, as Terraform and as the template of a StackSet."""
    by_schema = set(cloud_control_declared.actions(settings, wanted))
    own_facts = {one for entry in _entries(settings, wanted) for one in needed(entry)}
    asked = sorted(own_facts | _beside(settings, wanted) | by_schema)
    partition = _partition(_regions(settings))
    own = tuple(_own(settings, urls, partition))
    reading = tuple(_statement(f"Read{number or ''}", part, "*") for number, part in enumerate(_parts(asked)))
    objects = sorted(_objects(wanted, partition)) if _reads_stacks(settings) else []
    if objects:
        reading = (*reading, _statement("ReadTemplates", ["s3:GetObject"], objects))
    encrypted = "where declared files are encrypted with a KMS key of their own: kms:Decrypt of it, besides"
    needs = Needs(own, reading, roles(settings), tuple([encrypted] if urls else ()))
    forms = {"terraform": terraform(needs), "stackset": stackset(needs)}
    told = policy(needs, entered=bool(roles(settings)))
    return Grant(told.text, told.notes, forms)


def purposes(settings: Settings, wanted: Wanted) -> dict[str, set[str]]:
    """Each action that reading takes, with the types that it is needed for; what else is asked for
    (stacks, inventories, who did it) has none."""
    found: dict[str, set[str]] = {one: set() for one in _beside(settings, wanted)}
    for entry in _entries(settings, wanted):
        for action_ in needed(entry):
            found.setdefault(action_, set()).add(entry.type)
    for action_, type_ in cloud_control_declared.purposes(settings, wanted):
        found.setdefault(action_, set()).add(type_)
    return found


def said_of(what: str) -> Mapping[str, Any]:
    """A part of ``permissions.yaml`` whose actions are told by name (``inventory``)."""
    return dict(data(Path(__file__).with_name("permissions.yaml"))[what])


def needed(entry: Entry) -> Iterator[str]:
    """The actions that reading one type takes."""
    for call in _calls([entry.said.get(part) for part in _CALLING], entry.service):
        yield from actions(call)


def actions(call: str) -> Iterator[str]:
    """The actions that a call (``elbv2:DescribeListeners``) takes."""
    yield action(call)
    yield from data(Path(__file__).with_name("permissions.yaml"))["also"].get(call, ())


@cache
def action(call: str) -> str:
    """IAM's name of the action that a call (``elbv2:DescribeListeners``) takes."""
    said = data(Path(__file__).with_name("permissions.yaml"))
    if call in said["calls"]:
        return str(said["calls"][call])
    service, _, name = call.partition(":")
    signed = str(described(service).signing_name)
    return str(said["methods"].get(signed) or f"{said['prefixes'].get(signed, signed)}:{name}")


def _calls(said: Any, service: str) -> Iterator[str]:
    """Every call at or below a part of the facts."""
    if isinstance(said, Mapping):
        if "call" in said:
            yield operation(said.get("service", service), said["call"])
        if "bulk" in said:
            yield operation(bulk_tags.SERVICE, bulk_tags.METHOD)
        for part in said.values():
            yield from _calls(part, service)
    elif isinstance(said, list):
        for part in said:
            yield from _calls(part, service)


def _entries(settings: Settings, wanted: Wanted) -> Iterator[Entry]:
    return (entry for entry in catalogue().entries.values() if reads(entry.type, settings, wanted))


def _beside(settings: Settings, wanted: Wanted) -> set[str]:
    """What is asked beside the types: who did it, stacks, inventories, and which regions there are."""
    found: set[str] = set(data(Path(__file__).with_name("permissions.yaml"))["witness"])
    if _reads_stacks(settings):
        found |= set(data(Path(__file__).with_name("permissions.yaml"))["stacks"])
        if wanted.asks:
            found |= set(data(Path(__file__).with_name("permissions.yaml"))["templates"])
        if Asked.of(wanted.asks).sets or STACK_SET in wanted.types:
            found |= set(data(Path(__file__).with_name("permissions.yaml"))["sets"])
    if settings.reads(INVENTORY) and wanted.selects(INVENTORY):
        said = data(Path(__file__).with_name("permissions.yaml"))["inventory"]
        found.update(action for name in inventories(settings) for action in said[name])
    regions = list(_regions(settings))
    if "all" in settings.said_regions() or not all(map(always_on, regions)):
        found.add("ec2:DescribeRegions")
    return found


def _reads_stacks(settings: Settings) -> bool:
    return selected([STACK], ["*"], settings.exclude)


def _objects(wanted: Wanted, partition: str) -> Iterator[str]:
    """The ARNs of what lies in S3 that templates name."""
    for url in Asked.of(wanted.asks).objects:
        place = place_of(url)
        if place is not None:
            yield f"arn:{partition}:s3:::{place['Bucket']}/{place['Key']}"


def _regions(settings: Settings) -> Iterator[str]:
    for said in settings.said_regions():
        if isinstance(said, list):
            yield from said


def _partition(regions: Iterable[str]) -> str:
    return partition_of(next(iter(regions), "us-east-1")).name


def _own(settings: Settings, urls: Sequence[str], partition: str) -> Iterator[dict[str, Any]]:
    """What only the caller's own identity needs: to enter accounts, and to read declared files."""
    if settings.organization is not None:
        yield _statement("ListAccounts", sorted(_listing(settings.organization)), "*")
    assumed = [one for one in roles(settings) if one.profile is None]
    entered = list(dict.fromkeys(role_arn(one.account, one.role, one.partition) for one in assumed))
    if entered:
        yield _statement("EnterAccounts", ["sts:AssumeRole"], entered)
        said = data(Path(__file__).with_name("permissions.yaml"))["central"]
        asked = [one for name in inventories(settings) for one in said[name] if settings.reads(INVENTORY)]
        if asked:
            yield _statement("AskInventories", sorted(asked), "*")
    places = [(urlsplit(url).netloc, urlsplit(url).path.lstrip("/")) for url in urls]
    files = sorted({f"{bucket}/{path}{'*' * path.endswith('/')}" for bucket, path in places if path})
    if files:
        yield _statement("ReadDeclared", ["s3:GetObject"], [f"arn:{partition}:s3:::{one}" for one in files])
    folders = sorted({bucket for bucket, path in places if not path or path.endswith("/")})
    if folders:
        yield _statement(
            "ListDeclared", ["s3:ListBucket"], [f"arn:{partition}:s3:::{one}" for one in folders]
        )


def _shown(external_id: SecretStr | None) -> str | None:
    """What a role asks for, as a policy to paste says it: one that is kept elsewhere is for people to put
    in."""
    if external_id is None:
        return None
    return KEPT if isinstance(external_id, Held) else external_id.get_secret_value()


def roles(settings: Settings) -> list[Reader]:
    """The roles that are assumed, each once."""
    partition = _partition(_regions(settings))
    found = []
    for one in settings.accounts or ():
        if one.role:
            lies = _partition(one.regions) if isinstance(one.regions, list) else partition
            found.append(Reader(one.role, _shown(one.external_id), one.id, lies, one.profile))
    if (all_of := settings.organization) is not None:
        said = [(None, None), *((one.role, one.external_id) for one in all_of.overrides)]
        found += [
            Reader(role or all_of.role, _shown(external_id or all_of.external_id), partition=partition)
            for role, external_id in said
        ]
    return list(dict.fromkeys(found))


def _listing(organization: Organization) -> Iterator[str]:
    """What tells which accounts of an organisation are read."""
    if organization.units is None:
        yield "organizations:ListAccounts"
    else:
        yield from ("organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent")
        if not all(map(is_unit, organization.units)):
            yield "organizations:ListRoots"
    if organization.tags:
        yield "organizations:ListTagsForResource"


def _parts(actions: Iterable[str]) -> list[list[str]]:
    """The actions in as few statements as fit into a policy each, with some room for what else it says."""
    parts: list[list[str]] = [[]]
    size = 0
    for one in actions:
        size += len(one) + 3
        if size > LONGEST - 600:
            parts.append([])
            size = len(one) + 3
        parts[-1].append(one)
    return parts


def _statement(sid: str, actions: Sequence[str], resources: str | Sequence[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}
