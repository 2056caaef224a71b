"""What 10,000 scopes with 50 million resources take, by a model of quotas and latencies, and how near the
model comes to small runs that are measured first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from drift.safe_yaml import data
from providers.aws import models
from tests.bench import cost
from tests.bench.simulation import AT_ONCE, Fleet, Lane, Outcome, Prices, Quota, Unit, sizes
from tests.bench.timing import busy, crowded

SCOPES, RESOURCES = 10_000, 50_000_000
#: Runs that no figure of scale.yaml comes from: how large, how late each answer (seconds), how many scopes.
UNSEEN = {"aws": (6, 0.3, 4), "azure": (5_000, 0.3, 4), "gcp": (5_000, 0.3, 4), "kubernetes": (8_000, 0.3, 1)}
#: Simulated is one scope in so many, by as many fewer workers, with as much less of what a run shares.
SAMPLE = 50
WORKERS = (50, 200, 500)
#: What a quota that is not as told changes: of services that publish none, and where Google raised it.
OTHERWISE = (("aws", "unsaid", 5.0), ("gcp", "list-assets-payer", 13.3333))


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud as scale.yaml tells of it."""

    name: str
    said: Mapping[str, Any]

    def unit(self, resources: int, regions: int | None = None) -> Unit:
        """A scope of so many resources, equally many in each of its regions."""
        count = regions or self.said.get("regions", 1)
        lanes = []
        for name, lane in self.said["lanes"].items():
            places, at_once = count if lane.get("regions") else 1, lane.get("at_once", AT_ONCE)
            said = lane["fixed"] + lane.get("thousand", 0) * resources / 1000 / places
            each = math.ceil(said - 1e-9) if at_once == 1 else round(said)  # a page begun is a page
            quotas = tuple(lane.get("quotas", self._quotas(name)))
            lanes += [Lane(f"{name} {place}", each, quotas, at_once) for place in range(places) if each]
        return Unit(tuple(lanes), resources)

    def _quotas(self, service: str) -> list[str]:
        """What AWS says of a service, else that it says nothing."""
        if self.name != "aws":
            return []
        return [service] if service in _paces() else ["unsaid"]

    def prices(self, latency: float, *, whole: bool = False, crowd: float = 1.0) -> Prices:
        """``whole``: what is declared and compared counts too, not only reading; ``crowd``: so many seconds
        pass while the processor works for one."""
        run = _said()["run"] if whole else {"compare": {"seconds": 0}, "declared": {"seconds": 0}}
        return Prices(
            latency,
            self.said["call"] * crowd,
            crowd * (self.said.get("resource", 0) + run["compare"]["seconds"]) / 1000,
            run["declared"]["seconds"] / 1000,
            self.said["base"],
            self.said["memory"],
        )


@cache
def _said() -> Mapping[str, Any]:
    found: Mapping[str, Any] = data(Path(__file__).with_name("scale.yaml"))
    return found


@cache
def _paces() -> Mapping[str, Any]:
    import providers.aws.pace

    found: Mapping[str, Any] = data(Path(providers.aws.pace.__file__).with_suffix(".yaml"))
    return found


def clouds() -> dict[str, Cloud]:
    return {name: Cloud(name, said) for name, said in _said()["clouds"].items()}


def quotas(sample: int = 1) -> dict[str, Quota]:
    """All that is known, where one scope in ``sample`` is there to use what a run shares."""
    found = {}
    for name, one in _said()["quotas"].items():
        part = sample if one["of"] == "run" else 1
        found[name] = Quota(one["rate"] / part, max(1.0, one["burst"] / part), one["of"])
    for name, one in _paces().items():
        worldwide = one.get("regions") == "shared" or models.worldwide(name)
        found[name] = Quota(one["rate"], one.get("burst", one["rate"]), "unit" if worldwide else "lane")
    return found


def main() -> None:
    print(f"simulate: {busy()}")
    for name, cloud in clouds().items():
        print(_checked(name, cloud))
    print(_engine())
    for line in assumptions():
        print(f"simulate: {line}")
    for name, cloud in clouds().items():
        for workers in WORKERS:
            print(_told(name, cloud, workers, fleet(cloud, workers)))
    for name, quota, rate in OTHERWISE:
        model = fleet(clouds()[name], WORKERS[1], other={quota: rate})
        print(_told(name, clouds()[name], WORKERS[1], model) + f"; were {quota} {rate:g} calls a second")


def _checked(name: str, cloud: Cloud) -> str:
    size, delay, scopes = UNSEEN[name]
    before = crowded()
    found = cost.measured(name, size, delay, scopes)
    crowd = (before + crowded()) / 2
    regions = len(cost.REGIONS) if name == "aws" else None
    units = [cloud.unit(found.resources // scopes, regions)] * scopes
    reading = Fleet(cloud.prices(delay, crowd=crowd), quotas(), units_at_once=12, alone=True)
    model = reading.run(units)
    processor = cloud.said["start"] + model.processor / crowd
    seconds = cloud.said["start"] * crowd + model.seconds
    return (
        f"simulate: {name}: {found.resources:,} resources in {scopes} scopes, each answer {delay} s later: "
        f"{model.calls:,} calls foretold, {found.calls:,} made ({_off(model.calls, found.calls)}); "
        f"{processor:.1f} s of processor time, {found.seconds:.1f} s ({_off(processor, found.seconds)}); "
        f"{seconds:.1f} s passed, {found.passed:.1f} s ({_off(seconds, found.passed)}), of which a second of "
        f"the processor takes {crowd:.1f}"
    )


def _engine() -> str:
    """The memory of a worker of a run that was measured."""
    said = _said()["engine"]
    cloud = clouds()[said["cloud"]]
    units = [cloud.unit(said["resources"] // said["scopes"])] * said["scopes"]
    model = Fleet(cloud.prices(0.0), {}, workers=said["workers"]).run(units)
    return (
        f"simulate: engine: {said['resources']:,} resources in {said['scopes']} {cloud.said['unit']}s on "
        f"{said['workers']} workers: {model.megabytes:.0f} MB of a worker foretold, "
        f"{said['megabytes']} MB found ({_off(model.megabytes, said['megabytes'])}; {said['measured']})"
    )


def _off(foretold: float, found: float) -> str:
    return f"{(foretold - found) / found:+.0%}"


def fleet(
    cloud: Cloud,
    workers: int,
    scopes: int = SCOPES,
    resources: int = RESOURCES,
    other: Mapping[str, float] | None = None,
) -> Outcome:
    """A run of many workers, of which one scope in :data:`SAMPLE` is simulated. ``other``: calls a second
    that quotas allow, if not what is known of them."""
    drawn = sizes(scopes // SAMPLE, resources // SAMPLE, _said()["run"]["spread"]["sigma"])
    units = [cloud.unit(one) for one in drawn]
    prices = cloud.prices(cloud.said["latency"], whole=True)
    known = quotas(SAMPLE)
    for name, rate in (other or {}).items():
        part = SAMPLE if known[name].of == "run" else 1
        known[name] = replace(known[name], rate=rate / part)
    model = Fleet(prices, known, workers=max(1, workers // SAMPLE), grain=50)
    return model.run(units)


def _told(name: str, cloud: Cloud, workers: int, model: Outcome) -> str:
    ahead = model.ahead * SAMPLE
    seconds = ahead + model.seconds - model.ahead
    waits = [f"{what} {one / sum(model.waited.values()):.0%}" for what, one in model.waited.most_common(3)]
    busy_part = model.processor / (model.seconds - model.ahead) / max(1, workers // SAMPLE)
    return (
        f"simulate: {name}: {SCOPES:,} {cloud.said['unit']}s, {RESOURCES:,} resources, {workers} workers: "
        f"{seconds / 3600:.1f} h, of which {ahead / 3600:.1f} h read what is declared before the first call; "
        f"{model.calls * SAMPLE / 1e6:.1f} million calls; workers busy {busy_part:.0%}; "
        f"memory of a worker {model.megabytes:.0f} MB, of the machine that scans "
        f"{RESOURCES / 1e6 * _said()['run']['index']['megabytes']:.0f} GB; "
        f"longest {cloud.said['unit']} {model.slowest / 60:.0f} min; "
        f"calls wait for {', '.join(waits)}"
    )


def assumptions() -> list[str]:
    """What the model takes for granted, and from where."""
    told = [
        f"quota {name}: {one['rate']:g} calls a second, {one['burst']} at once, of each {one['of']} "
        f"({one.get('source') or 'assumed: ' + one['assumed']})"
        for name, one in _said()["quotas"].items()
    ]
    told += [f"{name}: {one['said']} ({one['from']})" for name, one in _said()["run"].items()]
    for name, cloud in clouds().items():
        said = cloud.said
        told.append(
            f"{name}: {said['call'] * 1000:g} ms of processor time a call ({said['measured']}), "
            f"{said['latency']:g} s until its answer (assumed: {said['latency_assumed']})"
        )
    return told
