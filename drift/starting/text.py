"""Writes what was found as a commented drift.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from drift import plugins, reading
from drift.redaction import told
from drift.starting.looking import Entry, Looked, strange_shown

_HEAD = """\
# drift.yaml, proposed by `drift init`: read it, correct it, then run `drift preflight`.
# All keys: docs/reference/configuration.md. No secret belongs here: ${NAME} takes a variable's value.
version: 1
"""
_TAIL = """
# Secrets are hashed with this key, so that a change of one is seen from run to run: any long random text.
# redaction: {key: "${DRIFT_REDACTION_KEY}"}

# What a run may take; what is not read by then is unread in the report.
# deadline: 50m

# Who gets a mail about what is new.
# mail: {sender: drift@example.org, to: [team@example.org], via: {smtp: {host: mail.example.org}}}
"""


def text(found: Looked) -> str:
    """The file. It parses, whatever was found."""
    lines = [_HEAD, *_declared(found), "", *_live(found)]
    return "\n".join(lines) + "\n" + _TAIL


def _declared(found: Looked) -> Iterator[str]:
    """What is declared; what is in doubt stands as a comment, with the reason."""
    sure = [one for one in found.entries if not one.doubt]
    yield "# What Git declares. What a path holds is recognised by its content."
    if sure:
        yield "declared:"
        for one in sure:
            yield from _entry(one)
    else:
        yield "declared: []   # nothing was found that declares something by itself"
    doubtful: dict[str, list[Entry]] = {}
    for one in found.entries:
        if one.doubt:
            doubtful.setdefault(one.doubt, []).append(one)
    if doubtful:
        yield ""
    alone = [several[0] for several in doubtful.values() if len(several) == 1]
    for doubt, entries in doubtful.items():
        if len(entries) > 1:
            yield f"# Found, and left out until somebody says more: {_plain(doubt)}:"
        for one in entries if len(entries) > 1 else ():
            yield from (f"#   {line.strip()}" for line in _entry(one, bare=True))
    if alone:
        yield "# Found, and left out until somebody says more, each for a reason of its own:"
    for one in alone:
        yield from (f"#   {line.strip()}" for line in _entry(one, bare=True))
        yield f"#     {_plain(one.doubt)}"
    advised: dict[str, list[str]] = {}
    for path, advice in sorted(found.advised().items()):
        advised.setdefault(advice, []).append(path)
    for advice, paths in advised.items():
        yield "#"
        yield f"# Not read as it is: {_plain(advice)}:"
        yield from (f"#   {_line(one)}" for one in strange_shown(paths))
    strange = found.not_understood()
    if strange:
        yield "#"
        yield "# Not understood, and left out:"
        yield from (f"#   {_line(one)}" for one in strange_shown(strange))
    yield from (f"# Note: {_plain(note)}" for note in found.notes)


def _entry(entry: Entry, *, bare: bool = False) -> Iterator[str]:
    source = f"   # {', '.join(entry.sources)}" if not entry.forced else ""
    yield f"  - path: {_scalar(entry.path)}{source}"
    if entry.forced:
        yield f"    source: {_scalar(entry.sources[0])}   # others read it, too"
    for name, value in entry.options.items():
        yield f"    {name}: {_scalar(value)}"
    if not bare:
        for name, what in entry.needs.items():
            yield f"    # {name}:   # {_plain(what)}"


def _live(found: Looked) -> Iterator[str]:
    yield "# Where to look. What is not named is not read; credentials come from the SDKs' own chains."
    asked = {name: one for name, one in found.proposals.items() if one.asked}
    if not asked:
        names = ", ".join(plugins.names("providers"))
        yield f"live: {{}}   # name one: {names}"
    else:
        yield "live:"
    for name, one in asked.items():
        yield from (f"  # {_line(line)}" for line in one.comments)
        yield f"  {name}: {_flow(one.section)}"
    for name, one in found.proposals.items():
        if not one.asked:
            yield from (f"  # {_line(line)}" for line in one.comments)
            yield f"  # {name}: {_flow(one.section)}"


def _scalar(value: str) -> str:
    """A text of YAML on one line; a path of which no text says it, as people are shown it."""
    value = f"./{value}" if value.startswith("~") else reading.shown(value)
    told = yaml.safe_dump(
        value, width=10**6, allow_unicode=True, default_style=None if value.isprintable() else '"'
    )
    return str(told).removesuffix("...\n").strip()


def _flow(value: Any) -> str:
    return str(
        yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
    ).strip()


def _plain(said: str) -> str:
    """What is told in a comment, on one line and without what it calls a secret; paths and names of sources
    stay as they are, whatever they are called."""
    return told(_line(said))


def _line(said: str) -> str:
    """One line for a comment."""
    return " ".join(reading.shown(said).split())
