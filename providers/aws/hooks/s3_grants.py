"""Amazon S3: what an access control list gives to others than the bucket's owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_GROUPS = "http://acs.amazonaws.com/groups/"

#: The account that Amazon EC2 reads bundles with; the one that CloudFront adds to a bucket for its standard logs.
#: Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl and
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

    Nothing where only the owner has access (``Private``). ``Grants`` is ours: CloudFormation has no word for a list of
    single grants. What CloudFront adds for its logs is left out.
    """
    if not acl:
        return {}
    owner = (acl.get("Owner") or {}).get("ID")
    given = {
        (_grantee(grant.get("Grantee") or {}), str(grant.get("Permission")))
        for grant in acl.get("Grants") or ()
    } - {(_LOGS_DELIVERY, "FULL_CONTROL")}
    if owner and given and (owner, "FULL_CONTROL") in given:
        given.discard((owner, "FULL_CONTROL"))
    if not given:
        return {}
    canned = _CANNED.get(frozenset(given))
    if canned:
        return {"AccessControl": canned}
    return {
        "Grants": [{"Grantee": grantee, "Permission": permission} for grantee, permission in sorted(given)]
    }


def terraform_acl(state: Mapping[str, Any]) -> dict[str, Any]:
    """``aws_s3_bucket_acl``: its policy, which Terraform also fills in from a canned name."""
    policies = state.get("access_control_policy") or ()
    if not policies:
        canned = str(state.get("acl") or "private")
        return {"AccessControl": "".join(part.capitalize() for part in canned.split("-"))}
    policy = policies[0]
    owner = (policy.get("owner") or [{}])[0]
    grants = [
        {
            "Permission": grant.get("permission"),
            "Grantee": _terraform_grantee((grant.get("grantee") or [{}])[0]),
        }
        for grant in policy.get("grant") or ()
    ]
    return access({"Owner": {"ID": owner.get("id")}, "Grants": grants}) or {"AccessControl": "Private"}


def _terraform_grantee(grantee: Mapping[str, Any]) -> dict[str, Any]:
    return {"URI": grantee.get("uri"), "ID": grantee.get("id"), "EmailAddress": grantee.get("email_address")}


def _grantee(grantee: Mapping[str, Any]) -> str:
    return str(grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress") or "")
