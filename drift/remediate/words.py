"""What a pull request or an issue says: what is different, since when, who did it, why this is done, and how
to undo it. Whatever stands in a name or a value is shown as text, and calls nobody."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drift.editor import Edit, NotEdited, Place, Restoring
from drift.finding import Change
from drift.markdown import block, code, plain
from drift.model import DEFAULT_ENVIRONMENT, MISSING
from drift.remediate.plan import Group, Planned
from drift.visible import visible

#: So many findings are told of with before and after; the others in a line.
_TOLD = 25
_CHANGES = 12
_VALUE = 600
_TITLE = 120
#: What calls somebody, or with a word such as "fixes" closes an issue, in a title or a commit's message,
#: where nothing can be escaped (GitHub, "Linking a pull request to an issue using a keyword"; GitLab alike).
_CALLS = re.compile(r"(?<!\w)@(?=\w)")
_CLOSES = re.compile(r"#(?=\d)|(?<!\w)GH-(?=\d)", re.I)
_BEGINS = "<!-- drift: "
_MARK = re.compile(r"<!-- drift: (\{.*\}) -->\s*")


def title(group: Group, verb: str, environment: str) -> str:
    """The first line: what is done with how much, where."""
    count = len(group.members)
    where = f" ({environment})" if environment not in ("", DEFAULT_ENVIRONMENT) else ""
    if count == 1:
        finding = group.members[0].finding
        what = finding.resource.name or finding.resource.id or finding.resource.type
        said = f"{verb} {_kind(finding.resource.type)} {what}{where}"
    else:
        said = f"{verb} {count} findings of {group.name}{where}"
    said = _CALLS.sub("(at)", visible(" ".join(said.split())))
    said = _CLOSES.sub("no. ", said)
    return said if len(said) <= _TITLE else said[: _TITLE - 1] + "…"


def body(
    group: Group,
    edits: Mapping[str, Sequence[Edit]],
    run: Mapping[str, Any],
    mark: Mapping[str, Any],
) -> str:
    """The text of a pull request, which ends with a line that only machines read."""
    count = len(group.members)
    parts = [*_lead(group)]
    for number, one in enumerate(group.members):
        if number == _TOLD:
            parts.append(f"\n### And {count - _TOLD} more\n\n")
        if number < _TOLD:
            parts += _told(one, edits.get(one.id, ()))
            for then in (edit.then for edit in edits.get(one.id, ()) if edit.then is not None):
                parts += ["\nOnce this is merged:\n", *_by_hand(then)]
        else:
            parts.append(f"- {_name(one)}\n")
    if group.rest:
        parts.append(
            f"\n{len(group.rest)} more of this group follow when this is merged (`remediate.max_changes`).\n"
        )
    parts.append(
        "\n**To undo it**, close this pull request: it is not opened again until the difference is another "
        "one. Once it is merged, revert the merge.\n"
    )
    parts.append(f"\n{_from(run)}\n")
    return "".join(parts) + f"\n{marked(mark)}"


def _lead(group: Group) -> Iterator[str]:
    """What merging does, and how it is known."""
    accepted = sum(one.chosen.action == "accept" for one in group.members)
    adopted = len(group.members) - accepted
    if adopted:
        yield "Git is changed to say what is live. Merging this touches nothing live.\n"
    if accepted:
        these = "one finding" if accepted == 1 else f"{accepted} findings"
        yield f"\nA rule accepts {these}, with reason and last day: until then nobody is told.\n"
    yield (
        "\nThe edited files were read again and compared with the same live state: what is listed here is "
        "mended, or waits only to be applied, and nothing else became different.\n"
    )


def issue(
    group: Group,
    restoring: Mapping[str, Restoring | None],
    run: Mapping[str, Any],
    mark: Mapping[str, Any],
) -> str:
    """The text of an issue: what a person is to restore, and by which commands."""
    parts = ["Git is right about these, and the live side is not. Nothing was changed; to restore it:\n"]
    for number, one in enumerate(group.members):
        if number == _TOLD:
            parts.append(f"\n### And {len(group.members) - _TOLD} more\n\n")
        if number >= _TOLD:
            parts.append(f"- {_name(one)}\n")
            continue
        parts += _told(one, ())
        parts += _commands(one, restoring.get(one.id))
    parts.append(f"\n{_from(run)}\n")
    return "".join(parts) + f"\n{marked(mark)}"


def closing(reason: str) -> str:
    """What is said where a pull request or an issue of ours is closed."""
    return f"{plain(reason)}\n"


def _told(one: Planned, edits: Sequence[Edit]) -> Iterator[str]:
    finding = one.finding
    yield f"\n### {finding.severity}: {_name(one)}\n\n"
    yield f"{plain(finding.severity_reason)}\n"
    changes = finding.changes
    for change in changes[:_CHANGES]:
        yield f"\n{code(change.path)}\n"
        yield block(_lines(change), "diff")
    if len(changes) > _CHANGES:
        yield f"\nand {len(changes) - _CHANGES} more values\n"
    if finding.kind != "changed":
        yield f"\n{'Nobody declares it.' if finding.kind == 'unmanaged' else 'It does not exist.'}\n"
        for label, said in list(finding.content.items())[:8]:
            text = ", ".join(map(str, said)) if isinstance(said, (list, tuple)) else str(said)
            yield f"- {plain(label)}: {code(_short(text))}\n"
    yield "\n"
    yield from (f"- {said}\n" for said in _facts(one, edits))


def _facts(one: Planned, edits: Sequence[Edit]) -> Iterator[str]:
    finding, told = one.finding, one.told
    since = (told.get("history") or {}).get("since") or told.get("first_seen")
    if since:
        yield f"Since: {plain(since)}"
    who = finding.attribution
    if who is not None:
        sure = "" if who.certain else "one of those who may have: "
        when = f", {plain(who.time)}" if who.time else ""
        yield f"Who: {sure}{code(who.actor)} ({plain(who.event)}{when}); {plain(who.evidence)}"
    declared = finding.declared
    if declared is not None and declared.origin is not None:
        yield f"Declared: {code(str(declared.origin))}"
    owner = finding.owner
    if owner:
        yield f"Owner: {code(owner)}"
    yield f"Why this: {plain(one.chosen.why)}"
    for edit in edits:
        yield f"Edit: {plain(edit.says)}"
    console = (told.get("links") or {}).get("console")
    if console:
        yield f"[Look at it](<{str(console).replace('>', '%3E')}>)"
    yield f"Evidence: {code(f'drift explain {one.id}')}"


def _commands(one: Planned, restoring: Restoring | None) -> Iterator[str]:
    if one.finding.kind == "unmanaged":
        yield "\nNo command is given: a deletion can't be undone. What it would take away is listed above.\n"
        return
    if restoring is None:
        yield "\nNo exact command is known for it; apply its declaration as you do otherwise.\n"
        return
    yield from _by_hand(restoring)


def _by_hand(restoring: Restoring) -> Iterator[str]:
    where = [] if restoring.folder in (".", "") else [f"cd {shlex.quote(restoring.folder)}"]
    yield block([*where, *(visible(shlex.join(words)) for words in restoring.commands)], "sh")
    yield f"\n{plain(restoring.does)}\n"


def _name(one: Planned) -> str:
    resource = one.finding.resource
    place = " ".join(filter(None, (resource.scope, resource.region)))
    return f"{code(resource.name or resource.id or '?')} {code(resource.type)} in {code(place)}"


def _lines(change: Change) -> list[str]:
    if change.sensitive:
        return ["- (a secret)", "+ (another secret)"]
    raw = change.raw
    sides = (("-", raw.declared if raw else change.declared), ("+", raw.live if raw else change.live))
    return [f"{sign} {line}" for sign, value in sides for line in _value(value)]


def _value(value: Any) -> list[str]:
    if value is MISSING:
        return ["(nothing)"]
    said = (
        json.dumps(value, indent=2, ensure_ascii=False, default=str) if not isinstance(value, str) else value
    )
    return [visible(line) for line in _short(said).split("\n")]


def _short(text: str) -> str:
    return text if len(text) <= _VALUE else f"{text[:_VALUE]} … ({len(text):,} characters)"


def _kind(type_: str) -> str:
    return re.split(r"[/:.]", type_)[-1]


def _from(run: Mapping[str, Any]) -> str:
    said = f"From run {code(run.get('id', ''))} of {plain(run.get('started_at', ''))}"
    link = run.get("url")
    return f"{said}, [the report](<{link}>)." if link else f"{said}."


def marked(mark: Mapping[str, Any]) -> str:
    """The line that only machines read, at the end of a body."""
    said = json.dumps(mark, sort_keys=True, separators=(",", ":")).replace("--", "\\u002d\\u002d")
    return f"<!-- drift: {said} -->"


def mark_of(text: str) -> dict[str, Any] | None:
    """What such a line says; None where there is none, or somebody changed it."""
    # The last one: what stands before it may be a name that looks like one.
    at = text.rfind(_BEGINS)
    found = None if at < 0 else _MARK.fullmatch(text, at)
    if found is None:
        return None
    try:
        told = json.loads(found[1])
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def described(places: Iterable[Place], inside: Any) -> list[str]:
    """Lines to look at, for people: ``file:line``."""
    found = []
    for place in places:
        try:
            name = inside(place.file) if place.file.is_absolute() else place.file.as_posix()
        except NotEdited:  # it lies elsewhere
            name = place.file.name
        found.append(f"{name}:{place.line}" if place.line else name)
    return found
