"""The ways in which the second night is disturbed, each at many moments, told by a seed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from drift.resumption import NAME as CHECKPOINT
from tests.chaos import faults
from tests.chaos.nights import Night, Shop

#: A moment of a kind: its name, and the night that was disturbed then and made good.
Moment = tuple[str, Callable[[], Night]]
#: The largest file that a run writes has fewer bytes.
_LARGEST = 400_000
_PAGE = 4096
#: So many pages are enough for all that a run writes.
_PAGES = 260


def _good(night: Night, chance: random.Random) -> Night:
    """The next run, which goes on with one that was cut where there is one, or does not, as chance has it."""
    cut = any(night.folder.glob(f"runs/*/{CHECKPOINT}"))
    night.make_good(*(["--resume"] if cut and chance.random() < 0.5 else []))
    shutil.rmtree(night.folder, ignore_errors=True)
    return night


def _signalled(shop: Shop, chance: random.Random, number: int, seconds: float) -> Night:
    night = shop.again()
    process = night.begin()
    time.sleep(seconds)
    if process.exitcode is None:
        os.kill(process.pid, number)
    ran = night.end(process)
    if number != signal.SIGKILL:
        left = [*(night.folder / "tmp").glob("drift-run-*"), *night.folder.glob("runs/*/.report*")]
        night.wrong += [f"left by a run that was told to stop: {left}"] if left else []
        if ran.code in (0, 2, 3) and not ran.reports:
            night.wrong.append(f"ended with {ran.code} and reported nothing")
    return _good(night, chance)


def _faulted(shop: Shop, chance: random.Random, fault: Callable[[Path], faults.Fault]) -> Night:
    night = shop.again()
    ran = night.end(night.begin(fault(night.folder)))
    if ran.code in (0, 2) and not ran.reports:
        night.wrong.append(f"ended with {ran.code} and reported nothing: {ran.said}")
    return _good(night, chance)


def killed(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """kill -9 at random moments."""
    return _at_times(shop, chance, count, signal.SIGKILL)


def stopped(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """SIGTERM at random moments."""
    return _at_times(shop, chance, count, signal.SIGTERM)


def _at_times(shop: Shop, chance: random.Random, count: int, number: int) -> Iterator[Moment]:
    for _ in range(count):
        at = chance.random() * shop.seconds
        yield f"after {at:.3f} s", lambda at=at: _signalled(shop, chance, number, at)  # type: ignore[misc]


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


def small_disk(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """A disk with so many pages left; for root alone, who may mount one."""
    if os.getuid() == 0 and shutil.which("mount"):
        for pages in sorted(chance.sample(range(_PAGES), min(count, _PAGES))):
            yield f"{pages} pages", lambda pages=pages: _on_small_disk(shop, chance, pages)  # type: ignore[misc]


def _on_small_disk(shop: Shop, chance: random.Random, pages: int) -> Night:
    base = shop.before.with_name("small")
    base.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(base)], check=True)  # noqa: S607
    try:
        night = shop.again()
        night.folder = Path(shutil.copytree(night.folder, base / "night"))
        (base / "night/tmp").mkdir(exist_ok=True)
        for told in ("told/one/stdout", "told/one/stderr"):
            (base / "night" / told).parent.mkdir(parents=True, exist_ok=True)
        (base / "night/told").rename(base / "told")
        (base / "night/told").symlink_to(shop.before.with_name("told"))
        shop.before.with_name("told").mkdir(exist_ok=True)
        (night.folder / "drift.yaml").touch()
        room = os.statvfs(base)
        filler = base / "filler"
        with filler.open("wb", buffering=0) as out:
            os.posix_fallocate(out.fileno(), 0, max(room.f_bavail - pages - 1, 1) * _PAGE)
        process = night.begin()
        ran = night.end(process)
        if ran.code in (0, 2) and not ran.reports:
            night.wrong.append(f"ended with {ran.code} and reported nothing: {ran.said}")
        filler.unlink()
        return _good(night, chance)
    finally:
        subprocess.run(["umount", "-l", str(base)], check=True)  # noqa: S607


def two(shop: Shop, chance: random.Random, count: int) -> Iterator[Moment]:
    """Two runs at once on the same folder and history; in each second one of them one run is killed."""
    for number in range(count):
        after, at = chance.random() * 1.5, chance.random() * shop.seconds if number % 2 else None
        name = f"{after:.3f} s apart" + ("" if at is None else f", one killed after {at:.3f} s")
        yield name, lambda after=after, at=at: _two(shop, chance, after, at)  # type: ignore[misc]


def _two(shop: Shop, chance: random.Random, after: float, at: float | None) -> Night:
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
    return _good(night, chance)


#: Kind by what it is called.
KINDS: Mapping[str, Callable[[Shop, random.Random, int], Iterator[Moment]]] = {
    "kill -9 at random moments": killed,
    "kill -9 before a step on disk": killed_at_steps,
    "SIGTERM at random moments": stopped,
    "SIGTERM before a step on disk": stopped_at_steps,
    "disk full from a step on": full_at_steps,
    "disk full at one step": full_once,
    "writing fails within a file": limited,
    "a small disk fills up (tmpfs)": small_disk,
    "two runs at once": two,
}
