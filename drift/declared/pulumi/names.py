"""How Pulumi spells Terraform's names: in camel case, lists in the plural, lists of at most one as their
member.

Source: github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge/names.go.
"""

from __future__ import annotations

import re

_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """A property as Terraform would spell it.

    >>> snake("kmsMasterKeyId"), snake("ipv6CidrBlock"), snake("s3BucketName")
    ('kms_master_key_id', 'ipv6_cidr_block', 's3_bucket_name')
    """
    return _BREAK.sub("_", name).lower()


def singular(name: str) -> str:
    """A plural as it was before; what is none stays.

    >>> singular("lifecycle_rules"), singular("policies"), singular("indexes"), singular("access")
    ('lifecycle_rule', 'policy', 'index', 'access')
    """
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def plain(name: str) -> str:
    """What two spellings of one name have in common."""
    return singular(name.replace("_", ""))
