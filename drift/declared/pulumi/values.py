"""What stands in an export for a value that is none of JSON's: secrets, files, references, what is not
known.

Source: github.com/pulumi/pulumi, sdk/go/common/resource/{sig,properties}.go, and asset and archive there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from drift.model import Unresolved

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
_FILES = frozenset({"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"})
#: A value that an engine did not know yet, by its type (bool, number, text, list, …).
_UNKNOWN = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)  # fmt: skip
#: Names that begin so are the bridge's own.
OWN = "__"
DEFAULTS = "__defaults"

HIDDEN = Unresolved("a secret of Pulumi's, of which the export holds the encrypted text only")
FILE = Unresolved("a file that Pulumi uploaded, of which the export holds a hash only")
LATER = Unresolved("not known when the export was written")


def known(value: Any) -> Any:
    """A value as the program gave it, with :class:`Unresolved` for what can't be known. Secrets whose text
    the export shows (``--show-secrets``) are that text; :func:`shown` names them."""
    if isinstance(value, str):
        return LATER if value in _UNKNOWN else value
    if isinstance(value, list):
        return [known(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    signature = value.get(_SIGNATURE)
    if signature is None:
        return {key: one if key == DEFAULTS else known(one) for key, one in value.items()}
    if signature == _SECRET:
        found = _text(value)
        return HIDDEN if found is None else known(found)
    if signature == _OUTPUT:
        return known(value["value"]) if "value" in value and not value.get("secret") else LATER
    if signature == _RESOURCE:
        return value["id"] if isinstance(value.get("id"), str) else LATER
    return FILE if isinstance(signature, str) and signature in _FILES else LATER


def shown(value: Any) -> Iterator[str]:
    """Each text of a secret that the export shows."""
    if isinstance(value, list):
        for one in value:
            yield from shown(one)
    elif isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _SECRET:
            yield from _leaves(_text(value))
        else:
            for one in value.values():
                yield from shown(one)


def plain(value: Any) -> Any:
    """Without what the bridge keeps for itself (``__defaults``, ``__meta``)."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items() if not str(key).startswith(OWN)}
    return [plain(one) for one in value] if isinstance(value, list) else value


def _text(secret: Mapping[str, Any]) -> Any:
    """The value of a secret, which stands in it as JSON; None where it is encrypted."""
    text = secret.get("plaintext")
    if not isinstance(text, str):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, str) and value:
        yield value
