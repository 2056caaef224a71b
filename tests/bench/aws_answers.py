"""A loopback AWS that answers every reading call of very many accounts from memory.

An answer is made once, of what botocore says of it, in the bytes of the service's own protocol: a list that
names nothing in its request holds ``THINGS`` things, and what is asked of one of them tells of that one. Then
it is kept by its request, so that a second run measures who asks and not who answers.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from providers.aws import bulk_tags
from providers.aws.facts import catalogue
from tests.providers.aws.answering import asked_of

#: So many things a list tells of that is asked of a whole region, or of an account.
THINGS = int(os.environ.get("BENCH_THINGS", "10"))
_THING = re.compile(r"thing-\d{3}")
_SIGNED = re.compile(r"Credential=(\w+)/\d+/([\w-]+)/([\w-]+)/")
_PAGES = re.compile(r"(?i)\w*(token|marker|truncated|position|cursor|hasmore\w*|nextid|lastevaluated\w*)\w*")
_DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


@contextmanager
def serving() -> Iterator[str]:
    """Serves in a process of its own; gives the URL."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join(10)


def _serve(told: Any) -> None:
    asyncio.run(_answer_all(told))


async def _answer_all(told: Any) -> None:
    kept: dict[tuple[str, ...], bytes] = {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length") or 0))
                signed = _SIGNED.search(headers.get("authorization", ""))
                assert signed
                target = headers.get("x-amz-target", "")
                request = (signed[1], signed[2], signed[3], first, target, body.decode())
                if request not in kept:
                    kept[request] = _answer(*request)
                writer.write(kept[request])
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _answer(key: str, region: str, signed: str, first: str, target: str, body: str) -> bytes:
    """The bytes of an answer to a request: whose key it is, where, of which service."""
    account = key[4:16] if key.startswith("ROLE") else "999999999999"
    method, path, _ = first.split(" ")
    for model in _operations().get(signed, ()):
        if asked_of(model, method, path, {"X-Amz-Target": target}, body.encode()) is not None:
            break
    else:
        return _http(501, {}, f'{{"__type": "NotAnswered", "message": "{signed} {first} {target}"}}'.encode())
    things = list(dict.fromkeys(_THING.findall(unquote(path) + unquote(body))))
    maker = _Maker(account, region, things or [f"thing-{number:03}" for number in range(THINGS)])
    shape = model.output_shape
    said = {} if shape is None else maker.top(shape)
    if model.name == "AssumeRole":
        role = re.search(r"iam%3A%3A(\d{12})", body)
        assert role
        said["Credentials"]["AccessKeyId"] = f"ROLE{role[1]}"
        said["Credentials"]["Expiration"] = datetime(2099, 1, 1, tzinfo=UTC)
    if model.name == "GetCallerIdentity":
        said["Account"] = account
    service = model.service_model
    done = get_serializer_class(service.service_name, service.resolved_protocol)(model).serialize(said)
    content = done["body"]
    headers = {name: str(value) for name, value in done["headers"].items()}
    return _http(int(done["status_code"]), headers, content.encode() if isinstance(content, str) else content)


def _http(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} OK", "x-amzn-RequestId: 1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() != "content-length"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@cache
def _operations() -> dict[str, list[OperationModel]]:
    """The name that requests are signed for → the operations that the facts name, the most exact first."""
    calls = {("sts", "assume_role"), ("sts", "get_caller_identity"), (bulk_tags.SERVICE, bulk_tags.METHOD)}
    for entry in catalogue().entries.values():
        calls |= set(_calls(entry.said, entry.service))
    found: dict[str, list[OperationModel]] = {}
    for service, method in sorted(calls):
        of = get_service_model(service)
        name = next((one for one in of.operation_names if xform_name(one) == method), None)
        if name is not None:
            found.setdefault(of.signing_name or of.endpoint_prefix, []).append(of.operation_model(name))
    for models in found.values():
        models.sort(key=lambda one: (-one.http["requestUri"].count("/"), -len(one.http["requestUri"])))
    return found


def _calls(said: Any, service: str) -> Iterator[tuple[str, str]]:
    if isinstance(said, dict):
        if "call" in said:
            yield said.get("service", service), said["call"]
        for part in said.values():
            yield from _calls(part, service)
    elif isinstance(said, list):
        for part in said:
            yield from _calls(part, service)


class _Maker:
    """Makes answers that tell of some things."""

    def __init__(self, account: str, region: str, things: list[str]) -> None:
        self._account, self._region, self._things = account, region, things

    def top(self, shape: StructureShape) -> dict[str, Any]:
        """An answer: its lists hold each of the things."""
        found = {}
        for name, one in shape.members.items():
            if _PAGES.fullmatch(name):
                continue
            if isinstance(one, ListShape):
                found[name] = [self._of(one.member, name, thing, ()) for thing in self._things]
            else:
                found[name] = self._of(one, name, self._things[0], ())
        return found

    def _of(self, shape: Shape, name: str, thing: str, above: tuple[str, ...]) -> Any:
        if isinstance(shape, StructureShape):
            within = (*above, shape.name)
            return {
                member: self._of(one, member, thing, within)
                for member, one in shape.members.items()
                if one.name not in within and len(above) < 6
            }
        if isinstance(shape, ListShape):
            return (
                []
                if shape.member.name in above
                else [self._of(shape.member, name, thing, (*above, shape.name))]
            )
        if isinstance(shape, MapShape):
            return {"key": self._of(shape.value, name, thing, (*above, shape.name))}
        if isinstance(shape, StringShape):
            return self._text(shape, name, thing)
        if shape.type_name == "timestamp":
            return datetime(2026, 1, 1, tzinfo=UTC)
        return {"boolean": False, "blob": b"{}"}.get(shape.type_name, 1)

    def _text(self, shape: StringShape, name: str, thing: str) -> str:
        if shape.enum:
            return str(shape.enum[0])
        if name.lower().endswith("arn") or shape.name.lower().endswith("arn"):
            return f"arn:aws:a:{self._region}:{self._account}:a/{thing}"
        if "policy" in name.lower() and "name" not in name.lower() and "id" not in name.lower():
            return _DOCUMENT
        return thing
