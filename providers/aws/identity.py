"""How a resource of a type is identified: where its id comes from, and the one spelling of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """How a type is identified.

    ``source`` is an expression over the live answers. ``template`` builds the id from a bare name
    (``arn:{partition}:sqs:{region}:{account}:{id}``); ``accept`` are patterns of other spellings, whose group
    ``id`` is the bare name (or, without template, the id). ``rewrite`` are patterns and what stands for them,
    in order. ``only`` is the id of the one that a place has, whatever it is called; ``told`` gives the id by
    what is declared of one (its properties and ``account``), None where that does not tell it.
    """

    source: str
    template: str | None
    accept: tuple[re.Pattern[str], ...]
    lower: bool
    rewrite: tuple[tuple[re.Pattern[str], str], ...] = ()
    only: str | None = None
    told: Callable[[Mapping[str, Any]], str | None] | None = None

    def canonical(self, text: str, *, account: str, region: str | None, partition: str | None) -> str:
        """The one spelling of an id; a bare name stays one where nobody knows the partition (None)."""
        if self.only is not None:
            return self.only
        if self.lower:
            text = text.lower() if not text.startswith("arn:") else text
        if self.template and text.startswith("arn:"):
            return text
        for one, other in self.rewrite:
            text = one.sub(other, text)
        for pattern in self.accept:
            found = pattern.fullmatch(text)
            if found:
                text = found["id"]
                break
        if self.template and partition is not None:
            return self.template.format(id=text, account=account, region=region or "", partition=partition)
        return text
