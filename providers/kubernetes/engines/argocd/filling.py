"""Fills what generators give into an ApplicationSet's template: fasttemplate's ``{{name}}``, or Go's.

Source: argo-cd, applicationset/utils/utils.go; https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from providers.kubernetes.engines.gotemplate import Template, shown

_TAG = re.compile(r"\{\{(.*?)\}\}", re.S)
Params = dict[str, Any]


@dataclass(frozen=True)
class Filling:
    """How an ApplicationSet fills its templates. ``go`` is ``goTemplate``, ``options`` are those of Go's."""

    go: bool = False
    options: tuple[str, ...] = ()

    def text(self, said: str, params: Mapping[str, Any]) -> str:
        """A text, filled. Raises TemplateError."""
        if "{{" not in said:
            return said
        if self.go:
            return _parsed(said, self.options).filled(params)
        return _TAG.sub(lambda one: self._tag(one, params), said)

    def value(self, said: Any, params: Mapping[str, Any]) -> Any:
        """A value with all texts in it filled. Raises TemplateError."""
        if isinstance(said, str):
            return self.text(said, params)
        if isinstance(said, dict):
            return {self.text(str(key), params): self.value(one, params) for key, one in said.items()}
        if isinstance(said, list):
            return [self.value(one, params) for one in said]
        return said

    def values(self, said: Mapping[str, Any], params: Params) -> None:
        """Adds a generator's ``values``, which see only what it gave itself. Raises TemplateError."""
        found = {key: self.text(text_of(one), params) for key, one in said.items()}
        if self.go and found:
            params["values"] = found
        else:
            params.update({f"values.{key}": one for key, one in found.items()})

    @staticmethod
    def _tag(one: re.Match[str], params: Mapping[str, Any]) -> str:
        found = params.get(one[1].strip())
        return found if isinstance(found, str) and one[1].strip() else one[0]


def text_of(value: Any) -> str:
    """A value as a text of a generator's."""
    return value if isinstance(value, str) else shown(value)


def flat(value: Any, prefix: str = "") -> dict[str, str]:
    """A nested value as texts by dotted keys. Source: github.com/jeremywohl/flatten, DotStyle."""
    if isinstance(value, dict) and value:
        pairs: Sequence[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list) and value:
        pairs = list(enumerate(value))
    else:
        return {prefix: "<nil>" if value is None else text_of(value)} if prefix else {}
    found: dict[str, str] = {}
    for key, item in pairs:
        found.update(flat(item, f"{prefix}.{key}" if prefix else str(key)))
    return found


@lru_cache(maxsize=4096)
def _parsed(said: str, options: tuple[str, ...]) -> Template:
    return Template(said, options)
