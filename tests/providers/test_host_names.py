"""A host name has neither letter case nor a dot at its end, whichever cloud and field it stands in."""

from __future__ import annotations

from typing import Any

import pytest

from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction import Redactor
from providers.aws import AwsProvider
from providers.azure import AzureProvider
from providers.gcp.provider import provider as google

REDACTOR = Redactor("a key for tests")
CLOUDS: dict[str, Any] = {"aws": AwsProvider(), "azure": AzureProvider(), "gcp": google}
ZONE, RECORDS = "Microsoft.Network/dnsZones", "dns.googleapis.com/ResourceRecordSet"


def told(cloud: str, type_: str, declared: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """The paths of the changes between two bodies."""
    facts = CLOUDS[cloud].facts(type_)
    sides = [Resource(cloud, "s", type_, "id", body) for body in (declared, live)]
    return [one.path for one in compare(*sides, facts, Context(cloud, "s", None, type_), REDACTOR).changes]


def at(path: str, value: Any) -> dict[str, Any]:
    """A body that holds a value at a path."""
    for name in reversed(path.split("/")):
        value = [value] if name == "*" else {name: value}
    return value  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("cloud", "type_", "path"),
    [
        ("aws", "AWS::Route53::RecordSet", "Name"),
        ("aws", "AWS::Route53::RecordSet", "ResourceRecords/*"),
        ("aws", "AWS::Route53::RecordSet", "AliasTarget/DNSName"),
        ("aws", "AWS::Route53::HostedZone", "Name"),
        ("gcp", "dns.googleapis.com/ManagedZone", "dnsName"),
        ("gcp", RECORDS, "name"),
        ("gcp", RECORDS, "rrdatas/*"),
        ("gcp", "compute.googleapis.com/SslCertificate", "managed/domains/*"),
        ("gcp", "compute.googleapis.com/UrlMap", "hostRules/*/hosts/*"),
        ("azure", f"{ZONE}/CNAME", "properties/CNAMERecord/cname"),
        ("azure", f"{ZONE}/NS", "properties/NSRecords/*/nsdname"),
        ("azure", f"{ZONE}/MX", "properties/MXRecords/*/exchange"),
        ("azure", "Microsoft.Cdn/profiles/customDomains", "properties/hostName"),
    ],
)
def test_letter_case_and_the_last_dot_do_not_count(cloud: str, type_: str, path: str) -> None:
    live = at(path, "www.example.com")
    assert told(cloud, type_, at(path, "WWW.Example.com."), live) == []
    assert told(cloud, type_, at(path, "www.example.org"), live) != []


def test_what_stands_in_quotes_stays_as_it_is() -> None:
    assert told("gcp", RECORDS, {"rrdatas": ['"v=A"']}, {"rrdatas": ['"v=a"']}) == ["/rrdatas"]
    assert (
        told("gcp", RECORDS, {"rrdatas": ["10  Mail.example.com."]}, {"rrdatas": ["10 mail.example.com."]})
        == []
    )
