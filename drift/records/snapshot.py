"""Reads and writes resource records (docs/reference/records.md): snapshots and baselines, as JSON Lines
(plain, gz, zst) or YAML."""

from __future__ import annotations

import contextlib
import gzip
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, get_args

import orjson
import zstandard

from drift import reading
from drift.errors import SnapshotError
from drift.files import replacing
from drift.model import GLOBAL, Cell, Coverage, Origin, Problem, Resource, Status
from drift.moment import MOMENT
from drift.records.lines import MAX_DEPTH, Endless, too_deep, values
from drift.records.seen import Seen, What

HEADER = "drift_snapshot"
VERSION = 1
_CHUNK = 1024 * 1024
#: After so many bad records the file is none of records.
_MOST_BAD = 1000


def is_records(path: Path, head: bytes) -> bool:
    """Whether a file holds records or a snapshot, by its name's ending and how it begins.

    Lines of JSON may be another program's. Where not one line can be told, as the file is cut off or one
    record is longer than its beginning, the name decides, and reading it tells what is wrong.
    """
    name = path.name.removesuffix(".gz").removesuffix(".zst")
    if name.endswith((".jsonl", ".ndjson")):
        told = [_is_record(line) for line in _unpacked(path, head).splitlines() if line.strip()]
        return bool(head) and (True in told or all(one is None for one in told))
    if name.endswith((".yaml", ".yml")):
        head = b"\n" + head.removeprefix(b"\xef\xbb\xbf")
        return b"\nattributes:" in head and b"\nprovider:" in head
    return False


def _is_record(line: bytes) -> bool | None:
    """Whether a line is a record or a header; None where it is no JSON."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(said, dict):
        return False
    return HEADER in said or all(name in said for name in ("provider", "type", "attributes"))


def _unpacked(path: Path, head: bytes) -> bytes:
    """How a file begins once it is decompressed; nothing where that fails."""
    try:
        if path.name.endswith(".gz"):
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _CHUNK)
        if path.name.endswith(".zst"):
            with zstandard.ZstdDecompressor().stream_reader(head, read_across_frames=True) as stream:
                return stream.read(_CHUNK)
    except (zlib.error, zstandard.ZstdError):
        return b""
    return head


def read(
    path: Path, display: str | None = None, origin: Origin | None = None
) -> Iterator[dict[str, Any] | Resource | Problem]:
    """Yields the header (a dict, first, where there is one), then resources; a Problem for each unreadable
    record. With an ``origin`` the resources have it, each with its own name for an address.

    Raises SnapshotError when the file itself can't be opened. A file that breaks off gives a last Problem,
    after everything before the break.
    """
    name = display or reading.shown(str(path))
    try:
        with reading.opened(path, name, SnapshotError) as stream:
            yield from _all(stream, path, name, origin)
    except Endless as error:
        yield Problem(name, f"{name}: {error}; what came before is judged")
    except OSError as error:
        yield Problem(name, f"{name}: breaks off: {error}; what came before is judged")
    except (EOFError, zlib.error, zstandard.ZstdError, UnicodeDecodeError) as error:
        yield Problem(name, f"{name}: breaks off or is corrupt: {error}; what came before is judged")


def _all(
    stream: BinaryIO, path: Path, name: str, origin: Origin | None
) -> Iterator[dict[str, Any] | Resource | Problem]:
    seen = Seen(lambda: _whats(path, name))
    bad = 0
    begun = False
    for line, record, plain in values(stream, path.name, name):
        told: dict[str, Any] | Resource | Problem
        if isinstance(record, dict) and HEADER in record:
            told = _header(record, name, line, begun)
        elif isinstance(record, Problem):
            told = record
        else:
            told = _resource(record, name, line, plain, origin)
            if isinstance(told, Resource):
                begun = True
                first = seen.before(_what(told), line)
                if first is not None:
                    why = f"the same resource is already on line {first}: {told.type} {told.id}"
                    told = _refused(name, line, why)
        yield told
        bad += isinstance(told, Problem)
        if bad == _MOST_BAD:
            raise Endless(f"more than {_MOST_BAD:,} records can't be read, so the rest is left out")


def kinds(path: Path, display: str) -> set[tuple[str, str]]:
    """(provider, type) of all records that can be read. What is wrong with the others tells :func:`read`; of
    those of a kind that is known already nobody asks whether they can be, which takes a third of its time.

    Raises SnapshotError when the file can't be opened, or a header is wrong.
    """
    found: set[tuple[str, str]] = set()
    with (
        contextlib.suppress(OSError, EOFError, zlib.error, zstandard.ZstdError, UnicodeDecodeError, Endless),
        reading.opened(path, display, SnapshotError) as stream,
    ):
        for line, record, plain in values(stream, path.name, display):
            if not isinstance(record, dict):
                continue
            if HEADER in record:
                _header(record, display, line, bool(found))
                continue
            kind = record.get("provider"), record.get("type")
            if isinstance(kind[0], str) and isinstance(kind[1], str) and kind not in found:
                told = _resource(record, display, line, plain)
                if isinstance(told, Resource):
                    found.add((told.provider, told.type))
    return found


def _header(record: dict[str, Any], name: str, line: int, begun: bool) -> dict[str, Any]:
    """A header, if it may stand there. Raises SnapshotError."""
    if record[HEADER] != VERSION or isinstance(record[HEADER], bool):
        version = str(record[HEADER])[:40]
        raise SnapshotError(f"{name}:{line}: snapshot version {version} is not known; this is {VERSION}")
    if begun:
        raise SnapshotError(
            f"{name}:{line}: a header after records; join snapshots by giving --live several times"
        )
    return record


def _what(one: Resource) -> What:
    return one.provider, one.scope, one.region, one.type, one.id


def _whats(path: Path, name: str) -> Iterator[tuple[What, int]]:
    """What each line is of, from the beginning."""
    with reading.opened(path, name, SnapshotError) as stream:
        for line, record, plain in values(stream, path.name, name):
            one = record if isinstance(record, Problem) else _resource(record, name, line, plain)
            if isinstance(one, Resource):
                yield _what(one), line


def _refused(name: str, line: int, why: str) -> Problem:
    return Problem(name, f"{name}:{line}: {why}; the record is left out")


def _resource(
    record: Any, name: str, line: int, plain: bool, origin: Origin | None = None
) -> Resource | Problem:
    if not isinstance(record, dict):
        return _refused(name, line, f"a record is an object, not {type(record).__name__}")
    get = record.get
    for key in ("provider", "scope", "type", "id"):
        if not get(key) or not isinstance(record[key], str):
            return _refused(name, line, f"{key!r} is missing or no text")
    attributes = get("attributes")
    if not isinstance(attributes, dict):
        return _refused(name, line, "'attributes' is missing or no object")
    if not plain:
        if too_deep(attributes):
            return _refused(name, line, f"'attributes' nests deeper than {MAX_DEPTH} levels")
        strange = _strange(attributes)
        if strange is not None:
            return _refused(name, line, f"'attributes' holds {strange}, which JSON does not know")
    region, called, unread = get("region"), get("name"), get("unread") or {}
    for key, text in (("region", region), ("name", called)):
        if text is not None and not isinstance(text, str):
            return _refused(name, line, f"{key!r} is no text")
    if not isinstance(unread, dict):
        return _refused(name, line, "'unread' is no object")
    id_ = record["id"]
    if origin is not None:
        origin = Origin(origin.source, origin.file, None, called or id_, origin.commit, origin.url)
    return Resource(
        record["provider"],
        record["scope"],
        record["type"],
        id_,
        attributes,
        region or None,
        called or None,
        origin,
        unread=unread,
    )


def _strange(value: Any) -> str | None:
    """What of a value is not JSON (NaN, a key that is no text, binary), in words; None where all is."""
    if isinstance(value, float):
        return None if math.isfinite(value) else str(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return "an integer of more than 64 bits"
    if isinstance(value, dict):
        key = next((key for key in value if not isinstance(key, str)), None)
        if key is not None:
            return f"the key {key!r}"
        return next((found for child in value.values() if (found := _strange(child))), None)
    if isinstance(value, list):
        return next((found for child in value if (found := _strange(child))), None)
    return None if value is None or isinstance(value, (str, int)) else f"a {type(value).__name__}"


def write(path: Path, resources: Iterable[Resource], header: Mapping[str, Any] | None = None) -> int:
    """Writes a snapshot beside, then renames it; the ending chooses the compression. Gives the number of
    resources."""
    count = 0
    with replacing(path) as raw:
        out: Any = raw
        if path.name.endswith(".gz"):
            out = gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0)
        elif path.name.endswith(".zst"):
            out = zstandard.ZstdCompressor(level=6, write_checksum=True).stream_writer(raw, closefd=False)
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


def coverage_of(header: Mapping[str, Any], file: Path) -> list[Coverage]:
    """The ledger that a snapshot's header carries. Raises SnapshotError when it is none."""
    try:
        return [_row(row, header) for row in header.get("coverage") or ()]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SnapshotError(
            f"{file}: the header's coverage can't be read; take the snapshot again ({error!r})"
        ) from error


def _row(row: Mapping[str, Any], header: Mapping[str, Any]) -> Coverage:
    if row["status"] not in get_args(Status):
        raise ValueError(f"status {row['status']!r}")
    for name in ("provider", "scope", "region", "type", "message"):
        said = row[name] if name in ("provider", "scope", "type") else row.get(name)
        if not isinstance("" if said is None and name in ("region", "message") else said, str):
            raise TypeError(f"{name} {said!r}")
    listed = bool(row.get("listed", False))
    told = row.get("read_at") or header.get("taken_at")  # older snapshots tell of the whole only
    whole = row["status"] == "checked" or listed
    return Coverage(
        Cell(row["provider"], row["scope"], row.get("region") or GLOBAL, row["type"]),
        row["status"],
        int(row.get("resources", 0)),
        row.get("message") or "",
        listed,
        read_at=told if whole and isinstance(told, str) and MOMENT.fullmatch(told) else None,
    )


def context_of(header: Mapping[str, Any], file: Path) -> dict[str, dict[str, Any]]:
    """What comparison needs, by provider. Raises SnapshotError when the header holds something else."""
    context = header.get("context") or {}
    if not isinstance(context, dict) or not all(isinstance(one, dict) for one in context.values()):
        raise SnapshotError(f"{file}: the header's context is no object by provider; take the snapshot again")
    return context
