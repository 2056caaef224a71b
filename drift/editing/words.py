"""Says in a few words what an edit does."""

from __future__ import annotations

import json
from typing import Any

from drift.editor import Wish
from drift.model import MISSING

_LONGEST = 60


def says(wish: Wish) -> str:
    """``sets /VisibilityTimeout to 45``, as people read it in a pull request."""
    path = wish.change.path if wish.change is not None and wish.change.path else "it"
    if wish.live is MISSING:
        return f"takes {path} away"
    if wish.declared is MISSING:
        return f"adds {path}: {short(wish.live)}"
    return f"sets {path} to {short(wish.live)}"


def short(value: Any) -> str:
    """A value in one line that is not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
