"""Nested Terraform blocks in CloudFormation's spelling."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from drift.values import is_unset


def pascal(name: str) -> str:
    """``http_put_response_hop_limit`` → ``HttpPutResponseHopLimit``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def block(
    given: Any,
    *,
    lists: Collection[str] = (),
    names: Mapping[str, str] | None = None,
    zeros: Collection[str] = (),
) -> Any:
    """A block as an object: names in CloudFormation's spelling, unsaid members ("", 0, null, nothing)
    dropped.

    A block that Terraform holds as a list of at most one becomes that one; ``lists`` names those that are
    lists (all that holds scalars is one anyway). ``names`` are the spellings that don't follow the rule.
    ``false`` stays: a set boolean can't be told from an unset one. ``zeros`` are members of which 0 is what
    somebody set.
    """
    names = names or {}
    if isinstance(given, Mapping):
        said: dict[str, Any] = {}
        for name, value in given.items():
            if (
                isinstance(value, list)
                and name not in lists
                and all(isinstance(one, Mapping) for one in value)
            ):
                value = value[0] if value else None
            whole = value
            if name != "tags":  # whose keys are the user's own
                value = block(value, lists=lists, names=names, zeros=zeros)
            if name == "instance_requirements" and _no_accelerators(whole):
                value["AcceleratorCount"] = {"Min": 0, "Max": 0}
            if not is_unset(value) or (name in zeros and value == 0 and value is not False):
                said[names.get(name, pascal(name))] = value
        return said
    if isinstance(given, list):
        return [block(one, lists=lists, names=names, zeros=zeros) for one in given]
    return given


def _no_accelerators(required: Any) -> bool:
    """Whether requirements of instances forbid accelerators (``accelerator_count { max = 0 }``): of every
    other count a largest number of 0 is what the provider writes for none."""
    counts = required.get("accelerator_count") if isinstance(required, Mapping) else None
    if not isinstance(counts, list) or not counts or not isinstance(counts[0], Mapping):
        return False
    return not any(counts[0].values())
