"""A model of a run on many machines, event by event: what calls wait for, and who has how much of what."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import simpy

#: Lanes of a reading that are asked at once, and calls of their details (`workers` of drift.yaml,
#: providers/aws/live.py).
CELLS, DETAILS = 16, 32
#: Calls of a lane at once (`concurrency` of drift.yaml).
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Quota:
    """A token bucket: calls a second, and how many may begin at once. There is one of each lane, of each
    unit, or one that the whole run shares (``of``)."""

    rate: float
    burst: float = 1.0
    of: Literal["lane", "unit", "run"] = "lane"


@dataclass(frozen=True, slots=True)
class Lane:
    """Calls of one unit that have places and a quota in common: a service of an account in a region; pages of
    one list are asked for one after the other (``at_once``)."""

    name: str
    calls: int
    quotas: tuple[str, ...] = ()
    at_once: int = AT_ONCE


@dataclass(frozen=True, slots=True)
class Unit:
    """An account, a subscription, a project, a cluster."""

    lanes: tuple[Lane, ...]
    resources: int


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds that an answer takes to come; processor seconds of a call, of what is done with a resource
    afterwards, and of what is declared of one, before anything is read, on the machine that scans; memory
    (MB) of a worker and of 1,000 resources that it holds."""

    latency: float
    call: float
    compare: float = 0.0
    declared: float = 0.0
    base: float = 0.0
    thousand: float = 0.0


@dataclass(slots=True)
class Outcome:
    """``seconds`` that the run takes, ``ahead`` of them before the first call; what was waited for is summed
    over all calls. ``slowest`` is the unit that took longest, in seconds."""

    seconds: float = 0.0
    ahead: float = 0.0
    calls: int = 0
    processor: float = 0.0
    waited: Counter[str] = field(default_factory=Counter)
    megabytes: float = 0.0
    slowest: float = 0.0


class _Bucket:
    """Tokens that may be owed: who takes one that is not there yet is told how long to wait, in its turn."""

    def __init__(self, env: simpy.Environment, quota: Quota) -> None:
        self._env, self._rate = env, quota.rate
        self._room = max(quota.burst, 1.0)
        self._tokens, self._filled = self._room, 0.0

    def take(self, tokens: int) -> float:
        now: float = self._env.now
        self._tokens = min(self._room, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        self._tokens -= tokens
        return max(0.0, -self._tokens / self._rate)


class _Threads:
    """What the calls of one reading share."""

    def __init__(self, env: simpy.Environment, processor: simpy.Resource) -> None:
        self.processor = processor
        self.cells, self.details = simpy.Resource(env, CELLS), simpy.Resource(env, DETAILS)


class Fleet:
    """Workers that read units, so many at a time each, a processor each. Of one process that reads all units
    for itself (``alone``) the threads are shared by all units. ``grain`` calls of a lane, made one after the
    other, are one event at most."""

    def __init__(
        self,
        prices: Prices,
        quotas: Mapping[str, Quota],
        *,
        workers: int = 1,
        units_at_once: int = 4,
        alone: bool = False,
        grain: int = 1,
    ) -> None:
        self._prices, self._quotas = prices, quotas
        self._workers, self._units_at_once = workers, units_at_once
        self._alone, self._grain = alone, grain
        self._env = simpy.Environment()
        self._shared = self._buckets("run", quotas)
        self._outcome = Outcome()

    def run(self, units: Sequence[Unit]) -> Outcome:
        """Has all units read, in this order as workers are free."""
        env, told = self._env, self._outcome
        told.ahead = self._prices.declared * sum(one.resources for one in units)
        waiting = iter(units)
        for _ in range(self._workers):
            processor = simpy.Resource(env, 1)
            held, threads = [0], _Threads(env, processor)
            for _ in range(self._units_at_once):
                env.process(self._place(waiting, threads, held))
        env.run()
        told.seconds = told.ahead + env.now
        return told

    def _buckets(self, of: str, quotas: Mapping[str, Quota]) -> dict[str, _Bucket]:
        return {name: _Bucket(self._env, one) for name, one in quotas.items() if one.of == of}

    def _place(self, waiting: Iterator[Unit], shared: _Threads, held: list[int]) -> Any:
        prices, told = self._prices, self._outcome
        for unit in waiting:
            began: float = self._env.now
            held[0] += unit.resources
            told.megabytes = max(told.megabytes, prices.base + prices.thousand * held[0] / 1000)
            threads = shared if self._alone else _Threads(self._env, shared.processor)
            buckets = {**self._shared, **self._buckets("unit", self._quotas)}
            yield self._env.all_of(
                [self._env.process(self._lane(lane, buckets, threads)) for lane in unit.lanes]
            )
            yield from self._work(shared.processor, prices.compare * unit.resources)
            held[0] -= unit.resources
            told.slowest = max(told.slowest, self._env.now - began)

    def _lane(self, lane: Lane, others: Mapping[str, _Bucket], threads: _Threads) -> Any:
        """One call tells what there is, then the others ask about it."""
        every = {**others, **self._buckets("lane", {name: self._quotas[name] for name in lane.quotas})}
        buckets = [(name, every[name]) for name in lane.quotas]
        places = simpy.Resource(self._env, lane.at_once)
        with threads.cells.request() as cell:
            yield from self._waited("threads", cell)
            yield from self._calls(1, buckets, threads.processor)
            left = lane.calls - 1
            size = max(1, min(self._grain, math.ceil(left / lane.at_once)))
            events = []
            while left > 0:
                taken = min(size, left)
                events.append(self._env.process(self._detail(taken, buckets, places, threads)))
                left -= taken
            yield self._env.all_of(events)

    def _detail(
        self,
        count: int,
        buckets: Sequence[tuple[str, _Bucket]],
        places: simpy.Resource,
        threads: _Threads,
    ) -> Any:
        with places.request() as place:
            yield place
            with threads.details.request() as thread:
                yield from self._waited("threads", thread)
                yield from self._calls(count, buckets, threads.processor)

    def _calls(self, count: int, buckets: Sequence[tuple[str, _Bucket]], processor: simpy.Resource) -> Any:
        told, prices = self._outcome, self._prices
        for name, bucket in buckets:
            if delay := bucket.take(count):
                told.waited[name] += delay
                yield self._env.timeout(delay)
        yield self._env.timeout(prices.latency * count)
        told.waited["answers"] += prices.latency * count
        told.calls += count
        yield from self._work(processor, prices.call * count)

    def _work(self, processor: simpy.Resource, seconds: float) -> Any:
        if not seconds:
            return
        with processor.request() as turn:
            yield from self._waited("processor", turn)
            yield self._env.timeout(seconds)
        self._outcome.processor += seconds

    def _waited(self, what: str, turn: Any) -> Any:
        began: float = self._env.now
        yield turn
        self._outcome.waited[what] += self._env.now - began


def sizes(count: int, whole: int, spread: float, seed: int = 7) -> list[int]:
    """So many units of a whole, most of them small and some very large: a log-normal distribution of which
    ``spread`` is the standard deviation of the logarithm."""
    chance = random.Random(seed)
    drawn = [chance.lognormvariate(0, spread) for _ in range(count)]
    return [max(1, round(whole * one / sum(drawn))) for one in drawn]
