"""Who a policy statement speaks of: the elements ``Principal`` and ``NotPrincipal``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Unordered
from drift.kinds.collections import unordered
from providers.aws.partitions import partition_name

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_OAI = "user/CloudFront Origin Access Identity "
#: ARNs that have another spelling, one which does not tell the partition.
_ALSO_SHORT = re.compile(rf"arn:[^:]+:(iam::(?:[0-9]{{12}}:root|cloudfront:{_OAI}.+))", re.ASCII)


def as_set(value: Any) -> Any:
    """A scalar or list as a set; what can't be told from others (something unresolved) stays as it is."""
    if isinstance(value, (str, int, float, bool)):
        value = [value]
    if not isinstance(value, list):
        return value
    members = unordered(value)
    return value if members is None else members


def principals(value: Any, context: Context, *, anyone: bool) -> Canonical:
    """``{type: set of principals}``, owning its types.

    An account id is its root ARN; where nobody knows of which partition, both are that ARN from its ``iam``
    on. With ``anyone`` (the element is the ``Principal`` of an ``Allow``), ``"*"`` is ``{"AWS": "*"}``; in a
    ``Deny`` and in ``NotPrincipal`` they stay two things. Ids of deleted users and roles (``AIDA…``,
    ``AROA…``) stay: they show that the policy names somebody who is gone. Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html.

    >>> principals({"AWS": "123456789012"}, Context(region="cn-north-1"), anyone=True)
    {'AWS': {'"arn:aws-cn:iam::123456789012:root"': 'arn:aws-cn:iam::123456789012:root'}}
    """
    if value == "*" and anyone:
        value = {"AWS": "*"}
    if not isinstance(value, dict) or isinstance(value, Unordered):
        return value
    found = {name: _as_list(who) for name, who in value.items()}
    partition = partition_name(context.region, context.scope, context.data)
    if isinstance(found.get("AWS"), list):
        found["AWS"] = [_root(who, partition) for who in found["AWS"]]
    return Keyed(
        (name, as_set(who)) for name, who in _without_canonical_users(found, context, partition).items()
    )


def _as_list(who: Any) -> Any:
    return [who] if isinstance(who, (str, int)) and not isinstance(who, bool) else who


def _arn(rest: str, partition: str | None) -> str:
    return rest if partition is None else f"arn:{partition}:{rest}"


def _root(who: Any, partition: str | None) -> Any:
    if isinstance(who, int) and not isinstance(who, bool):
        who = str(who)  # a YAML template makes a number of an unquoted account id
    if isinstance(who, str) and _ACCOUNT.fullmatch(who):
        return _arn(f"iam::{who}:root", partition)
    whole = _ALSO_SHORT.fullmatch(who) if partition is None and isinstance(who, str) else None
    return whole[1] if whole else who


def _without_canonical_users(
    found: dict[str, Any], context: Context, partition: str | None
) -> dict[str, Any]:
    """Canonical users that are known to be CloudFront origin access identities, under ``AWS`` by their ARN.

    ``context.data["canonical_users"]`` maps an origin access identity (its id or ARN) to its canonical user.
    S3 answers with the ARN where the canonical user was declared. Source: CloudFront's developer guide,
    "origin access identity".
    """
    users = found.get("CanonicalUser")
    known = context.data.get("canonical_users")
    if (
        not isinstance(users, list)
        or not isinstance(known, Mapping)
        or not isinstance(found.get("AWS", []), list)
    ):
        return found
    identities: dict[str, list[str]] = {}
    for identity, user in known.items():
        if isinstance(user, str):
            identities.setdefault(user, []).append(str(identity).rpartition(" ")[2])
    arns = {
        user: _arn(f"iam::cloudfront:{_OAI}{names[0]}", partition)
        for user, names in identities.items()
        if len(names) == 1
    }
    found = {
        **found,
        "AWS": [*found.get("AWS", []), *(arns[user] for user in users if _is_in(user, arns))],
        "CanonicalUser": [user for user in users if not _is_in(user, arns)],
    }
    return {name: who for name, who in found.items() if who or name not in ("AWS", "CanonicalUser")}


def _is_in(user: Any, arns: Mapping[str, str]) -> bool:
    return isinstance(user, str) and user in arns
