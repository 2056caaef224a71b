"""Hands a mail to a mail server, some recipients at a time, and knows at each moment who has it."""

from __future__ import annotations

import re
import smtplib
import threading
from dataclasses import dataclass, field

#: So many recipients a server takes of one mail at least; Source: RFC 5321, 4.5.3.1.8.
AT_ONCE = 100
#: For how long a server may think about a mail that it has: ten minutes by RFC 5321, 4.5.3.2.6.
_THINKS_SECONDS = 600.0
_TAKES = 250
_GO_ON = 354
_ENDS = 421


class Stopped(Exception):
    """Whoever waited for the sending waits no more."""


@dataclass
class Handover:
    """Who has a mail, who was refused and why, and who may have it: of them the server got it whole and never
    said what it did with it. Safe to look at while another thread sends."""

    refused: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    _stopped: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def stop(self) -> None:
        """From now on nothing is handed over that is not already."""
        with self._lock:
            self._stopped = True

    def left(self, to: tuple[str, ...]) -> tuple[str, ...]:
        """Who of the recipients has it for sure not, and was not refused for good."""
        return tuple(one for one in to if one not in self.taken | self.doubtful | self.refused.keys())

    def send(self, server: smtplib.SMTP, sender: str, to: tuple[str, ...], content: bytes) -> None:
        """Hands it to all. Raises smtplib.SMTPException, OSError, or Stopped; what was done until then is
        known."""
        server.ehlo_or_helo_if_needed()
        for start in range(0, len(to), AT_ONCE):
            self._part(server, sender, to[start : start + AT_ONCE], content)

    def _part(self, server: smtplib.SMTP, sender: str, to: tuple[str, ...], content: bytes) -> None:
        size = [f"size={len(content)}"] if server.has_extn("size") else []
        code, said = server.mail(sender, size)
        if code != _TAKES:
            _reset(server, code)
            raise smtplib.SMTPSenderRefused(code, said, sender)
        accepted: list[str] = []
        for one in to:
            code, said = server.rcpt(one)
            if code == _ENDS:
                server.close()
                raise smtplib.SMTPResponseException(code, said)
            if code in (_TAKES, 251):
                accepted.append(one)
            else:
                self.refused[one] = code, said
        if not accepted:
            _reset(server, code)
            return
        code, said = server.docmd("DATA")
        if code != _GO_ON:
            _reset(server, code)
            raise smtplib.SMTPDataError(code, said)
        lines = re.sub(rb"(?m)^\.", b"..", content)
        server.send(lines if lines.endswith(b"\r\n") else lines + b"\r\n")
        self._end(server, accepted)

    def _end(self, server: smtplib.SMTP, accepted: list[str]) -> None:
        """Ends the mail, which hands it over, and hears what became of it."""
        with self._lock:
            if self._stopped:
                server.close()
                raise Stopped
            self.doubtful.update(accepted)
        assert server.sock is not None
        server.sock.settimeout(_THINKS_SECONDS)
        server.send(b".\r\n")
        code, said = server.getreply()
        server.sock.settimeout(server.timeout)
        with self._lock:
            self.doubtful.difference_update(accepted)
            if code == _TAKES:
                self.taken.update(accepted)
                return
        _reset(server, code)
        raise smtplib.SMTPDataError(code, said)


def _reset(server: smtplib.SMTP, code: int) -> None:
    """Ends what was begun with a server, which may end the connection itself."""
    if code == _ENDS:
        server.close()
    else:
        server.rset()
