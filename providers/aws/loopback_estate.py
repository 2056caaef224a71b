"""What a loopback AWS holds, in the shape of CloudFormation, as our own reader tells it of the types with
facts of their own: the bodies of a loopback Cloud Control. All other types it does not offer, as AWS does not
offer some: what it can't tell is unread, never missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import boto3

from drift.model import Resource
from providers.aws.facts import catalogue
from providers.aws.loopback_cloud_control import identified
from providers.aws.machine import CellTask, Hands
from providers.aws.resource_types import resource_type
from providers.aws.session import Place
from providers.aws.shared import Shared

_ONES_OWN = "loopback"
#: Types that give access, so that they are asked for everywhere, and of which moto has no call at all: there
#: is none of them.
_NOWHERE = frozenset(
    "AWS::EC2::VPCBlockPublicAccessExclusion AWS::MediaLive::InputSecurityGroup "
    "AWS::Redshift::EndpointAuthorization AWS::RolesAnywhere::Profile AWS::RolesAnywhere::TrustAnchor "
    "AWS::S3Express::BucketPolicy AWS::S3Tables::TableBucketPolicy AWS::XRay::ResourcePolicy".split()
)


@dataclass(frozen=True, slots=True)
class Estate:
    """The estate of the loopback AWS at ``url``; ``key`` is an access key of the account that is asked."""

    url: str
    key: str = _ONES_OWN

    def of(self, account: str, region: str, type_: str) -> Mapping[str, Mapping[str, Any]] | None:
        """Identifier → properties (:class:`providers.aws.loopback_cloud_control.Bodies`)."""
        kind, entry = resource_type(type_), catalogue().entries.get(type_)
        if kind is not None and type_ in _NOWHERE:
            return {}
        if type_ == "AWS::S3::AccessPoint":
            return _access_points(account, region)
        if kind is None or entry is None or entry.existence:
            return None
        session = boto3.Session(self.key, _ONES_OWN, region_name=region)
        with ThreadPoolExecutor(4) as pool:
            make: Any = session.client  # the stubs know only services by literal names
            hands = Hands(
                client=lambda service, where: make(service, region_name=where, endpoint_url=self.url),
                pool=pool,
                limit=lambda service, where: nullcontext(),
                shared=Shared(),
            )
            read = list(CellTask(entry, Place(account), region, hands).read())
        bodies = (one.attributes for one in read if isinstance(one, Resource))
        return {identified(kind, body): _typed(body, kind.paths) for body in bodies}


def _access_points(account: str, region: str) -> dict[str, dict[str, Any]]:
    """Those that moto holds in this process. S3 Control can't be asked for them at a loopback address: it is
    called at a host that begins with the account."""
    from moto.s3control.models import s3control_backends

    held = [
        one
        for backend in s3control_backends[account].values()
        for one in backend.access_points[account].values()
    ]
    here = [one for one in held if one.arn.split(":")[3] == region]
    return {
        one.name: {
            "Name": one.name,
            "Arn": one.arn,
            "Bucket": one.bucket,
            "PublicAccessBlockConfiguration": {
                name: str(value).lower() == "true" for name, value in one.pubc.items()
            },
            **({"Policy": json.loads(one.policy)} if one.policy else {}),
            **({"VpcConfiguration": {"VpcId": one.vpc_id}} if one.vpc_id else {}),
        }
        for one in here
    }


def _typed(value: Any, paths: Mapping[str, str], path: str = "") -> Any:
    """A value with its numbers and booleans as the schema has them; services tell many as texts."""
    if isinstance(value, dict):
        return {name: _typed(one, paths, f"{path}/{name}".lstrip("/")) for name, one in value.items()}
    if isinstance(value, list):
        return [_typed(one, paths, f"{path}/*") for one in value]
    letter = paths.get(path, "x")[0]
    if isinstance(value, str) and letter in "inb":
        return json.loads(value.lower())
    return value
