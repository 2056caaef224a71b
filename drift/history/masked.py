"""What of a report's values is kept: as they stand there, without the hashes that stand for secrets."""

from __future__ import annotations

import re
from typing import Any

import orjson

_HIDDEN = re.compile(rb'\{"\$secret":\{[^{}]*\}\}')
_MARK = re.compile(rb"\$secret:[0-9a-f]{16}")


def masked(value: Any) -> str:
    """JSON of a value; a secret in it is ``{"$secret": null}``, or ``$secret`` within a text."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return _MARK.sub(b"$secret", _HIDDEN.sub(b'{"$secret":null}', text)).decode()
