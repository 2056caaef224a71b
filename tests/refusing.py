"""A loopback cloud each call of which can be refused, or answered by something foreign; and an estate that
declares all that is live in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import yaml

from drift.config.model import parse
from drift.loopback import Answer, Request, Server
from drift.scan import Run

JSON = {"Content-Type": "application/json"}
#: What each API says when it refuses, in its own form.
_DENIED = {
    "azure": {"error": {"code": "AuthorizationFailed", "message": "you may not"}},
    "gcp": {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "you may not"}},
    "kubernetes": {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "you may not"},
}
_HTML = b"<!DOCTYPE html><html><body><p>Please sign in</p></body></html>"
#: How a call goes wrong → what is answered instead, told by what would have been.
FAULTS: Mapping[str, Callable[[str, Answer], Answer]] = {
    "denied": lambda provider, _: Answer(403, orjson.dumps(_DENIED[provider]), JSON),
    "an empty object": lambda *_: Answer(200, b"{}", JSON),
    "nothing": lambda *_: Answer(200, b"", JSON),
    "xml": lambda *_: Answer(200, b"<a/>", {"Content-Type": "application/xml"}),
    "html": lambda *_: Answer(200, _HTML, {"Content-Type": "text/html"}),
    "a list": lambda *_: Answer(200, b"[]", JSON),
    "null": lambda *_: Answer(200, b"null", JSON),
    "an object for a list": lambda *_: Answer(200, b'{"value": {}, "items": {}, "data": {}}', JSON),
    "another's": lambda *_: Answer(200, b'{"message": "ok"}', JSON),
    "members of another kind": lambda *_: Answer(
        200, b'{"value": [1], "items": [1], "data": [1], "assets": [1], "results": [1], "folders": [1]}', JSON
    ),
    "empty members": lambda *_: Answer(
        200, b'{"value": [{}], "items": [{}], "data": [{}], "assets": [{}], "results": [{}]}', JSON
    ),
    "truncated": lambda _, own: Answer(own.status, own.body[: len(own.body) // 2], own.headers),
    "broken": lambda *_: Answer(500, b'{"error": {"code": 500, "message": "try again"}}', JSON),
    "throttled": lambda *_: Answer(429, b'{"error": {"code": 429}}', {**JSON, "Retry-After": "0"}),
    "not found by another": lambda *_: Answer(404, _HTML, {"Content-Type": "text/html"}),
}


class Outcome(NamedTuple):
    """What is found, as (kind, type); the exit code, and what it is where drift is forgiven."""

    found: frozenset[tuple[str, str]]
    code: int
    forgiving: int


class Estate:
    """All that is live in a loopback cloud is declared, in ``base.jsonl``; and in ``gone.jsonl`` one resource
    more, which is in no cloud. ``faults`` maps calls to how they fail; ``calls`` are those of the last
    scan."""

    def __init__(self, provider: str, http: Server, folder: Path, live: Mapping[str, Any]) -> None:
        self.provider, self.folder, self.live = provider, folder, {**live, "max_attempts": 1}
        self.faults: dict[str, str] = {}
        self.calls: dict[str, None] = {}
        self.missing: frozenset[tuple[str, str]] = frozenset()
        self._own = http.answer
        http.answer = self._answer

    def _answer(self, request: Request) -> Answer:
        call = f"{request.method} {request.path}" + (f"?{request.query}" if request.query else "")
        if request.method == "POST":
            call += f" {request.body.decode()}"
        self.calls[call] = None
        fault = self.faults.get(call)
        own = self._own(request)
        return own if fault is None else FAULTS[fault](self.provider, own)

    def keep(self, gone: Mapping[str, Any], also: Iterable[Mapping[str, Any]] = ()) -> list[str]:
        """Declares all that is live, also what is read only where somebody declares one; and what is ``gone``
        in the second file. Gives the calls that a scan makes."""
        text = b"".join(orjson.dumps({"provider": self.provider, **one}) + b"\n" for one in also)
        (self.folder / "also.jsonl").write_bytes(text)
        live, _ = self.run([{"path": "also.jsonl"}] if text else []).snapshot()
        lines = [orjson.dumps(one.record(), default=str) + b"\n" for one in live]
        (self.folder / "base.jsonl").write_bytes(b"".join(lines))
        record = {"provider": self.provider, **gone}
        (self.folder / "gone.jsonl").write_bytes(b"".join([*lines, orjson.dumps(record), b"\n"]))
        self.missing = frozenset({("missing", str(gone["type"]))})
        assert self.scan("gone.jsonl") == (self.missing, 2, 0)
        assert self.scan("base.jsonl") == (frozenset(), 0, 0)
        return list(self.calls)

    def run(self, declared: Iterable[Mapping[str, Any]]) -> Run:
        document = {
            "version": 1,
            "redaction": {"key": "a key"},
            "declared": [dict(one) for one in declared],
            "live": {self.provider: self.live},
        }
        return Run(parse(yaml.safe_dump(document), "drift.yaml", self.folder, None, os.environ))

    def scan(self, declared: str, faults: Mapping[str, str] | None = None) -> Outcome:
        """What a scan of a file says while some calls fail."""
        self.faults = dict(faults or {})
        self.calls = {}
        result = self.run([{"path": declared}]).scan()
        self.faults = {}
        found = frozenset((one["kind"], one["type"]) for one in result.report["findings"])
        return Outcome(found, result.exit_code, result.forgiving)

    def blind(self, faults: Mapping[str, str]) -> bool:
        """Whether a scan during which these calls fail says so, and finds nothing that is not gone. (Which
        fail together is chance, and so is whether anything is read at all: where nothing is, that is 1.)"""
        outcome = self.scan("gone.jsonl", faults)
        return outcome.found <= self.missing and outcome.forgiving in (1, 3)


def groups(calls: Iterable[str], number: int) -> list[list[str]]:
    """The calls dealt out, so that most of an estate can be read while those of one group fail."""
    several = list(calls)
    return [several[start::number] for start in range(number)]
