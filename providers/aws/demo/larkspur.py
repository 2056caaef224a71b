"""Larkspur Coffee on a loopback AWS: the order in which its estate is built, and what declares it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from drift.demo import Built, Change, Cloud, Night
from drift.loopback import NO_PROXY
from providers.aws.demo.accounts import DATA, READER, REGIONS, SHOP, Clients, index
from providers.aws.demo.stacks import STACKS, deploy
from providers.aws.facts import catalogue
from providers.aws.loopback import environment, moto
from providers.aws.loopback_trail import TrailStandIn

#: Variables of a real account, which must have no say here.
_FOREIGN = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)


class AwsDemo:
    """The demo of AWS, found by `drift demo`."""

    name = "aws"
    title = "AWS"

    @contextlib.contextmanager
    def start(self) -> Iterator[Cloud]:
        with _alone(), moto() as endpoint, contextlib.closing(TrailStandIn(SHOP, beyond=endpoint)) as trail:
            yield Larkspur(endpoint, trail)


class Larkspur:
    """A small company in two accounts and two regions."""

    def __init__(self, endpoint: str, trail: TrailStandIn) -> None:
        self.endpoint, self.trail = endpoint, trail
        self.clients = Clients(endpoint)

    def build(self, repository: Path) -> Built:
        """Creates everything, several things at once, and writes what declares it."""
        created, stacked = self._create()
        index(self.clients)
        types = [*self._declare(repository, created), *(type_ for type_ in stacked if _is_whole(type_))]
        return Built(
            declared=self._entries(),
            live={
                "regions": list(REGIONS),
                "accounts": [{"id": SHOP}, {"id": DATA, "role": READER}],
            },
            resources=len(types),
            types=len(set(types)),
            places=f"2 accounts, {len(REGIONS)} regions",
            environment={
                **dict.fromkeys(_FOREIGN),
                **environment(self.endpoint),
                "AWS_ENDPOINT_URL_CLOUDTRAIL": self.trail.url,
                **NO_PROXY,
            },
        )

    def night(self, night: Night) -> Sequence[str]:
        from providers.aws.demo.night import NIGHT

        return self._happen(NIGHT, night)

    def next_day(self, night: Night) -> Sequence[str]:
        from providers.aws.demo.next_day import NEXT_DAY

        return self._happen(NEXT_DAY, night)

    def _happen(self, changes: Sequence[Change], night: Night) -> list[str]:
        from providers.aws.demo.trail import records

        for change in changes:
            change.apply(self.clients)
            self.trail.records += records(change, night, self.clients)
        return [str(change) for change in changes]

    def _create(self) -> tuple[dict[str, str], list[str]]:
        """(Terraform address → id, types of what the stacks made)."""
        from providers.aws.demo import compute, identity, legacy, network, reporting, storage

        clients, made = self.clients, dict[str, str]()
        with ThreadPoolExecutor(max_workers=8) as pool:
            first = [pool.submit(part.build, clients) for part in (network, identity)]
            first.append(pool.submit(storage.keys, clients))
            rest = [pool.submit(part, clients) for part in (reporting.build, legacy.build, storage.telemetry)]
            stacks = [pool.submit(deploy, clients, stack) for stack in STACKS]
            for future in first:
                made |= future.result()
            rest.append(pool.submit(compute.functions, clients))
            rest += [
                pool.submit(part, clients, dict(made))
                for part in (compute.build, storage.buckets, storage.databases)
            ]
            for future in rest:
                made |= future.result()
            balancers = clients.get("elbv2").describe_load_balancers(Names=["shop"])["LoadBalancers"]
            made |= storage.names(clients, balancers[0])
            return made, [type_ for future in stacks for type_ in future.result()]

    def _declare(self, repository: Path, created: dict[str, str]) -> list[str]:
        """Writes the declared files; the type of each resource that Terraform and the baseline declare."""
        from providers.aws.demo import legacy, states

        shutil.copytree(states.REPOSITORY, repository, dirs_exist_ok=True)
        types = list(legacy.TYPES)
        for name in states.NAMES:
            text = states.fill(name, created)
            (repository / "terraform" / name / "terraform.tfstate").write_text(text, encoding="utf-8")
            types += [
                type_
                for resource in json.loads(text)["resources"]
                for type_ in _whole(resource["type"]) * len(resource["instances"])
            ]
        return types

    def _entries(self) -> list[dict[str, str]]:
        from providers.aws.demo import legacy, states

        return [
            *({"path": f"terraform/{name}/terraform.tfstate"} for name in states.NAMES),
            *(
                {"path": stack.file, "stack": stack.name, "scope": stack.account, "region": stack.region}
                for stack in STACKS
            ),
            {"path": legacy.BASELINE},
        ]


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Without the user's own AWS settings, and loopback asked directly where there is a proxy; the server
    inherits it."""
    before = {name: os.environ.pop(name, None) for name in (*_FOREIGN, *NO_PROXY)}
    os.environ.update(NO_PROXY)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _whole(terraform_type: str) -> list[str]:
    """The types that a Terraform type declares, without what it only adds to others (a bucket's policy)."""
    entries = catalogue().terraform.get(terraform_type, ())
    return [entry.type for entry in entries if entry.type and not entry.attach]


def _is_whole(type_: str) -> bool:
    entry = catalogue().entries.get(type_)
    return entry is not None and "list" in entry.said
