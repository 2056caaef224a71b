"""The ways in which the second night of the shop is disturbed, each at many moments, told by a seed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.chaos import faults, shortages
from tests.chaos.night import Moment, Night, Ran, at_times, disturbed, good
from tests.chaos.nights import Shop

#: The largest file that a run writes has fewer bytes.
_LARGEST = 400_000
#: A clock that is wrong is so by an hour to three years (seconds).
_HOUR, _YEARS = 3_600, 3 * 365 * 86_400


# Signals


def _send(number: int) -> Callable[[Night[Any], Any], None]:
    def strike(_: Night[Any], process: Any) -> None:
        if process.exitcode is None:
            os.kill(process.pid, number)

    return strike


def _told(night: Night[Any], ran: Ran) -> None:
    """A run that was told to stop leaves nothing of the moment."""
    left = [*(night.folder / "tmp").glob("drift-run-*"), *night.folder.glob("runs/*/.report*")]
    night.wrong += [f"left by a run that was told to stop: {left}"] if left else []


def killed(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """kill -9 at random moments."""
    return _signalled(shop, chance, count, signal.SIGKILL)


def stopped(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """SIGTERM at random moments."""
    return _signalled(shop, chance, count, signal.SIGTERM)


def hung_up(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """SIGHUP at random moments: the terminal is gone."""
    return _signalled(shop, chance, count, signal.SIGHUP)


def _signalled(shop: Shop, chance: random.Random, count: int, number: int) -> Iterator[Moment]:
    after = {} if number == signal.SIGKILL else {"after": _told}
    return at_times(
        shop, chance, count, lambda at: disturbed(shop, chance, strike=_send(number), at=at, **after)
    )


def stopped_twice(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """SIGTERM at random moments, and once more soon after: the run ends at once."""

    def work(at: float) -> Night[Any]:
        more = chance.random() * shop.seconds * 0.3

        def strike(night: Night[Any], process: Any) -> None:
            _send(signal.SIGTERM)(night, process)
            time.sleep(more)
            _send(signal.SIGTERM)(night, process)

        return disturbed(shop, chance, strike=strike, at=at, after=_told)

    return at_times(shop, chance, count, work)


# At a step on disk


def _faulted(shop: Shop, chance: random.Random, fault: Callable[[Path], faults.Fault]) -> Night[Any]:
    return disturbed(shop, chance, first=lambda night: fault(night.folder))


def killed_at_steps(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """kill -9 before a file is opened, made, renamed or taken away."""
    return _at_steps(shop, chance, count, lambda step: lambda at: faults.at_step(at, step, signal.SIGKILL))


def stopped_at_steps(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """SIGTERM there."""
    return _at_steps(shop, chance, count, lambda step: lambda at: faults.at_step(at, step, signal.SIGTERM))


def full_at_steps(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A disk that is full from there on."""
    return _at_steps(shop, chance, count, lambda step: lambda at: faults.full_from(at, step))


def full_once(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A disk that is full at one step alone: each place that is written, by itself."""
    return _at_steps(shop, chance, count, lambda step: lambda at: faults.full_at(at, step))


def outbox_read_only(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """An outbox that can't be changed, from one of its first steps on."""
    for step in (chance.randrange(4) for _ in range(count)):

        def work(step: int = step) -> Night[Any]:
            return _faulted(shop, chance, lambda at: faults.read_only(at / "runs/outbox", step))

        yield f"step {step} in it", work


def clock_jumps(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A clock that is ahead or behind, for a whole run or from a step of it on; the next night's is right."""
    for _ in range(count):
        by = chance.choice((-1, 1)) * _HOUR * (_YEARS / _HOUR) ** chance.random()
        step = chance.choice((-1, chance.randrange(shop.steps)))

        def work(by: float = by, step: int = step) -> Night[Any]:
            return _faulted(shop, chance, lambda at: faults.clock(at, by, step))

        yield f"by {by / 3600:,.0f} hours from step {step}", work


def _at_steps(
    shop: Shop, chance: random.Random, count: int, fault: Callable[[int], Callable[[Path], faults.Fault]]
) -> Iterator[Moment]:
    steps = range(shop.steps)
    for step in steps if count >= shop.steps else sorted(chance.sample(steps, count)):
        yield f"step {step}", lambda step=step: _faulted(shop, chance, fault(step))  # type: ignore[misc]


def limited(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """Writing that fails within a file, beyond some byte of it."""
    for _ in range(count):
        size = int(_LARGEST ** chance.uniform(0.3, 1))
        yield (
            f"{size:,} bytes",
            lambda size=size: _faulted(shop, chance, lambda _: faults.file_limit(size)),  # type: ignore[misc]
        )


# Whom it talks to

_STREAMS = {"standard output": (1,), "standard error": (2,), "both": (1, 2)}


def nobody_listens(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """Standard output or error that is closed, or a pipe that nobody reads: all is reported and told."""
    for _ in range(count):
        name, closed, shown = (
            chance.choice(list(_STREAMS)),
            chance.random() < 0.5,
            chance.choice(("-q", "-v")),
        )

        def work(name: str = name, closed: bool = closed, shown: str = shown) -> Night[Any]:
            def after(night: Night[Any], ran: Ran) -> None:
                if ran.code not in ((2,) if closed or name == "standard error" else (1, 2)):
                    night.wrong.append(f"ended with {ran.code}: {ran.said}")
                if len(ran.reports) != 1:
                    night.wrong.append(f"{len(ran.reports)} reports: {ran.said}")

            fault = faults.deaf(*_STREAMS[name], closed=closed)
            arguments = ["scan", "--mail", shown]
            return disturbed(shop, chance, first=lambda _: fault, after=after, arguments=arguments)

        yield f"{name} {'closed' if closed else 'broken'}, {shown}", work


def without_memory(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A process that is given a few megabytes more at a random moment, and no others."""

    def work(at: float) -> Night[Any]:
        more = int(2**20 * 64 ** chance.random()) - 2**20

        def strike(_: Night[Any], process: Any) -> None:
            faults.squeeze(process.pid, more)

        return disturbed(shop, chance, strike=strike, at=at)

    return at_times(shop, chance, count, work)


def two(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """Two runs at once on the same folder and history; in each second one of them one run is killed."""
    for number in range(count):
        after, at = chance.random() * 1.5, chance.random() * shop.seconds if number % 2 else None
        name = f"{after:.3f} s apart" + ("" if at is None else f", one killed after {at:.3f} s")
        yield name, lambda after=after, at=at: _two(shop, chance, after, at)  # type: ignore[misc]


def _two(shop: Shop, chance: random.Random, after: float, at: float | None) -> Night[Any]:
    night = shop.again()
    first = night.begin(name="one")
    time.sleep(after)
    second = night.begin(name="two")
    if at is not None:
        time.sleep(at)
        if first.exitcode is None:
            first.kill()
    ran = [night.end(first, "one"), night.end(second, "two")]
    codes = [one.code for one in ran]
    if codes[1] != 2 or codes[0] not in ((2,) if at is None else (2, -signal.SIGKILL)):
        night.wrong.append(f"ended with {codes}: {[one.said for one in ran]}")
    return good(night, chance)


#: Kind by what it is called.
KINDS: Mapping[str, Callable[[Shop, random.Random, int], Iterator[Moment]]] = {
    "kill -9 at random moments": killed,
    "kill -9 before a step on disk": killed_at_steps,
    "SIGTERM at random moments": stopped,
    "SIGTERM before a step on disk": stopped_at_steps,
    "SIGTERM twice": stopped_twice,
    "SIGHUP at random moments": hung_up,
    "disk full from a step on": full_at_steps,
    "disk full at one step": full_once,
    "writing fails within a file": limited,
    "the outbox is read-only": outbox_read_only,
    "the clock jumps": clock_jumps,
    "nobody listens": nobody_listens,
    "memory runs out": without_memory,
    "two runs at once": two,
    **shortages.KINDS,
}
