"""User data and public keys, which EC2 and its tools spell in several ways."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_DIGEST = re.compile(r"[0-9a-f]{40}", re.ASCII)
_PUBLIC_KEY = re.compile(
    r"\s*((?:ssh|ecdsa|sk)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/=]+)(?:\s.*)?", re.ASCII | re.DOTALL
)


def _user_data(value: Any, context: Context) -> Canonical:
    """The SHA-1 digest of what an instance is told: of the text, or of what its base64 encodes.

    Terraform's provider (up to version 5) keeps only that digest in its state (``userDataHashSum``), so it is
    the one form that all sides can be brought to.

    >>> _user_data("aGVsbG8=", Context()) == _user_data("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", Context())
    True
    """
    if not isinstance(value, str) or not value or _DIGEST.fullmatch(value):
        return value
    try:
        content = base64.b64decode("".join(value.split()), validate=True)
    except ValueError:
        content = value.encode(errors="surrogatepass")
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _ssh_public_key(value: Any, context: Context) -> Canonical:
    """A public key in OpenSSH's format without its comment, which EC2 replaces by the key pair's name."""
    match = _PUBLIC_KEY.fullmatch(value) if isinstance(value, str) else None
    return f"{match[1]} {match[2]}" if match else value


USER_DATA = Kind("user-data", _user_data)
SSH_PUBLIC_KEY = Kind("ssh-public-key", _ssh_public_key)
