"""The partitions of AWS: clouds of their own, each with its regions, its ARNs, its domain and its console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition.

    ``name`` is the second word of its ARNs, ``regions`` the beginning of its regions' names, ``suffix`` the
    domain of its endpoints, ``home`` the region that answers for its global services. ``console`` is the
    host of its console, None where that is not public.
    """

    name: str
    regions: str
    suffix: str
    home: str
    console: str | None = None


#: Where everything is that belongs to no other one, also a region that is newer than this table: so the SDKs
#: resolve it. Source: https://smithy.io/2.0/aws/rules-engine/library-functions.html (``aws.partition``).
COMMERCIAL = Partition("aws", "", "amazonaws.com", "us-east-1", "console.aws.amazon.com")

#: Sources: botocore's ``partitions.json``; of the consoles
#: https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-console.html,
#: https://docs.amazonaws.cn/en_us/aws/latest/userguide/console.html and
#: https://docs.aws.eu/general/latest/gr/endpoints.html.
PARTITIONS = (
    Partition("aws-cn", "cn-", "amazonaws.com.cn", "cn-northwest-1", "console.amazonaws.cn"),
    Partition("aws-us-gov", "us-gov-", "amazonaws.com", "us-gov-west-1", "console.amazonaws-us-gov.com"),
    Partition("aws-eusc", "eusc-", "amazonaws.eu", "eusc-de-east-1", "console.amazonaws-eusc.eu"),
    Partition("aws-iso", "us-iso-", "c2s.ic.gov", "us-iso-east-1"),
    Partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "us-isob-east-1"),
    Partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "eu-isoe-west-1"),
    Partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "us-isof-south-1"),
    COMMERCIAL,
)


def partition_of(region: str) -> Partition:
    """The partition that a region belongs to.

    >>> partition_of("cn-north-1").name
    'aws-cn'
    """
    return next(one for one in PARTITIONS if region.startswith(one.regions))


#: The regions of the commercial partition that every account has; into each that came later an account opts.
#: Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html.
_ALWAYS_ON = frozenset(
    "us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-central-1 eu-west-1 eu-west-2 "
    "eu-west-3 eu-north-1 ap-south-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 "
    "ap-southeast-2".split()
)


def always_on(region: str) -> bool:
    """Whether every account of its partition has a region, without having asked for it."""
    return region in _ALWAYS_ON or partition_of(region) is not COMMERCIAL


@cache
def offered(service: str, region: str) -> bool:
    """Whether a region has a service, as botocore's list of endpoints says; true where that knows nothing of
    the region or of the service."""
    from providers.aws import models  # botocore takes a third of the time in which a run of files starts

    name = partition_of(region).name
    known = models.regions(service, name)
    return not known or region in known or region not in models.regions("ec2", name)


def partition_name(region: str | None, account: str, context: Mapping[str, Any]) -> str | None:
    """The name of the partition of a place: told by its region, of a global resource (None) by its account in
    the snapshot's ``context`` (``partitions``: account to name); None where nobody knows."""
    if region:
        return partition_of(region).name
    known = context.get("partitions")
    return known.get(account) if isinstance(known, Mapping) else None


def console(arn: str) -> str | None:
    """The host of the console that shows what an ARN names; None where there is none in public."""
    name = arn.split(":", 2)[1]
    return next((one.console for one in PARTITIONS if one.name == name), None)
