"""A mail ready to be sent: addresses, identity, thread, and what tells machines that a machine wrote it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from drift import plugins
from drift.channel import Message
from drift.config.delivery import ALL, Mail
from drift.renderer import Letter

#: So many addresses a mail shows; more are a list whose members need not know each other.
_SHOWN = 40
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


def of_report(
    report: Mapping[str, Any],
    mail: Mail,
    group: str,
    to: Sequence[str],
    now: datetime,
    *,
    remarks: tuple[str, ...] = (),
    weekly: bool = False,
    again: bool = False,
    page: bytes | None = None,
) -> Message:
    """The mail of a report to the addresses of a group; ``again``: it is no copy of one that was sent;
    ``page`` is its HTML where that is written already."""
    run = report["run"]
    url = mail.report_url and mail.report_url.replace("{run}", _UNSAFE.sub("-", str(run["id"])))
    letter = Letter(() if group == ALL else (group,), url, remarks, weekly, page)
    made = plugins.mail_page().compose(report, letter)
    extra = secrets.token_hex(4) if again else ""
    return _addressed(made, mail, group, to, now, str(run["environment"]), f"{run['id']}{extra}")


def of_failure(error: str, mail: Mail, to: Sequence[str], now: datetime, run: Mapping[str, Any]) -> Message:
    """The mail of a run that ended without a report."""
    made = plugins.mail_page().failure(error, run)
    identity = f"failed-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    return _addressed(made, mail, ALL, to, now, str(run["environment"]), identity)


def _addressed(
    made: EmailMessage,
    mail: Mail,
    group: str,
    to: Sequence[str],
    now: datetime,
    environment: str,
    identity: str,
) -> Message:
    domain = mail.sender.rpartition("@")[2]
    whose = hashlib.sha256(f"{group}\n{','.join(to)}".encode()).hexdigest()[:8]
    id_ = f"{_UNSAFE.sub('-', identity)}.{whose}"
    # Every mail answers the same one, which was never sent: mail programs show one thread an environment.
    thread = f"<drift.{hashlib.sha256(environment.encode()).hexdigest()[:16]}@{domain}>"
    headers = {
        "From": f"drift <{mail.sender}>",
        "To": ", ".join(to) if len(to) <= _SHOWN else "undisclosed-recipients:;",
        "Date": format_datetime(now),
        "Message-ID": f"<{id_}@{domain}>",
        "In-Reply-To": thread,
        "References": thread,
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "All",
    }
    if mail.list_id:
        headers["List-Id"] = f"<{mail.list_id}>"
    if mail.unsubscribe:
        headers["List-Unsubscribe"] = ", ".join(f"<{one}>" for one in mail.unsubscribe)
    for name, value in headers.items():
        made[name] = value
    return Message(
        id_, str(made["Subject"]), sender=mail.sender, recipients=tuple(to), content=made.as_bytes()
    )
