"""An engine of the workers of a Dask cluster (https://distributed.dask.org): a call is a task that may run at
one worker alone, and is forgotten once it has ended."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import queue
import ssl
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drift.engine import certificates
from drift.engine.contract import Call, Ended, Ending
from drift.engine.member import answer
from drift.errors import DriftError

if TYPE_CHECKING:
    from drift.config.engine import Engine

_CONNECT_SECONDS = 30
#: How often the scheduler is asked who is there; without an answer for so long it is lost.
_LOOK_UP_SECONDS, _LOST_SECONDS = 1.0, 15.0
_AT_ONCE = 4
#: Packages that all must have in one version; how one of them is called otherwise. So many who have not are
#: named.
_SAME, _CALLED, _NAMED = ("driftline", "dask", "distributed"), {"driftline": "drift"}, 5


class Dask:
    """``said`` is the configuration's section, with paths that are there. Raises DriftError where its
    scheduler can't be reached."""

    at_once = _AT_ONCE

    def __init__(self, said: Engine) -> None:
        if wrong := faults(said):
            raise DriftError("; ".join(wrong))
        import distributed

        address = str(said.dask)
        library: Any = distributed  # whose functions say no types
        _quiet()
        security: Any = None
        if address.startswith("tls://"):
            security = library.Security(
                tls_ca_file=str(said.ca),
                tls_client_cert=str(said.certificate),
                tls_client_key=str(said.key),
                require_encryption=True,
            )
        try:
            self._client: Any = library.Client(
                address, security=security, timeout=_CONNECT_SECONDS, set_as_default=False, name="drift"
            )
        except (OSError, ValueError, TypeError) as error:
            raise DriftError(f"engine: {address}: {_unreached(error)}") from error
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        self._flying: dict[int, tuple[str, Call, Any]] = {}
        self._known: list[str] = []
        self._alike: frozenset[str] = frozenset()
        self._asked, self._answered = 0.0, time.monotonic()

    def members(self) -> Sequence[str]:
        now = time.monotonic()
        if now - self._asked >= _LOOK_UP_SECONDS:
            self._asked = now
            self._look()
        return self._known

    def _look(self) -> None:
        """Asks who is there; what was given to others is lost."""
        try:
            if self._client.status != "running":
                raise OSError("no connection")
            known = sorted(self._client.nthreads())
            if not self._alike.issuperset(known):
                self._compare()
            self._known, self._answered = known, time.monotonic()
        except (OSError, TimeoutError, ValueError):
            if time.monotonic() - self._answered < _LOST_SECONDS:
                return
            self._known = []
        for number, (member, call, future) in list(self._flying.items()):
            if member not in self._known:
                self._end(number, Ended(call, member, "lost"))
                with contextlib.suppress(Exception):  # a scheduler that is gone can't be told
                    future.cancel()

    def _compare(self) -> None:
        """Raises DriftError where something that all must have alike is otherwise elsewhere."""
        told = self._client.get_versions(packages=["driftline"])
        ours = _versions(told["client"]["packages"])
        others = {f"the worker {name}": one for name, one in told["workers"].items()}
        scheduler = told["scheduler"]
        others["the scheduler"] = {"packages": {**scheduler["packages"], "driftline": ours["drift"]}}
        wrong = []
        for who, one in others.items():
            theirs = _versions(one["packages"]) if isinstance(one, dict) else {}
            differ = [f"{what} {version}" for what, version in theirs.items() if version != ours[what]]
            if differ:
                here = [f"{what} {ours[what]}" for what, version in theirs.items() if version != ours[what]]
                wrong.append(f"{who} has {', '.join(differ)} where {', '.join(here)} is here")
        if wrong:
            more = f"; and {len(wrong) - _NAMED:,} more" if len(wrong) > _NAMED else ""
            raise DriftError(f"engine: install the same everywhere: {'; '.join(wrong[:_NAMED])}{more}")
        self._alike = frozenset(told["workers"])

    def give(self, member: str, call: Call) -> None:
        try:
            future: Any = self._client.submit(
                _worked,
                call,
                workers=[member],
                allow_other_workers=False,
                pure=False,
                retries=0,
                key=f"drift-{call.run}-{call.work}-{call.unit}-{call.number}",
            )
        except (OSError, RuntimeError, ValueError):
            self._ended.put(Ended(call, member, "lost"))
            return
        self._flying[call.number] = (member, call, future)
        future.add_done_callback(lambda done: self._took(call.number, done))

    def _took(self, number: int, future: Any) -> None:
        """Called by the client's own thread once a task has ended."""
        known = self._flying.get(number)
        if known is None:
            return
        member, call, _ = known
        ending: Ending = "lost"
        if future.status == "finished":  # what it gave is fetched from the worker, its type is told with that
            ending = "done" if future.type is type(None) else future.result() or "done"
        self._end(number, Ended(call, member, ending))

    def _end(self, number: int, ended: Ended) -> None:
        if self._flying.pop(number, None) is not None:
            self._ended.put(ended)

    def ended(self, seconds: float) -> Ended | None:
        with contextlib.suppress(queue.Empty):
            return self._ended.get(timeout=seconds)
        return None

    def close(self) -> None:
        self._flying.clear()
        with contextlib.suppress(OSError, TimeoutError):
            self._client.close(timeout=2)


def _unreached(error: BaseException) -> str:
    """Why a scheduler takes no connection, for people."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            why = one.verify_message
            return f"the scheduler's certificate is not good by the authority of engine.ca: {why}"
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return (
            "the scheduler refuses what engine.certificate shows, or speaks no TLS: give both a certificate "
            f"of one authority: {error}"
        )
    return f"the scheduler can't be reached: {error}"


def _versions(packages: Mapping[str, Any]) -> dict[str, str]:
    """What must be the same everywhere, of what Dask tells of a machine."""
    python = ".".join(str(packages.get("python") or "").split(".")[:2])
    told = {"Python": python} | {name: str(packages.get(name) or "") for name in _SAME}
    return {_CALLED.get(name, name): version or "none" for name, version in told.items()}


def faults(said: Engine) -> list[str]:
    """What can be known to be wrong with a section before anybody is asked, each with its key."""
    found = lacking(said)
    if str(said.dask).startswith("tls://") and find_spec("cryptography") is not None:
        wrong = certificates.wrong(said).items()
        # what stands after `key:` is taken for a secret where errors are printed
        found += [f"engine.{key} names {why}" for key, several in wrong for why in several]
    return found


def lacking(said: Engine) -> list[str]:
    """The same but for certificates."""
    found = [
        f"engine: {package} is missing: pip install 'driftline[dask]'"
        for package in ("distributed", "cryptography")
        if find_spec(package) is None
    ]
    try:
        checked(str(said.dask))
    except DriftError as error:
        found.append(str(error))
    return found


def _worked(call: Call) -> Ending | None:
    """Does a piece of work; gives nothing where it is done."""
    ending = answer(call)
    return None if ending == "done" else ending


def _quiet() -> None:
    """The library's own log of a connection that is lost, with its tracebacks, is no output of a command: the
    ledger says what came of it."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def checked(address: str) -> str:
    """A scheduler's address. Raises DriftError for one that anybody on the way could use: whoever reaches a
    scheduler runs code beside every credential of its workers."""
    parts = urlsplit(address)
    if parts.scheme == "tls" and parts.hostname and parts.port:
        return address
    if parts.scheme == "tcp" and parts.port and _is_loopback(parts.hostname or ""):
        return address
    why = (
        "whoever reaches a scheduler runs code beside every credential of its workers: use tls:// with "
        "certificates, tcp:// is for this machine alone (127.0.0.1)"
        if parts.scheme == "tcp"
        else "expected tls://HOST:PORT"
    )
    raise DriftError(f"engine.dask: {address}: {why}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
