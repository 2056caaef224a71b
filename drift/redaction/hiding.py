"""Hides a value by a hash with one key, whole or leaf by leaf, and knows it from then on."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from drift.model import Sensitive, Unresolved
from drift.redaction.guess import (
    secret_name,
)
from drift.redaction.known import Known, leaves
from drift.redaction.whole import (
    is_secret,
)


class Hiding:
    """What one key hides. ``key`` None: a random one, so hashes can't be compared with another run's.
    ``known`` is all that was found to be secret, ``key_id`` says by which key it is hidden."""

    def __init__(self, key: str | bytes | None = None) -> None:
        given = key.encode() if isinstance(key, str) else key
        self._key = given or secrets.token_bytes(32)
        self.known = Known(self.mark)
        self.key_id = hashlib.sha256(b"drift key id" + self._key).hexdigest()[:12]

    def hide(self, value: Any, known: Iterable[str] = ()) -> dict[str, Any]:
        """``{"$secret": {"key": KEYID, "hmac": …}}`` of a value; equal values give equal results. ``known``:
        what of it is surely secret, wherever else in the run it stands."""
        if is_secret(value):
            return dict(value)
        self.known.update(known)
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        return {"$secret": {"key": self.key_id, "hmac": digest}}

    def mark(self, name: str) -> str:
        """What stands within a text, or for a name, in place of a secret."""
        return f"$secret:{self.hide(name)['$secret']['hmac'][:16]}"

    def knows(self, text: str) -> None:
        """Hides a text, or the members of one that is a JSON document, wherever it stands from now on."""
        for one in {text, *leaves("", text)}:
            self.known.add(one, sure=True)

    def cover(self, value: Any, texts: Collection[str]) -> Any:
        """The value with every text hidden that holds one of ``texts``; the same object where none does."""
        if isinstance(value, dict):
            if is_secret(value):
                return value
            covered = {key: self.cover(item, texts) for key, item in value.items()}
            if all(covered[key] is item for key, item in value.items()):
                return value
            return type(value)(covered)
        if isinstance(value, list):
            members = [self.cover(item, texts) for item in value]
            return members if any(new is not old for new, old in zip(members, value, strict=True)) else value
        if isinstance(value, str) and any(text in value for text in texts):
            return self.hide(value)
        return value

    def _named(self, value: dict[str, Any], known: Collection[str] = ()) -> dict[str, Any] | None:
        """The object with every name replaced that is a secret; None where none is."""
        secret = {key for key in value if secret_name(key) or any(text in key for text in known)}
        if not secret:
            return None
        return {self.mark(key) if key in secret else key: item for key, item in value.items()}

    def _all(self, value: Any, name: str = "", *, surely: bool = True) -> Any:
        """Every leaf hidden, so that the shape (which variable) can still be told; ``surely``: each is a
        secret, and not only hidden in case that it is one."""
        if isinstance(value, (Unresolved, type(None))) or is_secret(value):
            return value
        if isinstance(value, Sensitive):
            return self._all(value.value, name)
        if isinstance(value, dict):
            named = self._named(value) or value
            return {key: self._all(item, key, surely=surely) for key, item in named.items()}
        if isinstance(value, list):
            return [self._all(item, name, surely=surely) for item in value]
        return self.hide(value, leaves(name, value) if surely else ())
