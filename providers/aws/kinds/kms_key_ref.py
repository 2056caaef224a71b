"""References to a KMS key: its id, its ARN, or an alias."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from providers.aws.partitions import partition_of

_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}", re.ASCII)
_ALIAS = re.compile(r"alias/[A-Za-z0-9/_-]+", re.ASCII)


def _kms_key_ref(value: Any, context: Context) -> Canonical:
    """A key id or alias name as the ARN that it is short for, in the account and region of the resource.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html. Where account or
    region is not known, the reference stays as it is.
    """
    if not isinstance(value, str) or not context.scope or not context.region:
        return value
    name = value.strip()
    if _KEY_ID.fullmatch(name):
        name = f"key/{name}"
    elif not _ALIAS.fullmatch(name):
        return name if name.startswith("arn:") else value
    return f"arn:{partition_of(context.region).name}:kms:{context.region}:{context.scope}:{name}"


def _admits(declared: Any, live: Any, context: Context) -> bool:
    """Whether both mean one key by the aliases that were read live.

    ``context.data["kms_aliases"]`` maps an alias (its ARN; its name for those of the resource's own account
    and region) to the id or ARN of its key. An alias that is not in it is the key of nobody.
    """
    one, other = _key(declared, context), _key(live, context)
    return one is not None and one == other


def _key(value: Any, context: Context) -> str | None:
    reference = _kms_key_ref(value, context)
    if not isinstance(reference, str):
        return None
    aliases = context.data.get("kms_aliases")
    name = reference.rsplit(":", 1)[-1]
    if not name.startswith("alias/"):
        return reference
    if not isinstance(aliases, dict):
        return None
    own = reference == _kms_key_ref(name, context)
    key = aliases.get(reference) or (aliases.get(name) if own else None)
    if not isinstance(key, str):
        return None
    home = reference.rsplit(":", 1)[0]
    return f"{home}:key/{key}" if _KEY_ID.fullmatch(key) and home != reference else key


KMS_KEY_REF = Kind("kms-key-ref", _kms_key_ref, admits=_admits)
