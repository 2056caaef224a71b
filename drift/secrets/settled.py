"""A section of drift.yaml, validated with secrets in it that are looked up later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from drift.secret import Held

Model = TypeVar("Model", bound=BaseModel)


def settled(model: type[Model], data: Any, hidden: set[str]) -> Model:
    """The model of some data, in which a secret that is looked up later stands where a field is made for
    one; any other is looked up now, and put into ``hidden``. Raises ValidationError, SecretError."""
    while True:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            now = [
                one["input"]
                for one in error.errors()
                if isinstance(one.get("input"), Held) and one["type"] != "extra_forbidden"
            ]
            if not now:
                raise
            told = {id(one): one.get_secret_value() for one in now}
            hidden.update(told.values())
            data = _replaced(data, told)


def _replaced(data: Any, told: Mapping[int, str]) -> Any:
    if isinstance(data, dict):
        return {key: _replaced(value, told) for key, value in data.items()}
    if isinstance(data, list):
        return [_replaced(value, told) for value in data]
    return told.get(id(data), data)
