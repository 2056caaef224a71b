"""What the translations of Terraform's words share, whatever the cloud: names in camel case, JSON in
attributes."""

from __future__ import annotations

import json
from typing import Any

from drift.model import Unresolved


def camel(name: str) -> str:
    """An attribute's name as an API's.

    >>> camel("idle_timeout")
    'idleTimeout'
    """
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def parsed(value: Any, path: str) -> Any:
    """What a JSON text in the attribute at ``path`` holds; what is no text as it is."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return Unresolved(f"Terraform's {path} is no JSON")
