"""One place from which calls are made, over loopback: what it finds in good weather, and whether it says so
when one of its calls fails."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from drift.errors import DriftError
from drift.redaction import told
from drift.scan import Run
from tests.faulty import PLANTED, Answer, Call, Weather

#: How a call fails. ``once``: the first time, then it is as ever.
FAULTS = (
    "denied",
    "expired",
    "throttled",
    "throttled once",
    "broken",
    "broken once",
    "cut",
    "reset",
    "garbage",
    "empty",
    "foreign",
    "html",
    "endless",
    "hang",
)
#: After these a call may have told all that it ever does.
MAY_PASS = frozenset({"throttled once", "broken once", "endless"})
#: How patient clients are with what hangs, and with all else, on a busy machine too (seconds).
SHORT, LONG = 0.5, 180.0
#: Nothing takes as long, whatever fails (seconds).
PATIENCE = 900.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act: ``found`` is what it says to be so, ``state`` all that it says but for times,
    ``text`` all that is put out; ``unsure``, that it says not to know everything."""

    found: frozenset[Any]
    state: Any
    text: str
    unsure: bool
    #: What it says not to know.
    why: object = ""


@dataclass
class Stand:
    """``act`` is done with a client that is so patient (seconds). ``name`` is what a call is called; ``free``
    are calls that may fail in silence in some ways, with the reason: (call, fault) as patterns; nothing is
    found because of it even so. ``secrets``
    are what nobody may repeat."""

    name: str
    weather: Weather
    act: Callable[[float], Outcome]
    named: Callable[[Call], str]
    free: Mapping[tuple[str, str], str] = field(default_factory=dict)
    secrets: Sequence[str] = ()
    #: How its calls are made to fail.
    faults: Sequence[str] = FAULTS
    #: Only calls of which this holds are tried, now.
    counts: Callable[[], bool] = lambda: True
    calm: Outcome = field(init=False)
    calls: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.calm, made = self._done(lambda _: None, LONG)
        assert not self.calm.unsure, (self.name, self.calm.why)
        self.calls = tuple(sorted(made))

    def _done(self, fault: Callable[[str], str | None], seconds: float) -> tuple[Outcome, set[str]]:
        """What comes of an act while calls of some names fail, and the names of all that were made."""
        made: set[str] = set()

        def weather(call: Call) -> str | Answer | None:
            if not self.counts():
                return None
            name = self.named(call)
            made.add(name)
            return fault(name)

        self.weather.fault = weather
        try:
            return self.act(seconds), made
        finally:
            self.weather.fault = lambda _: None

    def tried(self, call: str, fault: str) -> list[str]:
        """What is wrong with an act during which a call fails."""
        times = 0

        def failing(name: str) -> str | None:
            nonlocal times
            if name != call:
                return None
            times += 1
            kind, once = fault.removesuffix(" once"), fault.endswith(" once")
            return None if once and times > 1 else kind

        ended: list[Outcome | BaseException] = []
        mistakes: list[str] = []

        def act() -> None:
            try:
                ended.append(self._done(failing, SHORT if fault == "hang" else LONG)[0])
            except BaseException as error:  # noqa: BLE001 - it is what is told
                ended.append(error)

        thread = threading.Thread(target=act, daemon=True)
        with patched(
            threading__excepthook=lambda of: mistakes.append(f"{of.exc_type.__name__}: {of.exc_value}")
        ):
            thread.start()
            thread.join(PATIENCE)
        if mistakes:
            return [f"a thread ended with {mistakes[0]}"]
        if not ended:
            return [f"did not end within {PATIENCE} seconds"]
        (one,) = ended
        if isinstance(one, BaseException):
            return [f"{type(one).__name__}: {one}"]
        said = one.unsure or (call in one.text and call not in self.calm.text)
        wrong = []
        if falsely := one.found - self.calm.found:
            wrong.append(f"found, and not so: {sorted(map(str, falsely))}")
        if not said and not self._is_free(call, fault):
            if one.state != self.calm.state:
                wrong.append("is not what it is in good weather, and does not say so")
            elif fault not in MAY_PASS and times:
                wrong.append("is told by nobody")
        if leaks := [secret for secret in (PLANTED, *self.secrets) if secret in one.text]:
            at = one.text.index(leaks[0])
            wrong.append(f"repeats a secret: {one.text[max(0, at - 200) : at + 50]}")
        return wrong

    def _is_free(self, call: str, fault: str) -> bool:
        return any(re.fullmatch(a, call) and re.fullmatch(b, fault) for a, b in self.free)


#: Builds a stand in a folder.
Maker = Callable[[Path], contextlib.AbstractContextManager[Stand]]


def scanned(run: Run) -> Outcome:
    """What a run says."""
    try:
        result = run.scan()
    except DriftError as error:
        return Outcome(frozenset(), "", str(error), unsure=True, why=str(error))
    report = result.report
    found = frozenset(
        (one["kind"], one["scope"], one["type"], one["resource_id"], change["path"])
        for one in report["findings"]
        for change in one["changes"] or [{"path": ""}]
    )
    silent = (report["run"].get("attribution") or {}).get("silent") or []
    rows = [
        (row["provider"], row["scope"], row["region"], row["type"], row["status"], row["resources"])
        for row in report["coverage"]
    ]
    counts = [(one["type"], one["resources"]) for one in report["unmanaged_not_listed"]]
    notes = [one["note"] for one in report["findings"] if "not confirmed" in str(one.get("note"))]
    state = sorted(found), sorted(rows), sorted(counts), report["unverifiable"], report["summary"]
    why = [row["message"] for row in report["coverage"] if row["status"] not in ("checked", "skipped")]
    why += [row["message"] for row in report["coverage"] if "could not be read" in row["message"]]
    why += [*silent, *notes, *report["problems"]]
    text = orjson.dumps(report, default=str).decode()
    unsure = result.forgiving in (1, 3) or bool(why)
    return Outcome(found, orjson.dumps(state), text, unsure, why or result.forgiving)


def asked(ask: Callable[[], Any], errors: type[BaseException] | tuple[type[BaseException], ...]) -> Outcome:
    """What is given, all of it or (a set) each thing, or that it is said that it can't be had; ``ask`` may
    give what could not be done beside it."""
    try:
        given = ask()
    except errors as error:
        text = told(str(error))  # as whoever asks puts it out
        return Outcome(frozenset(), "", text, unsure=True, why=text)
    given, notes = given if isinstance(given, tuple) else (given, ())
    text = told(str(notes))
    found = given if isinstance(given, frozenset) else frozenset([str(given)])
    return Outcome(found, sorted(found), text, unsure=bool(notes), why=text)


@contextlib.contextmanager
def environment(**said: str | None) -> Iterator[None]:
    """These variables, for as long."""
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        for name, value in said.items():
            patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
        yield


@contextlib.contextmanager
def patched(**said: Any) -> Iterator[None]:
    """Constants of modules (with ``__`` for dots) that are otherwise for as long."""
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        for name, one in said.items():
            patch.setattr(name.replace("__", "."), one)
        yield
