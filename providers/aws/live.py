"""The live side of AWS: which cells there are, and the tasks that read them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from drift.deadline import Deadline
from drift.errors import CellError
from drift.limits import Limits
from drift.model import Cell, Coverage, Resource
from drift.redaction import looks_secret
from drift.settings import selected
from drift.task import Task, Wanted
from providers.aws import inventory
from providers.aws.accounts import entered
from providers.aws.asked import POLICY, Asked
from providers.aws.bulk_tags import BulkTags, Declared, filters
from providers.aws.chosen import asked_for, reads
from providers.aws.cloud_control_declared import ASKED
from providers.aws.cloud_control_live import CloudControl
from providers.aws.declared_keys import BY_KEY, DeclaredKeys
from providers.aws.facts import Entry, catalogue
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.learning import HOSTED_ZONE, KMS_ALIAS, digest
from providers.aws.machine import CellTask, Hands
from providers.aws.partitions import offered, partition_of
from providers.aws.session import ANY, Clients, Place, Refused
from providers.aws.settings import Settings
from providers.aws.shared import Shared
from providers.aws.single import Single
from providers.aws.stack_policies import PoliciesTask, read_policy
from providers.aws.stack_sets import declared_sets, read_stack_sets
from providers.aws.stack_templates import add_templates, read_object
from providers.aws.stacks import read_stacks
from providers.aws.turns import Turns
from providers.aws.whole_cells import READ_WHOLE

STACK = "AWS::CloudFormation::Stack"
#: So many accounts are read at once: less than there may be sessions, since more are entered meanwhile.
ACCOUNTS = 12


class AwsLive:
    """One run's connection to AWS."""

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.clients = Clients(settings, deadline, limits)
        self._pool = ThreadPoolExecutor(max_workers=32, thread_name_prefix="aws-detail")
        self._turns = Turns(ACCOUNTS, self.clients.deadline)
        self._lock = threading.Lock()
        self._tags: Declared | None = None
        self._partitions: dict[str, str] = {}
        self._entered: list[tuple[Place, list[str]]] = []
        self._inventoried: dict[str, list[str]] = {}
        self._stacks: list[dict[str, Any]] = []
        self._unread_stacks: set[tuple[str, str]] = set()
        self._kms_aliases: dict[str, str] = {}
        self._hosted_zones: dict[str, dict[str, str]] = defaultdict(dict)
        self._stack_sets: list[dict[str, Any]] = []
        self._objects: dict[str, dict[str, Any]] = {}
        self._stack_tasks: dict[tuple[str, str], StacksTask] = {}
        self._keys = DeclaredKeys(Wanted(frozenset()), self._known, list)
        self._cloud_control = CloudControl(
            self.clients, so_far=self._known, stacks=self._read_stacks, learn=self._learn
        )

    def tasks(self, wanted: Wanted) -> Iterator[Task | Coverage]:
        read: dict[str, set[str]] = defaultdict(set)
        self._keys = DeclaredKeys(wanted, self._known, lambda: sorted(self._partitions))
        for task in self._tasks(wanted):
            for cell in (task.cell,) if isinstance(task, Coverage) else task.cells:
                read[cell.scope].add(cell.type)
            yield task
        passed = self._cloud_control.passed_over
        for place, tasks in inventory.tasks(
            self.clients, wanted, self._entered, read, self._inventoried, passed
        ):
            yield from self._turns.read(tasks, partial(self.clients.leave, place.account))

    def _tasks(self, wanted: Wanted) -> Iterator[Task | Coverage]:
        for one in entered(self.clients, wanted.turn):
            if isinstance(one, Refused):
                self.clients.leave(one.account)
                yield _unread(one.account, ANY, ANY, one.error)
                continue
            for region, why in one.left:
                yield _unread(one.place.account, region, ANY, why)
            regions = list(one.regions)
            self._entered.append((one.place, regions))
            tasks = self._place(one.place, regions, wanted)
            yield from self._turns.read(tasks, partial(self.clients.leave, one.place.account))
        for place, tasks in self._cloud_control.tasks(self._entered, wanted):
            yield from self._turns.read(tasks, partial(self.clients.leave, place.account))

    def _place(self, place: Place, regions: list[str], wanted: Wanted) -> Iterator[Task | Coverage]:
        shared, client = Shared(), partial(self.clients.client, place)
        lane = partial(self.clients.lane, place)
        limits = self.clients.limits
        chosen = [entry for entry in catalogue().entries.values() if reads(entry.type, self.settings, wanted)]
        tags = BulkTags(client, lane, shared.once, limits, filters(chosen), self._declared(wanted))
        hands = Hands(client, self._pool, lane, shared, limits, self._learn, tags, self._keys)
        home = partition_of(regions[0] if regions else self.clients.home)
        self._partitions[place.account] = home.name
        for region in regions if selected([STACK], ["*"], self.settings.exclude) else ():
            self._unread_stacks.add((place.account, region))
            stacks = StacksTask(self, place, region, Asked.of(wanted.asks), objects=region == regions[0])
            self._stack_tasks[place.account, region] = stacks
            yield stacks
        for entry in _longest_first(catalogue().entries.values(), wanted.types):
            if not asked_for(entry.type, self.settings, wanted):
                continue
            for region in regions if entry.regional else [home.home]:
                task = CellTask(entry, place, region, hands)
                if not self.settings.reads(entry.type):
                    yield Coverage(task.cells[0], "skipped", message="left out by live.aws.include / exclude")
                elif not wanted.selects(entry.type):
                    yield Coverage(task.cells[0], "skipped", message="left out by --only")
                elif entry.existence and not offered(entry.service, region):
                    said = f"AWS does not offer {entry.service} in {region}"
                    yield Coverage(task.cells[0], "unsupported", message=said)
                elif entry.type == POLICY:
                    yield self._policies(place, region)
                elif entry.type in wanted.types and entry.whole is not None:
                    self._cloud_control.lists(task)
                else:
                    yield task

    def _policies(self, place: Place, region: str) -> Task | Coverage:
        """What reads the policies of the stacks that are declared here."""
        stacks = self._stack_tasks.get((place.account, region))
        if stacks is None:
            cell = Cell("aws", place.account, region, POLICY)
            return Coverage(cell, "skipped", message=f"{STACK} is left out by live.aws.exclude")
        client = partial(self.clients.client, place, "cloudformation", region)
        return PoliciesTask(client, place.account, region, stacks.declared, stacks.asks)

    def _declared(self, wanted: Wanted) -> Declared:
        """The tags that are declared, the same for all places of a run."""
        with self._lock:
            if self._tags is None or self._tags.wanted is not wanted:
                types = [entry.type for entry in catalogue().entries.values() if filters([entry])]
                self._tags = Declared(wanted, frozenset(types), self._known)
            return self._tags

    def _known(self) -> dict[str, Any]:
        with self._lock:
            return self._told()

    def _read_stacks(self, place: Place, region: str) -> None:
        """Has the stacks of a place read, where they are read at all. Raises CellError."""
        task = self._stack_tasks.get((place.account, region))
        if task is not None:
            task.told()

    def add_stacks(self, account: str, region: str, stacks: list[dict[str, Any]]) -> None:
        """Keeps the stacks of a place, which are unread until then."""
        with self._lock:
            self._stacks.extend(stacks)
            self._unread_stacks.discard((account, region))

    def add_stack_sets(self, sets: list[dict[str, Any]]) -> None:
        """Keeps the StackSets of a place."""
        with self._lock:
            self._stack_sets.extend(sets)

    def read_objects(self, client: Any, urls: frozenset[str]) -> dict[str, dict[str, Any]]:
        """What lies at URLs of S3, as far as no other account could read it."""
        left = [url for url in sorted(urls) if "template" not in self._objects.get(url, ())]
        return {url: read_object(client, url) for url in left}

    def add_objects(self, objects: Mapping[str, dict[str, Any]]) -> None:
        """Keeps what lies at URLs of S3."""
        with self._lock:
            self._objects.update(objects)

    def _learn(self, resource: Resource) -> None:
        """Keeps what other resources are compared with: which key an alias means, which zone a name."""
        if resource.type == KMS_ALIAS and resource.id and "TargetKeyId" in resource.attributes:
            with self._lock:
                self._kms_aliases[_alias_arn(resource)] = str(resource.attributes["TargetKeyId"])

        if resource.type == HOSTED_ZONE and resource.id:
            with self._lock:
                self._hosted_zones[resource.scope][resource.id] = str(resource.attributes.get("Name", ""))

    def confirm(self, resource: Resource) -> Resource | None:
        """As :meth:`drift.task.Confirms.confirm`: by its type's own list, of which that one alone is
        described; through Cloud Control what is read so."""
        found = next((one for one in self._entered if one[0].account == resource.scope), None)
        if found is None:
            raise CellError("failed", f"the account {resource.scope} was not entered")
        place, regions = found
        home = partition_of(regions[0] if regions else self.clients.home).home
        region = resource.region or home
        if resource.type == POLICY:
            client = self.clients.client(place, "cloudformation", region)
            return read_policy(client, str(resource.id), str(resource.name), resource.cell)
        entry = catalogue().entries.get(resource.type)
        if entry is None or self._cloud_control.has_whole(resource):
            return self._cloud_control.one(place, region, resource)
        with ThreadPoolExecutor(max_workers=4, thread_name_prefix="aws-confirm") as pool:
            hands = Hands(
                partial(self.clients.client, place),
                pool,
                partial(self.clients.lane, place),
                Shared(),
                self.clients.limits,
                keys=self._keys,
            )
            return Single(entry, place, region, hands).one(resource)

    def context(self) -> dict[str, Any]:
        """``partitions`` (account to the name of its partition), ``stacks`` (see
        :func:`providers.aws.stacks.read_stacks`), ``unread_stacks`` (account and region of each place whose
        stacks could not be read), ``cloud_control`` (see :mod:`providers.aws.cloud_control`), ``kms_aliases``
        (alias ARN to key id),
        ``aws_managed_keys`` (the key ids behind ``alias/aws/…``, which nobody but AWS can make) and
        ``hosted_zones`` (account to zone id to name) and ``objects`` (URL of S3 to what
        :func:`providers.aws.stack_templates.read_object` gives), ``stack_sets`` (see
        :func:`providers.aws.stack_sets.read_stack_sets`), ``inventoried`` (see :meth:`_whole`),
        ``read_whole`` (see :mod:`providers.aws.read_whole`) and ``by_key`` (type to account to the ids that
        were asked for, of what is read by its key)."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        asked, whole = self._cloud_control.close(), self._cloud_control.whole()
        keys = self._keys.told()
        found = {**self._known(), **({ASKED: asked} if asked else {})}
        found |= {READ_WHOLE: whole} if whole else {}
        return {**found, **({BY_KEY: keys} if keys else {})}

    def _told(self) -> dict[str, Any]:
        return {
            "partitions": dict(sorted(self._partitions.items())),
            "stacks": sorted(self._stacks, key=lambda stack: str(stack["id"])),
            "unread_stacks": [list(place) for place in sorted(self._unread_stacks)],
            **({"objects": dict(sorted(self._objects.items()))} if self._objects else {}),
            **({"stack_sets": _sorted_sets(self._stack_sets)} if self._stack_sets else {}),
            **({"inventoried": self._whole()} if self._inventoried else {}),
            "kms_aliases": dict(sorted(self._kms_aliases.items())),
            "hosted_zones": {
                scope: dict(sorted(zones.items())) for scope, zones in sorted(self._hosted_zones.items())
            },
            "aws_managed_keys": sorted(
                key for alias, key in self._kms_aliases.items() if ":alias/aws/" in alias
            ),
        }

    def _whole(self) -> dict[str, Any]:
        """``places``: account to the regions of which an inventory was whole; and the globs over the types
        that it let through."""
        places = {account: list(regions) for account, regions in sorted(self._inventoried.items())}
        return {"places": places, "include": self.settings.include, "exclude": self.settings.exclude}


class StacksTask:
    """Records the CloudFormation stacks of a region: what their logical ids really are, and of those that are
    declared the templates that they were deployed with; ``objects``: what is asked for of S3, too."""

    def __init__(self, live: AwsLive, place: Place, region: str, asked: Asked, *, objects: bool) -> None:
        self.live, self.place, self.region, self.asked, self.objects = live, place, region, asked, objects
        self._once = Shared()
        self._learnt: dict[str, Any] = {}
        self.cells = (Cell("aws", place.account, region, STACK),)

    def read(self) -> Iterator[Resource | Coverage]:
        yield Coverage(self.cells[0], "checked", 0, self.told())

    # As drift.task.Resumable

    def asks(self) -> str | None:
        return f"stacks {digest(map(repr, self._words()))}"

    def _words(self) -> list[Any]:
        asked = self.asked
        return [self.objects, *map(sorted, (asked.stacks, asked.members, asked.sets, asked.objects))]

    def learnt(self) -> dict[str, Any]:
        return self._learnt

    def recall(self, learnt: Mapping[str, Any]) -> None:
        self._once.once(("told",), lambda: self._take(learnt))

    def declared(self) -> list[Mapping[str, Any]]:
        """The stacks that are declared, and those that these nest. Raises CellError."""
        self.told()
        return self.asked.deployed(self._learnt["stacks"])

    def told(self) -> str:
        """Reads them, once, for whoever asks first; gives what is said of it. Raises CellError."""
        said: str = self._once.once(("told",), self._read)
        return said

    def _read(self) -> str:
        client = self.live.clients.client(self.place, "cloudformation", self.region)
        try:
            stacks = read_stacks(client, self.place.account, self.region, self.live.clients.limits)
        except CALL_ERRORS as error:
            raise explain(error, "cloudformation:DescribeStacks") from error
        deployed = self.asked.deployed(stacks)
        refused = add_templates(client, deployed)
        names = self.asked.sets | declared_sets(deployed)
        sets, unread = read_stack_sets(
            client, names, self.place.account, self.region, self.live.clients.limits
        )
        objects = {}
        if self.objects and self.asked.objects:
            s3 = self.live.clients.client(self.place, "s3", self.region)
            objects = self.live.read_objects(s3, self.asked.objects)
        told = f"read as context: logical to physical ids of {len(stacks)} stacks"
        if refused:
            told += f"; {len(refused)} templates could not be read: {refused[0]}"
        if unread:
            told += f"; {len(unread)} StackSets could not be read: {unread[0]}"
        return self._take(
            {
                "told": told,
                "sets": [_without_secrets(one) for one in sets],
                "objects": objects,
                "stacks": [_without_secrets(stack) for stack in stacks],
            }
        )

    def _take(self, learnt: Mapping[str, Any]) -> str:
        """Keeps what was read, by this run or an earlier one; gives what is said of it."""
        self._learnt = dict(learnt)
        self.live.add_stack_sets(learnt["sets"])
        self.live.add_objects(learnt["objects"])
        self.live.add_stacks(self.place.account, self.region, learnt["stacks"])
        return str(learnt["told"])


def _longest_first(entries: Iterable[Entry], declared: frozenset[str]) -> list[Entry]:
    """Types in the order in which they are best begun with: a run takes as long as its longest chain of
    calls. Of what is declared there are resources, and how many calls each of them takes is known."""

    def calls(entry: Entry) -> int:
        return sum("batch" not in step and "bulk" not in step for step in entry.said.get("describe", ()))

    return sorted(entries, key=lambda entry: (entry.type not in declared, -calls(entry)))


def _sorted_sets(sets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(sets, key=lambda one: (one["scope"], one["region"], one["name"]))


def _alias_arn(alias: Resource) -> str:
    name = alias.attributes.get("AliasName", alias.id)
    return f"arn:{partition_of(alias.region or '').name}:kms:{alias.region}:{alias.scope}:{name}"


def _without_secrets(stack: dict[str, Any]) -> dict[str, Any]:
    """Parameters and outputs that look like secrets are masked as CloudFormation masks those with NoEcho."""
    masked = dict(stack)
    for word in ("parameters", "resolved_parameters", "outputs", "exports"):
        values = stack.get(word)
        if isinstance(values, dict):
            masked[word] = {
                name: "****" if isinstance(value, str) and looks_secret(name, value) else value
                for name, value in values.items()
            }
    return masked


def _unread(account: str, region: str, type_: str, error: CellError) -> Coverage:
    return Coverage(Cell("aws", account, region, type_), error.status, 0, error.message)  # type: ignore[arg-type]
