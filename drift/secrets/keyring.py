"""The secrets of one configuration: each is looked up when it is needed, once while it is good; what stores
lent is given back when the run ends."""

from __future__ import annotations

import atexit
import contextlib
import math
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import unquote

import orjson
from pydantic import BaseModel

from drift import plugins
from drift.deadline import Deadline, Passed
from drift.errors import ConfigError, DriftError
from drift.secret import Held, OpenStore, Secret, SecretError
from drift.secrets.reference import Part, Reference

#: For how many seconds one secret is looked up, all tries together, and how many tries these are.
SECONDS, TRIES = 30.0, 3
#: How long giving back may take at the end, all stores at once.
CLOSING_SECONDS = 5.0
#: Waits before a second and third try, where a store does not say.
_BACK_OFF = 0.5
#: What of its life must be left to what is lent, or it is asked for again.
_LEAST = 0.5

Listener = Callable[[str], None]


class Keyring:
    """Looks up what drift.yaml refers to. ``settings`` gives the section of a store, validated. Safe to share
    between threads."""

    def __init__(self, base: Path = Path(), settings: Callable[[str], BaseModel] | None = None) -> None:
        self.base, self.settings = base, settings or _unset
        #: The sections of stores, as drift.yaml says them.
        self.sections: Mapping[str, Any] = {}
        self.id = token_hex(8)
        #: How another process comes to a value, by its parts and place; None of them does unless told.
        self.travels: Callable[[tuple[Part, ...], str], tuple[Any, ...]] = _nowhere
        self.clock = Deadline()
        self._stores: dict[str, OpenStore] = {}
        self._found: dict[tuple[str, str], tuple[Secret, float]] = {}
        self._locks: dict[tuple[str, str], threading.RLock] = {}
        self._lock = threading.RLock()
        self._opening = threading.local()
        self._told: dict[str, None] = {}
        self._listeners: list[Listener] = []
        self._process = 0
        #: Who is told what could not be given back.
        self.note: Callable[[str], None] = lambda _: None

    def hear(self, listener: Listener) -> None:
        """Has somebody told each text that is secret: the values that were looked up so far, those that will
        be, and the references themselves."""
        with self._lock:
            self._listeners.append(listener)
            told = list(self._told)
        for one in told:
            listener(one)

    def covered(self, message: str) -> str:
        """A message without what was looked up and where."""
        with self._lock:
            told = sorted((one for one in self._told if len(one) >= 4), key=len, reverse=True)
        for one in told:
            message = message.replace(one, "(secret)")
        return message

    def held(self, parts: Iterable[Part], place: str) -> Held:
        """A value that is looked up when it is needed; ``place`` is where it stands: file, line and key.
        Raises ConfigError for a store that there is not."""
        said = tuple(parts)
        for one in said:
            if isinstance(one, Reference):
                self._tell(one.text)
                known = plugins.names("secrets")
                if one.scheme not in known:
                    raise ConfigError(
                        f"{place}: there is no secret store {one.scheme!r}; installed are: {', '.join(known)}"
                    )
        return Held(lambda: self._lent(said, place), lambda: self.travels(said, place))

    def had(self, values: Iterable[Held]) -> None:
        """Looks values up that will be needed later, all at once: so that they are known to be secret before
        anything is told. What can't be had is said where it is needed."""

        def had(one: Held) -> None:
            with contextlib.suppress(DriftError):
                one.get_secret_value()

        threads = [threading.Thread(target=had, args=(one,), daemon=True) for one in values]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)

    def _lent(self, parts: tuple[Part, ...], place: str) -> tuple[str, float]:
        texts, good_for = [], math.inf
        for one in parts:
            if isinstance(one, Reference):
                value, seconds = self._value(one, place)
                good_for = min(good_for, seconds)
                texts.append(value)
            else:
                texts.append(one)
        text = "".join(texts)
        if len(parts) > 1:
            self._tell(text)
        return text, good_for

    def _value(self, reference: Reference, place: str) -> tuple[str, float]:
        try:
            secret = self._secret(reference)
            value = _member(secret.value, reference.key)
        except DriftError as error:
            message = self.covered(str(error))
            if not reference.path.isalpha():  # a word of our own, maybe
                message = message.replace(reference.path, "(reference)") if reference.path else message
            raise SecretError(f"{place} ({reference.scheme}): {message}") from None
        self._tell(value)
        return value, secret.good_for()

    def _tell(self, text: str) -> None:
        with self._lock:
            if not text or text in self._told:
                return
            self._told[text] = None
            listeners = list(self._listeners)
        for one in listeners:
            one(text)

    def _secret(self, reference: Reference) -> Secret:
        """What is at a path, asked for once while it is good."""
        self._not_within(reference.scheme)
        at = reference.scheme, reference.path
        with self._lock:
            lock = self._locks.setdefault(at, threading.RLock())
        with lock:
            known = self._found.get(at)
            if known is not None and known[0].good_for() >= known[1] * _LEAST:
                return known[0]
            clock = Deadline(max(1.0, min(SECONDS, self.clock.rest())))
            secret = self._tried(reference, clock)
            self._found[at] = secret, min(secret.good_for(), 1e12)
            return secret

    def _tried(self, reference: Reference, clock: Deadline) -> Secret:
        for tries in range(1, TRIES + 1):
            try:
                return self._asked(reference, clock)
            except SecretError as error:
                if not error.temporary or tries == TRIES:
                    raise
                try:
                    clock.sleep(_BACK_OFF * 2 ** (tries - 1) if error.wait is None else error.wait)
                except Passed:
                    raise error from None
            except Passed:
                raise SecretError(f"it did not answer within {SECONDS:g} seconds") from None
        raise AssertionError(reference.scheme)

    def _asked(self, reference: Reference, clock: Deadline) -> Secret:
        store = self._store(reference.scheme)
        return clock.ask(self._within(reference.scheme, lambda: store.read(reference.path, clock)))

    def _within(self, scheme: str, ask: Callable[[], Secret]) -> Callable[[], Secret]:
        """``ask`` for a thread of its own, which knows what is being opened."""
        above = (*getattr(self._opening, "schemes", ()), scheme)

        def work() -> Secret:
            self._opening.schemes = above
            return ask()

        return work

    def _not_within(self, scheme: str) -> None:
        """Raises SecretError where a store's own settings are kept by it."""
        if scheme in getattr(self._opening, "schemes", ()):
            raise SecretError(
                "its own settings (`secrets:` of drift.yaml) refer to itself; give them by env:// or file://"
            )

    def _store(self, scheme: str) -> OpenStore:
        with self._lock:
            known = self._stores.get(scheme)
        if known is not None:
            return known
        with self._entering(scheme):
            made = plugins.secret_store(scheme).open(self.settings(scheme), self.base)
        with self._lock:
            store = self._stores.setdefault(scheme, made)
        self._process = os.getpid()
        _open.add(self)
        return store

    @contextlib.contextmanager
    def _entering(self, scheme: str) -> Iterator[None]:
        before = getattr(self._opening, "schemes", ())
        self._opening.schemes = (*before, scheme)
        try:
            yield
        finally:
            self._opening.schemes = before

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Gives back what stores lent, all at once, within the time; what could not be is noted. Nothing is
        looked up that was not before."""
        with self._lock:
            stores, self._stores = self._stores, {}
            self._found.clear()
        if self._process != os.getpid():  # of a process that was forked the loans are not its own
            return
        clock = Deadline(seconds)
        threads = []
        for name, store in stores.items():
            thread = threading.Thread(target=self._close, args=(name, store, clock), daemon=True)
            try:
                thread.start()
            except RuntimeError:  # an interpreter that ends starts none
                self._close(name, store, clock)
            else:
                threads.append(thread)
        for one in threads:
            one.join(clock.rest())
        if any(one.is_alive() for one in threads):
            self.note("secrets: not all that was lent could be given back in time; it ends by itself")

    def _close(self, name: str, store: OpenStore, clock: Deadline) -> None:
        try:
            store.close(clock)
        except DriftError as error:
            self.note(f"secrets: {name}: {self.covered(str(error))}")

    def __deepcopy__(self, _: Any) -> Keyring:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("secrets are looked up by each process for itself, and sent to none")


def _nowhere(parts: tuple[Part, ...], place: str) -> tuple[Any, ...]:
    raise TypeError("a secret is looked up by each process for itself, and sent to none")


def _unset(scheme: str) -> BaseModel:
    return plugins.secret_store(scheme).Settings()


def _member(value: str | Mapping[str, Any], key: str | None) -> str:
    """A member of a secret by its name in a reference, or all of it as a text. Raises SecretError where it
    is not there."""
    if key is None:
        return value if isinstance(value, str) else orjson.dumps(dict(value)).decode()
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            value = ""
    if not isinstance(value, Mapping):
        raise SecretError("the secret is one text, no JSON object; leave out what follows `#`")
    found = value.get(unquote(key))
    if found is None:
        raise SecretError("the secret is there, but has no member of the name that follows `#`; correct it")
    return found if isinstance(found, str) else orjson.dumps(found).decode()


#: Those of this process that have opened a store.
_open: weakref.WeakSet[Keyring] = weakref.WeakSet()


def end_all(seconds: float = CLOSING_SECONDS) -> None:
    """Gives back what this process was lent."""
    clock = Deadline(seconds)
    for one in list(_open):
        _open.discard(one)
        one.close(max(0.1, clock.rest()))


atexit.register(end_all)
