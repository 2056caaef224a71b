"""The report as a mail: a text worth reading, the same as HTML that every mail program shows, the HTML report
attached."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any, BinaryIO

from drift.renderer import Letter
from reports import chart, letter_text, markdown
from reports.glance import Glance
from reports.html import HtmlReport, environment, text_of
from reports.letter import Limits, around, cut, subject
from reports.moments import parse_time

#: What a body may have: Gmail cuts one at 102 kB, and old programs crawl over many elements.
MOST_BYTES, MOST_ELEMENTS = 90_000, 3_000
#: Above so many bytes an attached report is packed, and, as it travels, left out.
ZIPPED_ABOVE, LINKED_ABOVE = 5_000_000, 20_000_000
_CID = "trend@drift"
_ELEMENT = re.compile(r"<[a-zA-Z]")


class MailReport:
    """Writes a whole mail (``.eml``), to look at before one is sent."""

    name = "mail"
    suffix = "eml"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write the mail of ``report`` to ``out``, addressed to nobody."""
        message = self.compose(report, Letter())
        run = report.get("run") or {}
        moment = parse_time(run.get("finished_at") or run.get("started_at"))
        if moment is not None:
            message["Date"] = format_datetime(moment)
        out.write(message.as_bytes())

    def compose(self, report: Mapping[str, Any], letter: Letter) -> EmailMessage:
        """The mail, without addresses, date and identity."""
        message = EmailMessage(policy=SMTP)
        glance = Glance(report)
        message["Subject"] = subject(glance, letter)
        attached = _attachment(report, letter.page)
        told, html = _bodies(glance, letter, attached is not None)
        message.set_content(letter_text.text(told), cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        if told["trend"]:
            alternative = message.get_payload()[1]  # type: ignore[index]
            alternative.add_related(  # type: ignore[union-attr]
                chart.trend(told["trend"]), "image", "png", cid=f"<{_CID}>", filename="trend.png"
            )
        if attached is not None:
            name, content = attached
            kind = ("application", "zip") if name.endswith(".zip") else ("text", "html")
            message.add_attachment(content, *kind, filename=name)
        return _bounded(message)

    def note(self, report: Mapping[str, Any], letter: Letter) -> tuple[str, str]:
        """Subject and text for a chat, within what each of them takes (Discord: 2,000 characters)."""
        glance = Glance(report)
        return subject(glance, letter), markdown.note(glance, letter)

    def failure(self, error: str, run: Mapping[str, Any]) -> EmailMessage:
        """The mail of a run that ended without a report."""
        message = EmailMessage(policy=SMTP)
        where = cut(run.get("environment"), 60)
        message["Subject"] = " · ".join(filter(None, ("the run failed", where)))
        told = {
            "error": cut(error, 2_000),
            "environment": where,
            "finished": cut(run.get("started_at"), 40),
            "version": cut(run.get("version"), 20),
        }
        message.set_content(letter_text.failure(told), cte="quoted-printable")
        html = _inlined("mail_failure.html.j2", told)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        return _bounded(message)


def _bodies(glance: Glance, letter: Letter, attached: bool) -> tuple[dict[str, Any], str]:
    """What the mail says, and its HTML, with as many findings as fit."""
    limits = Limits()
    while True:
        told = {**around(glance, letter, limits), "attached": attached}
        html = _inlined("mail.html.j2", told)
        fits = len(html.encode()) < MOST_BYTES and len(_ELEMENT.findall(html)) < MOST_ELEMENTS
        if fits or limits == limits.less():
            return told, html
        limits = limits.less()


def _inlined(template: str, told: Mapping[str, Any]) -> str:
    made = (
        environment()
        .get_template(template)
        .render(**told, cid=_CID, chart_width=chart.WIDTH, chart_height=chart.HEIGHT)
    )
    tidy = re.sub(r">\s*\n\s*<", ">\n<", made)
    inlined: str = _inliner().inline(tidy.encode("utf-8", "backslashreplace").decode())
    return inlined


@cache
def _inliner() -> Any:
    import css_inline

    return css_inline.CSSInliner(
        extra_css=text_of("mail.css"), keep_at_rules=True, minify_css=True, load_remote_stylesheets=False
    )


def _attachment(report: Mapping[str, Any], page: bytes | None) -> tuple[str, bytes] | None:
    """The HTML report with its name, packed where it is large; None where it is too large for a mail."""
    name, content = "report.html", page
    if content is None:
        made = io.BytesIO()
        HtmlReport().render(report, made)
        content = made.getvalue()
    if len(content) > ZIPPED_ABOVE:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        name, content = "report.html.zip", packed.getvalue()
    return (name, content) if len(content) * 4 / 3 <= LINKED_ABOVE else None


def _bounded(message: EmailMessage) -> EmailMessage:
    """The mail with boundaries that are the same for the same mail."""
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            told = f"{message['Subject']}\n{number}".encode()
            part.set_boundary(f"=_drift_{hashlib.sha256(told).hexdigest()[:32]}")
        elif "MIME-Version" in part and part is not message:
            del part["MIME-Version"]
    return message
