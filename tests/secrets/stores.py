"""Asks a store of secrets as a configuration does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from drift.config.model import Config, parse
from drift.errors import DriftError


def configured(reference: str, **sections: Mapping[str, Any]) -> Config:
    """A configuration whose redaction key is kept elsewhere; ``sections`` are those of stores."""
    said = {"version": 1, "redaction": {"key": reference}, "secrets": sections}
    return parse(orjson.dumps(said).decode(), "drift.yaml", Path("/base"), None, {})


def value(reference: str, **sections: Mapping[str, Any]) -> str:
    """What a reference gives. Raises DriftError."""
    key = configured(reference, **sections).redaction.key
    assert key is not None
    return key.get_secret_value()


def refusal(reference: str, **sections: Mapping[str, Any]) -> str:
    """Why a reference gives nothing; nothing of the reference is in it."""
    with pytest.raises(DriftError) as error:
        value(reference, **sections)
    scheme, _, path = reference.partition("://")
    place, message = f"drift.yaml:1: redaction.key ({scheme}): ", str(error.value)
    assert message.startswith(place) and "\n" not in message
    message = message.removeprefix(place)
    assert not [one for one in path.replace("#", "/").split("/") if len(one) > 3 and one in message], message
    return message
