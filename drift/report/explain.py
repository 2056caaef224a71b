"""Tells why a finding is one, or why a rule hides it, from the report and the evidence that its run kept."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import zstandard

from drift import reading
from drift.errors import DriftError
from drift.finding import NO_OWNER
from drift.report import last_changes, runs, texts, witnessed
from drift.report.lookup import found
from drift.visible import visible

ABSENT = "(absent)"
SIDES = ("declared", "live")
#: Values that take no more characters stand on one line.
_SHORT = 72
#: Of lines that differ so many around them are told.
_AROUND = 5
#: The evidence of one finding is never more (bytes).
_LONGEST = 128 * reading.MB
Told = Mapping[str, Any]


def explain(finding_id: str, run: str, *, whole: bool = False) -> str:
    """The evidence of a finding as text, told by id, the beginning of one, or its resource. ``whole``: also
    what was accepted as equal and what rules hide.

    Raises DriftError when the run, the finding or its evidence is not there, or when several are meant.
    """
    with runs.as_written(run):
        return _explained(finding_id, run, whole)


def as_json(finding_id: str, run: str, *, whole: bool = False) -> str:
    """The same as JSON: ``finding`` as it stands in the report (or ``undeclared``), the ``suppressed`` lines
    of it, and its ``evidence``; without ``whole`` that of what was accepted as equal is left out."""
    with runs.as_written(run):
        report = runs.find(run)
        finding_id = found(report, finding_id)
        told: dict[str, Any] = {
            part: [one for one in report.get(name, ()) if one["id"] == finding_id]
            for part, name in (("finding", "findings"), ("undeclared", "undeclared"))
        }
        told = {part: ones[0] for part, ones in told.items() if ones}
        told["suppressed"] = [one for one in report["suppressed"] if one["id"] == finding_id]
        if "undeclared" not in told:
            record = _record(run, report, told.get("finding"), finding_id)
            told["evidence"] = record if whole else {k: v for k, v in record.items() if k != "folds"}
        return orjson.dumps(_covered(told), option=orjson.OPT_INDENT_2).decode() + "\n"


def _record(run: str, report: dict[str, Any], finding: Told | None, finding_id: str) -> Told:
    """The evidence of a finding; of one that is only remembered the run has none."""
    why = (finding or {}).get("history", {}).get("unknown")
    if why is not None:
        last = (finding or {})["history"]["last_seen"]
        return {"why": f"It was last seen at {last} and could not be read again: {why}."}
    return _evidence(_folder(run, report), finding_id)


def _explained(finding_id: str, run: str, whole: bool) -> str:
    report = runs.find(run)
    finding_id = found(report, finding_id)
    value = next((one for one in report.get("undeclared", ()) if one["id"] == finding_id), None)
    if value is not None:
        return "\n".join(_undeclared(value)) + "\n"
    finding = next((one for one in report["findings"] if one["id"] == finding_id), None)
    hidden = [one for one in report["suppressed"] if one["id"] == finding_id]
    record = _record(run, report, finding, finding_id)
    lines = [*_head(finding, hidden), f"  {record['why']}"] if "why" in record else _head(finding, hidden)
    if finding is not None:
        for change in finding["changes"]:
            lines.extend(_change(change, record))
        if finding["kind"] != "changed":
            lines.extend(_content(finding))
            lines.extend(_whole(finding, record))
    if hidden and (whole or finding is None):
        rules = {one["rule"]: one for one in report.get("rules", ())}
        for one in hidden:
            lines.extend(_hidden(one, rules.get(one["rule"], {}), record))
    elif hidden:
        lines.append(f"ignored by rules: {len(hidden)} (--all shows them)")
    folds = record.get("folds", ())
    if folds and whole:
        lines.append(f"accepted as equal: {len(folds)}")
        for fold in folds:
            lines.append(f"  {fold['path'] or '(all)'}: {fold['fact']}")
            lines.extend(_values(fold))
    elif folds:
        lines.append(f"accepted as equal: {len(folds)} (--all shows them)")
    return "\n".join(lines) + "\n"


def _undeclared(value: Told) -> Iterator[str]:
    """A live value that nobody declares: all of it stands in the report."""
    yield f"undeclared: {value['type']} {value['name'] or value['resource_id']}"
    yield f"  {value['path']}"
    yield f"    live      {_json(value['live']) if 'live' in value else 'secret'}"
    yield f"    {value['reason']}; no default is known, so it is no drift and no finding"
    where = value["declared_at"]
    if where:
        line = f":{where['line']}" if where["line"] else ""
        yield f"  declared at {where['file'] or where['source']}{line}, which says nothing of it"
    yield "  to end it: declare it, commit a `drift baseline`, or add a rule under `undeclared:`"


def _head(finding: Told | None, hidden: list[Any]) -> list[str]:
    if finding is None:
        one = hidden[0]
        return [f"ignored {one['kind']}: {one['type']} {one['name'] or one['resource_id']}"]
    name = finding["name"] or finding["resource_id"]
    lines = [
        f"{finding['severity']} {finding['kind']}: {finding['type']} {name}",
        f"  {finding['severity_reason']}",
        f"  owner: {finding['owner'] or NO_OWNER}",
    ]
    where = finding["declared_at"]
    if where:
        place = where["file"] or where["source"]
        lines.append(
            f"  declared at {place}"
            + (f":{where['line']}" if where["line"] else "")
            + (f" ({where['address']})" if where["address"] else "")
        )
        if chain := " → ".join(where.get("via") or ()):
            lines.append(f"  deployed through {visible(chain)}")
        if where.get("by"):
            lines.append(f"  made by {visible(where['by'])}")
    if finding.get("note"):
        lines.append(f"  {visible(finding['note'])}")
    if touched := last_changes.said(finding):
        lines.append(f"  {touched}")
    if by := witnessed.said(finding):
        lines.append(f"  {visible(by)}")
        by = finding["attribution"]
        lines += [f"    {visible(one)}" for one in (by["evidence"], by.get("link")) if one]
    if finding["first_seen"]:
        lines.append(f"  {finding['status']}, first seen {finding['first_seen']}")
    return lines


def _change(change: Told, record: Told) -> Iterator[str]:
    path = change["path"]
    yield (path or "(the whole)") + ("  (not declared, and no known default)" if change["undeclared"] else "")
    line = record.get("lines", {}).get(path)
    if line:
        yield f"    declared on line {line}"
    if change["sensitive"]:
        yield "    secret; it differs"
    else:
        yield from _both(change, record.get("compared", {}).get(path, change))
    if path in record.get("decided", {}):
        yield f"    {record['decided'][path]}"


def _content(finding: Told) -> Iterator[str]:
    """What the resource is, and who may do what by it."""
    for label, value in (finding.get("content") or {}).items():
        for text in value if isinstance(value, list) else [value]:
            yield visible(f"  {label}: {text}")


def _both(change: Told, compared: Told) -> Iterator[str]:
    """Both sides as they were read, line by line where that takes several, and as they were compared."""
    raw = {side: change.get(side, ABSENT) for side in SIDES}
    long = any(_takes_lines(value) for value in raw.values())
    if long:
        yield "    raw, declared (-) and live (+)"
        yield from (f"      {line}" for line in _lines(*raw.values()))
    for side in SIDES:
        if not long:
            yield f"    {side:9} raw        {_json(raw[side])}"
        yield f"    {'' if not long else side:9} canonical  {_json(compared.get(side, ABSENT))}"


def _takes_lines(value: Any) -> bool:
    return value != ABSENT and "\n" in _readable(value).strip() and len(_json(value)) > _SHORT


def _lines(declared: Any, live: Any) -> Iterator[str]:
    """The lines of both sides, what they say where they are documents or base64, with a sign before those of
    one alone."""
    live = live if ABSENT in (declared, live) else texts.ordered_like(live, declared)
    one, other = ([] if said == ABSENT else _readable(said).splitlines() for said in (declared, live))
    for number, line in enumerate(difflib.unified_diff(one, other, lineterm="", n=_AROUND)):
        if not line.startswith("@@"):
            yield from () if line.startswith(("---", "+++")) else (visible(line),)
        elif number > 2:
            yield "…"


def _readable(value: Any) -> str:
    return texts.decoded(value) or texts.pretty(_covered(value))


def _whole(finding: Told, record: Told) -> Iterator[str]:
    side = "declared" if finding["kind"] == "missing" else "live"
    for form in ("raw", "canonical"):
        yield f"    {side:9} {form:9}  {_json(record.get(side, {}).get(form))}"


def _hidden(one: Told, rule: Told, record: Told) -> Iterator[str]:
    owner = f"; {one['owner']} answers for it" if one.get("owner") else ""
    until = f"; until {one['until']}" if one.get("until") else ""
    yield f"ignored by {one['rule']}: {one['reason']}{owner}{until}"
    if one.get("change"):
        yield from (f"  {line}" for line in _change(one["change"], record))


def _values(fold: Told) -> Iterator[str]:
    for side in SIDES:
        yield f"    {side:9} {_json(fold.get(side, ABSENT))}"


def _folder(run: str, report: dict[str, Any]) -> Path:
    path = Path(run)
    if path.is_file():
        return path.parent
    return path if path.is_dir() else runs.DEFAULT / str(report["run"]["id"])


def _evidence(folder: Path, finding_id: str) -> dict[str, Any]:
    path = folder / runs.EVIDENCE
    try:
        with (
            reading.opened(path, str(path), DriftError) as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        ):
            lines = io.BufferedReader(stream)
            while line := lines.readline(_LONGEST):
                record: dict[str, Any] = orjson.loads(line)
                if record["finding"] == finding_id:
                    return record
    except (zstandard.ZstdError, orjson.JSONDecodeError) as error:
        raise DriftError(f"{path}: the evidence can't be read: {error}") from error
    raise DriftError(f"{path}: holds no evidence of {finding_id}")


def _json(value: Any) -> str:
    if value == ABSENT:
        return ABSENT
    return orjson.dumps(_covered(value), option=orjson.OPT_SORT_KEYS).decode()


def _covered(value: Any) -> Any:
    """The value without the hashes of secrets."""
    if isinstance(value, dict):
        return "(secret)" if set(value) == {"$secret"} else {key: _covered(one) for key, one in value.items()}
    return [_covered(one) for one in value] if isinstance(value, list) else value
