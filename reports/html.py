"""The HTML report: one file that opens anywhere, offline, and says first what drifted and what could not be
read."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from drift.store import kept
from drift.visible import visible
from reports import body, change, index, page, view
from reports.finding import columns, row
from reports.packed import pack
from reports.tree import el, html

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Limits:
    """How much goes into one file, so that it opens. Whatever is left out is said on the page.

    ``readable`` findings and ``readable_bytes`` are plain HTML, which needs no script. All of them lie
    compressed beside it, up to ``packed_bytes``, and are drawn as they come into view. Search reads the
    values of as many as have ``words`` characters, and the names of all. Lists around the findings have
    ``rows`` entries.
    """

    readable: int = 200
    readable_bytes: int = 3_000_000
    packed_bytes: int = 16_000_000
    words: int = 60_000_000
    rows: int = 1_000
    cells: int = 3_000


class HtmlReport:
    """Writes one self-contained HTML file: the severest findings as plain HTML, all of them with its
    script."""

    name = "html"
    suffix = "html"

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``. The same report gives the same bytes: no clock is asked."""
        limits, run = self._limits, report.get("run") or {}
        with kept():  # trees have no cycles, and looking through a large report takes longer than writing it
            findings = view.ordered(report.get("findings") or [])
            write(
                out,
                "report.html.j2",
                **page.around(report, limits.rows, limits.cells),
                plain=self._plain(findings, run),
                packed=pack(findings, run, most=limits.packed_bytes, values=limits.words),
            )

    def index(self, runs: Iterable[tuple[str, Mapping[str, Any]]], left_out: int, out: BinaryIO) -> None:
        """Write the page of a folder of runs: (name of its folder, report) pairs, the newest first."""
        write(out, "index.html.j2", script_of=None, **index.around(runs, left_out))

    def _plain(self, findings: Sequence[Mapping[str, Any]], run: Mapping[str, Any]) -> list[Markup]:
        size, drawn = 0, []
        for finding in findings[: self._limits.readable]:
            said = columns(finding, run)
            opens = el("div", body.body(finding, run, said, change.tree), id=said["id"])
            drawn.append(html(el("li.finding", el("details", row(said), opens))))
            size += len(drawn[-1])
            if size > self._limits.readable_bytes:
                break
        return drawn


def write(out: BinaryIO, template: str, script_of: str | None = "report.js", **said: Any) -> None:
    """A page of ``template`` with the style and its script, and a policy that lets nothing else run."""
    style = text_of("report.css")
    script = text_of(script_of) if script_of else ""
    made = environment().get_template(template)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    for part in made.generate(**said, style=Markup(style), script=Markup(script), policy=Markup(policy)):  # noqa: S704
        out.write(part.encode("utf-8", "backslashreplace"))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def text_of(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["visible"] = visible
    made.filters["nobreak"] = lambda text: re.sub(r"(?<=\d) ", "\u00a0", text)
    made.filters["name_of"] = view.name_of
    made.filters["place_of"] = view.place_of
    made.filters["count"] = view.count
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["lines"] = _lines
    return made


def _lines(text: str, begins: bool = True) -> Markup:
    """Text as HTML that keeps its lines and, of each, the spaces it begins with, which mail programs drop
    whatever a style says; ``begins`` says whether it begins a line."""
    kept = re.sub(
        r"(?m)^[ \t]+" if begins else r"(?<=\n)[ \t]+",
        lambda found: "\u00a0" * len(found[0].expandtabs(4)),
        text,
    )
    return Markup("<br>").join(escape(kept).split("\n"))  # noqa: S704
