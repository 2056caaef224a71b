"""Amazon S3: what an access control list gives to others than the bucket's owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Unresolved

_GROUPS = "http://acs.amazonaws.com/groups/"

#: The account that Amazon EC2 reads bundles with; the one that CloudFront adds to a bucket for its standard
#: logs. Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl and
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
_EC2 = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
_LOGS_DELIVERY = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"

_CANNED = {
    frozenset({(f"{_GROUPS}global/AllUsers", "READ")}): "PublicRead",
    frozenset(
        {(f"{_GROUPS}global/AllUsers", "READ"), (f"{_GROUPS}global/AllUsers", "WRITE")}
    ): "PublicReadWrite",
    frozenset({(f"{_GROUPS}global/AuthenticatedUsers", "READ")}): "AuthenticatedRead",
    frozenset(
        {(f"{_GROUPS}s3/LogDelivery", "WRITE"), (f"{_GROUPS}s3/LogDelivery", "READ_ACP")}
    ): "LogDeliveryWrite",
    frozenset({(_EC2, "READ")}): "AwsExecRead",
}


def access(acl: Mapping[str, Any] | None) -> dict[str, Any]:
    """GetBucketAcl's answer as ``AccessControl`` where it is a canned list, as ``Grants`` where it is not.

    Nothing where only the owner has access (``Private``). ``Grants`` is ours: CloudFormation has no word for
    a list of single grants. What CloudFront adds for its logs is left out.
    """
    return _said(_to_others(acl)) if acl else {}


def _to_others(acl: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(grantee, permission) for each grant but the owner's full control and what CloudFront adds."""
    owner = (acl.get("Owner") or {}).get("ID")
    given = {
        (_grantee(grant.get("Grantee") or {}), str(grant.get("Permission")))
        for grant in acl.get("Grants") or ()
    }
    return given - {(_LOGS_DELIVERY, "FULL_CONTROL"), (str(owner), "FULL_CONTROL")}


def _said(given: set[tuple[str, str]]) -> dict[str, Any]:
    if not given:
        return {}
    canned = _CANNED.get(frozenset(given))
    if canned:
        return {"AccessControl": canned}
    return {
        "Grants": [{"Grantee": grantee, "Permission": permission} for grantee, permission in sorted(given)]
    }


def terraform_acl(state: Mapping[str, Any]) -> dict[str, Any]:
    """``aws_s3_bucket_acl``: its canned name, else its policy.

    Terraform writes into the policy also what it reads, so beside a canned name it counts only where it gives
    no more.
    """
    said = str(state.get("acl") or "")
    canned = "".join(part.capitalize() for part in said.split("-"))
    policy = next(iter(state.get("access_control_policy") or ()), None)
    if policy is None:
        return {"AccessControl": canned or "Private"}
    given = _terraform_grants(policy)
    if canned:
        wanted = next((grants for grants, name in _CANNED.items() if name == canned), frozenset())
        if not given <= wanted or not given:
            return {"AccessControl": canned}
    return _said(given) or {"AccessControl": "Private"}


def _terraform_grants(policy: Mapping[str, Any]) -> set[tuple[str, str]]:
    owner = _only(policy.get("owner"))
    grants = [
        {"Permission": grant.get("permission"), "Grantee": _terraform_grantee(_only(grant.get("grantee")))}
        for grant in policy.get("grant") or ()
    ]
    return _to_others({"Owner": {"ID": owner.get("id")}, "Grants": grants})


def inline_grants(state: Mapping[str, Any]) -> dict[str, Any]:
    """The blocks ``grant`` of an ``aws_s3_bucket`` up to version 3, which has no ``object_lock_enabled`` yet;
    since 4 the state holds there what Terraform reads, whoever said it.

    The state does not tell the owner, whose full control is among them where it was said: of one account with
    full control it is taken for his, of several nobody knows. Source: resourceAwsS3BucketRead and
    flattenGrants of terraform-provider-aws 3.76 (``grant`` is left empty beside a canned name).
    """
    blocks = [] if "object_lock_enabled" in state else list(state.get("grant") or ())
    given = {
        (_grantee(_terraform_grantee(block)), str(permission))
        for block in blocks
        for permission in block.get("permissions") or ()
    }
    owners = {one for one in given if one[1] == "FULL_CONTROL" and not one[0].startswith(_GROUPS)}
    if len(owners) > 1:
        return {"Grants": Unresolved("the state does not tell which of the accounts is the owner")}
    return _said(given - owners)


def _only(block: Any) -> Mapping[str, Any]:
    return (block[0] or {}) if block else {}


def _terraform_grantee(grantee: Mapping[str, Any]) -> dict[str, Any]:
    return {"URI": grantee.get("uri"), "ID": grantee.get("id"), "EmailAddress": grantee.get("email_address")}


def _grantee(grantee: Mapping[str, Any]) -> str:
    return str(grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress") or "")
