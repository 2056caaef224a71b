"""Reads and writes resource records (DESIGN 6.1): snapshots and baselines, as JSON Lines (plain, gz, zst) or YAML."""

from __future__ import annotations

import contextlib
import gzip
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import orjson
import yaml
import zstandard

from drift.errors import SnapshotError
from drift.files import replacing
from drift.model import GLOBAL, Cell, Coverage, Problem, Resource

HEADER = "drift_snapshot"
VERSION = 1
MAX_DEPTH = 100
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def is_records(path: Path, head: bytes) -> bool:
    """Whether a file holds records or a snapshot, by name and content."""
    name = path.name.removesuffix(".gz").removesuffix(".zst")
    if name.endswith((".jsonl", ".ndjson")):
        return True
    if name.endswith((".yaml", ".yml")):
        return b"\nattributes:" in head and b"\nprovider:" in b"\n" + head
    return False


def read(path: Path, display: str | None = None) -> Iterator[dict[str, Any] | Resource | Problem]:
    """Yields the header (a dict, first, where there is one), then resources; a Problem for each unreadable record.

    Raises SnapshotError when the file itself can't be opened. A file that breaks off gives a last Problem, after
    everything before the break.
    """
    name = display or str(path)
    seen: dict[tuple[Any, ...], int] = {}
    try:
        for line, record in _records(path, name):
            if isinstance(record, Problem):
                yield record
            elif isinstance(record, Mapping) and HEADER in record:
                if record[HEADER] != VERSION:
                    raise SnapshotError(
                        f"{name}:{line}: snapshot version {record[HEADER]} is not known; this is {VERSION}"
                    )
                yield dict(record)
            else:
                yield _resource(record, name, line, seen)
    except OSError as error:
        if isinstance(error, (FileNotFoundError, IsADirectoryError, PermissionError)):
            raise SnapshotError(f"{name}: can't be read: {error.strerror}") from error
        yield Problem(name, f"{name}: breaks off: {error}; what came before is judged")
    except (EOFError, zstandard.ZstdError, UnicodeDecodeError) as error:
        yield Problem(name, f"{name}: breaks off or is corrupt: {error}; what came before is judged")


def _records(path: Path, name: str) -> Iterator[tuple[int, Any]]:
    plain = path.name.removesuffix(".gz").removesuffix(".zst")
    with contextlib.ExitStack() as stack:
        stream: Any = stack.enter_context(path.open("rb"))
        if path.name.endswith(".gz"):
            stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
        elif path.name.endswith(".zst"):
            stream = io.BufferedReader(
                stack.enter_context(
                    zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
                )
            )
        if plain.endswith((".yaml", ".yml")):
            yield from _yaml(stream, name)
            return
        for number, line in enumerate(stream, 1):
            if line.strip():
                try:
                    yield number, orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    yield number, Problem(name, f"{name}:{number}: no JSON record: {error.msg}")


def _yaml(stream: IO[bytes], name: str) -> Iterator[tuple[int, Any]]:
    loader = _Loader(stream)
    try:
        while loader.check_node():
            node: Any = loader.get_node()
            yield node.start_mark.line + 1, loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        yield 0, Problem(name, f"{name}{where}: no valid YAML: {getattr(error, 'problem', None) or error}")
    finally:
        loader.dispose()


def _resource(record: Any, name: str, line: int, seen: dict[tuple[Any, ...], int]) -> Resource | Problem:
    where = f"{name}:{line}"

    def refuse(why: str) -> Problem:
        return Problem(name, f"{where}: {why}; the record is left out")

    if not isinstance(record, Mapping):
        return refuse(f"a record is an object, not {type(record).__name__}")
    for key in ("provider", "scope", "type", "id"):
        if not isinstance(record.get(key), str) or not record[key]:
            return refuse(f"{key!r} is missing or no text")
    attributes = record.get("attributes")
    if not isinstance(attributes, Mapping):
        return refuse("'attributes' is missing or no object")
    if too_deep(attributes) or not _finite(attributes):
        return refuse(
            f"'attributes' nests deeper than {MAX_DEPTH} levels or holds a number that JSON does not know"
        )
    identity = (record["provider"], record["scope"], record.get("region"), record["type"], record["id"])
    if identity in seen:
        return refuse(
            f"the same resource is already on line {seen[identity]}: {record['type']} {record['id']}"
        )
    seen[identity] = line
    return Resource(
        provider=record["provider"],
        scope=record["scope"],
        region=record.get("region") or None,
        type=record["type"],
        id=record["id"],
        name=record.get("name") or None,
        attributes=dict(attributes),
        unread=dict(record.get("unread") or {}),
    )


def too_deep(value: Any, levels: int = MAX_DEPTH) -> bool:
    """Whether a value nests deeper than ``levels``, told without recursing deeper than that."""
    if not isinstance(value, (Mapping, list)):
        return False
    if levels == 0:
        return True
    children = value.values() if isinstance(value, Mapping) else value
    return any(too_deep(child, levels - 1) for child in children)


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return all(_finite(child) for child in children)


def write(path: Path, resources: Iterable[Resource], header: Mapping[str, Any] | None = None) -> int:
    """Writes a snapshot beside, then renames it; the ending chooses the compression. Gives the number of resources."""
    count = 0
    with replacing(path) as raw:
        out: Any = raw
        if path.name.endswith(".gz"):
            out = gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0)
        elif path.name.endswith(".zst"):
            out = zstandard.ZstdCompressor(level=6).stream_writer(raw, closefd=False)
        try:
            if header is not None:
                out.write(orjson.dumps({HEADER: VERSION, **header}) + b"\n")
            for resource in resources:
                out.write(orjson.dumps(resource.record()) + b"\n")
                count += 1
        finally:
            if out is not raw:
                out.close()
    return count


def coverage_of(header: Mapping[str, Any]) -> list[Coverage]:
    """The ledger that a snapshot's header carries."""
    return [
        Coverage(
            Cell(row["provider"], row["scope"], row.get("region") or GLOBAL, row["type"]),
            row["status"],
            int(row.get("resources", 0)),
            row.get("message", ""),
            bool(row.get("listed", False)),
        )
        for row in header.get("coverage", ())
    ]
