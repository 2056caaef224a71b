"""Tags, in all the spellings that AWS services have for them."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind
from drift.kinds.registry import KINDS
from drift.kinds.text import in_any_order

#: What AWS itself puts on resources; nobody can declare such a tag.
#: Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html ("aws: prefix is reserved").
RESERVED = "aws:"

_SPELLINGS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"))
_keyed_list = KINDS["keyed-list"].canonical
_string = KINDS["string"].canonical


def _tags(value: Any, context: Context) -> Canonical:
    """A list of tags, or a map of them, as a map by key that owns its members, without AWS's own.

    A tag without a value has the empty one; values are text. A tag that says more (``PropagateAtLaunch``)
    stays whole.

    >>> own = {"Key": "aws:cloudformation:stack-name", "Value": "s"}
    >>> _tags([{"Key": "Owner", "Value": "me"}, own], Context())
    {'Owner': 'me'}
    """
    if isinstance(value, list):
        value = [_spelled(tag) for tag in value]
    tags = _keyed_list(value, context, key="Key", value="Value", drop_prefix=[RESERVED])
    if isinstance(tags, Keyed) and not isinstance(value, Keyed):
        return Keyed((key, "" if tag is None else _string(tag, context)) for key, tag in tags.items())
    return tags


def _spelled(tag: Any) -> Any:
    if not isinstance(tag, dict):
        return tag
    for key, value in _SPELLINGS:
        if tag.keys() == {key} or tag.keys() == {key, value}:
            return {"Key": tag[key], "Value": tag.get(value, "")}
    return tag


TAGS = Kind("tags", _tags, phase="after", settle=in_any_order)
