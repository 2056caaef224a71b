"""Which addresses and refs are given to git, and how they are told without what logs in with them."""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl, unquote

from drift.errors import DeclaredError

#: The transports that may be used: those that git calls safe, and AWS CodeCommit's.
#: Source: git-config(1), `protocol.allow`; never those that run a command that the address names (ext, fd).
TRANSPORTS = ("http", "https", "ssh", "git", "file", "codecommit")
_SPELLINGS = {"git+ssh": "ssh", "ssh+git": "ssh"}
_COMMANDS = frozenset({"ext", "fd"})
_SCHEME = re.compile(r"([A-Za-z0-9][A-Za-z0-9+.-]*)(?:::|://)")
# git-check-ref-format(1), and what makes a refspec, a pattern or an option of a name.
_NO_REF = re.compile(r"^[-+/.^]|[\x00-\x20\x7f:?*\[\\^~]|\.\.|@\{|//|/\.|\.lock(?:/|$)|[/.]$")
# A password may hold an @, and a / where nobody escaped it: then what follows the colon is no port.
_USERINFO = re.compile(r"(?<=://)(?:[^/\s'\"]*|[^/\s'\":@]*:(?!\d*(?:[/\s'\"]|$))[^\s'\"]*)@")
_SHORT_USERINFO = re.compile(r"(?<![\w/:.@-])[^\s/:@'\"]+:[^\s/@'\"]+@(?=[\w.-]+:)")
_QUERY = re.compile(r"(://[^\s'\"?#]*)[?#][^\s'\"]*")
_MIN_SECRET = 4


def check(url: str, ref: str | None) -> None:
    """Raises DeclaredError for an address or a ref that git could take for something else."""
    name = shown(url)
    if url.startswith("-") or (ref or "").startswith("-"):
        raise DeclaredError(f"{name}: neither URL nor ref may begin with a dash")
    if not url or not url.isprintable():
        raise DeclaredError(f"{name!r}: the URL is empty or has control characters; correct `git`")
    if ref is not None and (not ref.isprintable() or _NO_REF.search(ref) or not ref):
        raise DeclaredError(f"{name}: {ref!r} is no branch, tag or commit; correct `ref`")
    scheme = _SCHEME.match(url)
    if scheme and _SPELLINGS.get(scheme[1].lower(), scheme[1].lower()) not in allowed():
        raise DeclaredError(
            f"{name}: the transport {scheme[1]!r} is not allowed; use one of {', '.join(allowed())}"
        )


def allowed() -> list[str]:
    """The transports that git may use: the user's GIT_ALLOW_PROTOCOL where it is set, but no commands."""
    own = os.environ.get("GIT_ALLOW_PROTOCOL")
    names = own.split(":") if own is not None else TRANSPORTS
    return [name for name in names if name and name not in _COMMANDS]


def without_password(url: str) -> str:
    """The URL without user, password, query and fragment; so each URL of a text."""
    return _QUERY.sub(r"\1", _SHORT_USERINFO.sub("", _USERINFO.sub("", url)))


def shown(text: str) -> str:
    """A text in one line, without what logs in at an address and without what steers a terminal."""
    return without_password("".join(char if char.isprintable() else " " for char in text)).strip()


def hidden(text: str, url: str) -> str:
    """The text as :func:`shown`, and without the password, token and query of ``url`` wherever they stand."""
    text = shown(text)
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _secrets(url: str) -> set[str]:
    """What in an address logs in, as written and as meant. A user counts where no password is beside it."""
    found: list[str] = []
    if userinfo := _USERINFO.search(url) or _SHORT_USERINFO.search(url):
        user, _, password = userinfo[0].removesuffix("@").partition(":")
        found.append(password or user)
    query = re.split(r"[?#]", url, maxsplit=1)
    if len(query) == 2:
        found.append(query[1])
        found += [value for _, value in parse_qsl(query[1])]
    return {each for secret in found for each in (secret, unquote(secret)) if len(each) >= _MIN_SECRET}
