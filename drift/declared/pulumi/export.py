"""Reads one stack: what ``pulumi stack export`` prints, or the checkpoint that a backend of one's own keeps.

Source: github.com/pulumi/pulumi, sdk/go/common/apitype/core.go (UntypedDeployment, DeploymentV3,
CheckpointV3, ResourceV3).
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from drift import reading
from drift.errors import DeclaredError

#: The version whose resources have the members that are read here; 4 names features of it that may be used.
VERSIONS = (3, 4)
_URN = re.compile(r"urn:pulumi:(?P<stack>[^:]*)::(?P<project>[^:]*)::(?P<type>.*?)::(?P<name>.*)", re.DOTALL)
_POSITION = re.compile(r"project:///+(?P<file>[^#]+)#(?P<line>\d+)(?:,\d+)?")
_GZIP = b"\x1f\x8b"
#: A resource that says none of these comes of no engine.
_MEMBERS = ("urn", "type")


@dataclass(frozen=True, slots=True)
class Held:
    """One resource of a stack. ``said`` are its inputs, ``known`` its outputs with its ``id``; ``provider``
    is the URN of the provider that made it; ``ignored`` are the paths of which changes are ignored; ``going``
    says that it is to be deleted; ``file`` and ``line`` are where the program makes it, where that is
    kept."""

    urn: str
    type: str
    id: str | None
    said: Mapping[str, Any]
    known: Mapping[str, Any]
    provider: str
    ignored: tuple[str, ...]
    going: bool
    file: str | None
    line: int | None

    @property
    def package(self) -> str:
        return self.type.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Stack:
    """``resources`` are those that a provider made; ``providers`` are the providers' own inputs, by URN;
    ``interrupted`` counts the operations of which nobody knows how they ended."""

    display: str
    name: str
    resources: tuple[Held, ...]
    providers: Mapping[str, Mapping[str, Any]]
    interrupted: int = 0


def parse(file: Path, display: str) -> Stack:
    """The stack in a file. Raises DeclaredError: empty, no JSON, none of a stack's forms, another version."""
    body = _content(file, display)
    if not body.strip():
        raise DeclaredError(f"{display}: is empty: the stack was never deployed, or the export is cut off")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DeclaredError(
            f"{display}:{error.lineno}: the export of the stack is no valid JSON: {error.msg}; is it cut off?"
        ) from error
    deployment, name = _deployment(content, display)
    listed = deployment.get("resources")
    if not isinstance(listed, list | None) or not all(map(_is_resource, listed or ())):
        raise DeclaredError(
            f"{display}: its 'resources' are not as Pulumi writes them; export the stack again"
        )
    rows: list[Mapping[str, Any]] = listed or []
    if not name and rows:
        found = _URN.fullmatch(str(rows[0]["urn"]))
        name = f"{found['project']}/{found['stack']}" if found else ""
    operations = deployment.get("pending_operations")
    return Stack(
        display,
        name,
        tuple(_held(one) for one in rows if _is_made(one)),
        {str(one["urn"]): _mapping(one.get("inputs")) for one in rows if _is_provider(one)},
        len(operations) if isinstance(operations, list) else 0,
    )


def is_stack(head: bytes) -> bool:
    """Whether a file that begins so holds a stack."""
    if head[:2] == _GZIP:
        try:
            head = zlib.decompressobj(31).decompress(head, 65536)
        except zlib.error:
            return False
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"{"):
        return False
    if b'"deployment"' in head and (b"urn:pulumi:" in head or b'"manifest"' in head):
        return True
    return b'"checkpoint"' in head and (b'"latest"' in head or b'"stack"' in head)


def parts(urn: str) -> tuple[str, str, str]:
    """(project, stack, name) of a URN; empty where it is none."""
    found = _URN.fullmatch(urn)
    return (found["project"], found["stack"], found["name"]) if found else ("", "", urn)


def _content(file: Path, display: str) -> bytes:
    """The text; of a compressed checkpoint (``PULUMI_SELF_MANAGED_STATE_GZIP``) what it unpacks to."""
    with reading.opened(file, display) as stream:
        zipped = stream.read(2) == _GZIP
        if not zipped:
            return reading.content(file, display, most=reading.MADE)
        stream.seek(0)
        try:
            with gzip.GzipFile(fileobj=stream) as unpacked:
                body = io.BufferedReader(unpacked).read(reading.MADE + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DeclaredError(f"{display}: can't be unpacked: {error}; it is cut off or damaged") from error
    if len(body) > reading.MADE:
        raise DeclaredError(f"{display}: unpacks to more than {reading.MADE // reading.MB:,} MB")
    return body


def _deployment(content: Any, display: str) -> tuple[Mapping[str, Any], str]:
    """The deployment in a file, and what the stack is called, where that is said."""
    if not isinstance(content, dict):
        raise DeclaredError(f"{display}: is no export of a Pulumi stack; write it by `pulumi stack export`")
    version, name = content.get("version"), ""
    deployment = content.get("deployment")
    checkpoint = content.get("checkpoint")
    if isinstance(checkpoint, dict):
        name = str(checkpoint.get("stack") or "")
        deployment = checkpoint.get("latest") or {}
    if not isinstance(deployment, dict):
        raise DeclaredError(
            f"{display}: has neither 'deployment' nor 'checkpoint'; "
            f"write it by `pulumi stack export --file {display}`"
        )
    if version not in VERSIONS or isinstance(version, bool):
        raise DeclaredError(
            f"{display}: version {str(version)[:40]} of a stack's export is not supported, only "
            f"{' and '.join(map(str, VERSIONS))}; run `pulumi stack export` of a current Pulumi"
        )
    return deployment, name


def _is_resource(one: Any) -> bool:
    return isinstance(one, dict) and all(isinstance(one.get(name), str) for name in _MEMBERS)


def _is_provider(one: Mapping[str, Any]) -> bool:
    return str(one["type"]).startswith("pulumi:providers:")


def _is_made(one: Mapping[str, Any]) -> bool:
    """Whether a provider made it: no component, nothing of the engine's own, nothing that was only looked
    up."""
    internal = str(one["type"]).startswith("pulumi:")
    return one.get("custom") is True and not internal and one.get("external") is not True


def _held(one: Mapping[str, Any]) -> Held:
    said, known = _mapping(one.get("inputs")), _mapping(one.get("outputs"))
    id_ = one.get("id") if isinstance(one.get("id"), str) else None
    position = _POSITION.fullmatch(str(one.get("sourcePosition") or ""))
    ignored = one.get("ignoreChanges")
    return Held(
        urn=str(one["urn"]),
        type=str(one["type"]),
        id=id_,
        said=said,
        known={**known, "id": id_} if id_ is not None else known,
        provider=str(one.get("provider") or "").rpartition("::")[0],
        ignored=tuple(str(path) for path in ignored) if isinstance(ignored, list) else (),
        going=one.get("delete") is True or one.get("pendingReplacement") is True,
        file=position["file"] if position else None,
        line=int(position["line"]) or None if position else None,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
