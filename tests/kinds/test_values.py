"""Scalars, documents, encodings, networks, times, names and versions: what is the same, and what only looks
so."""

from __future__ import annotations

import base64
import ipaddress
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.kinds.base import Context
from drift.kinds.registry import KINDS
from drift.kinds.text import canonical_text

NOWHERE = Context()
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n" + "QUJD" * 30 + "\n-----END CERTIFICATE-----"

SAME: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("json", {}, '{"b": 1.0, "a": [1, 2]}', {"a": [1, 2], "b": 1}),
    ("json", {}, " [ ] ", []),
    ("yaml", {}, "a: 1  # why\nb: [x]\n", {"a": 1, "b": ["x"]}),
    ("xml-whitespace", {}, "<a>\n  <b c='1'/>\n</a>\n", "<a><b c='1'/></a>"),
    ("integer", {}, "30", 30),
    ("integer", {}, 30.0, 30),
    ("integer", {}, "-5", -5),
    ("number", {}, "0.10", 0.1),
    ("number", {}, "1e3", 1000),
    ("number", {}, 2.0, 2),
    ("boolean", {}, "True", True),
    ("boolean", {}, "false", False),
    ("string", {}, 5, "5"),
    ("string", {}, True, "true"),
    ("string", {}, 8.0, "8.0"),
    ("case-insensitive", {}, "Contoso-RG", "contoso-rg"),
    ("case-insensitive", {}, "É", "é"),
    ("base64", {}, "-_8", "+/8="),
    ("base64", {}, "QUJD\nREVG\n", "QUJDREVG"),
    ("pem", {}, CERTIFICATE, CERTIFICATE.replace("\n", "\r\n") + "\n\n"),
    ("pem", {}, CERTIFICATE, CERTIFICATE.replace("QUJDQUJDQUJD", "QUJD\nQUJD\nQUJD")),
    ("cidr", {}, "10.0.0.5/24", "10.0.0.0/24"),
    ("cidr", {}, "2001:DB8:0:0::/32", "2001:db8::/32"),
    ("cidr", {"bare": True}, "10.0.0.5", "10.0.0.5/32"),
    ("cidr", {"bare": True}, "::1", "0:0::1/128"),
    ("cidr", {}, "2001:0DB8::0001", "2001:db8::1"),
    ("cidr", {"bare": True}, "FE80::1%eth0", "fe80::1%eth0"),
    ("ip", {}, "2001:0DB8::0001", "2001:db8::1"),
    ("port-ranges", {}, 0, "0"),
    ("port-ranges", {}, 65535, "65535-65535"),
    ("port-ranges", {}, 80, "80-80"),
    ("port-ranges", {}, ["443", "80"], [80, "443", "80-80"]),
    ("port-ranges", {"merge": True}, ["80-89", "90-99"], ["80-99"]),
    ("duration", {}, "3600s", "1h"),
    ("duration", {}, "PT1H", "60m"),
    ("duration", {}, "2w", "336h"),
    ("duration", {}, "P1DT12H", "36h"),
    ("duration", {}, "1.500s", "1500ms"),
    ("duration", {"unit": "m"}, 90, "1h30m"),
    ("duration", {"unit": "s"}, "30", "PT0.5M"),
    ("timestamp", {}, "2024-05-01T02:00:00+02:00", "2024-05-01T00:00:00.000Z"),
    ("timestamp", {}, "2024-05-01t00:00:00z", "2024-05-01T00:00:00+00:00"),
    ("dns-name", {}, "WWW.Example.com.", "www.example.com"),
    ("dns-name", {}, "\\052.example.com.", "*.example.com"),
    ("url", {}, "wss://a:443/x", "wss://a/x"),
    ("url", {}, "wss://a", "wss://a/"),
    ("url", {}, "HTTPS://Example.com:443", "https://example.com/"),
    ("url", {}, "http://a?b", "http://a/?b"),
    ("url", {"ignore_trailing_slash": True}, "https://a/b/", "https://a/b"),
]

DIFFERENT: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("json", {}, "[1, 2]", "[2, 1]"),
    ("json", {}, '{"a": 1, "a": 2}', '{"a": 2}'),
    ("json", {}, '"1"', "1"),
    ("json", {}, "[1e400]", "[1e401]"),
    ("yaml", {}, "a: '1'", "a: 1"),
    ("xml-whitespace", {}, "<a> x </a>", "<a>x</a>"),
    ("xml-whitespace", {}, "<a><![CDATA[> <]]></a>", "<a><![CDATA[><]]></a>"),
    ("xml-whitespace", {}, "<a xml:space='preserve'> <b/></a>", "<a xml:space='preserve'><b/></a>"),
    ("integer", {}, "030", 30),
    ("integer", {}, "1e3", 1000),
    ("integer", {}, "٣", 3),
    ("integer", {}, True, 1),
    ("number", {}, "0.10000000000000000000000001", 0.1),
    ("number", {}, "9007199254740993.0", 9007199254740992),
    ("boolean", {}, "1", True),
    ("boolean", {}, "yes", True),
    ("string", {}, "True", True),
    ("string", {}, None, "null"),
    ("string", {}, "8.0", "8"),
    ("case-insensitive", {}, "\u212a", "k"),
    ("case-insensitive", {}, "straße", "strasse"),
    ("base64", {}, "QUJD", "QUJE"),
    ("base64", {}, "hello world", "helloworld"),
    ("pem", {}, CERTIFICATE, CERTIFICATE.replace("QUJD", "QUJE", 1)),
    ("pem", {}, CERTIFICATE, CERTIFICATE.replace("CERTIFICATE", "PUBLIC KEY")),
    ("cidr", {}, "10.0.0.0/8", "10.0.0.0/9"),
    ("cidr", {}, "10.0.0.5", "10.0.0.5/32"),
    ("cidr", {}, "0.0.0.0/0", "::/0"),
    ("cidr", {}, "10.0.0.0/33", "10.0.0.0/34"),
    ("cidr", {}, 10, 11),
    ("cidr", {}, "10.0.0.5", "10.0.0.6"),
    ("cidr", {"bare": True}, "fe80::1%eth0", "fe80::1%eth0/128"),
    ("cidr", {"bare": True}, "10.0.0.0/255.0.0.0", "10.0.0.0/8"),
    ("ip", {}, "10.0.0.1", "10.0.0.10"),
    ("ip", {}, "010.0.0.1", "10.0.0.1"),
    ("ip", {}, "AzureLoadBalancer", "VirtualNetwork"),
    ("ip", {}, 1, 2),
    ("port-ranges", {}, 65536, "65536"),
    ("port-ranges", {}, "65536-65536", "65536"),
    ("port-ranges", {}, "80", "80-81"),
    ("port-ranges", {}, ["80-89", "90-99"], ["80-99"]),
    ("port-ranges", {"merge": True}, ["80", "82"], ["80-82"]),
    ("port-ranges", {"merge": True}, ["80", "*"], ["80"]),
    ("duration", {}, "1m", "1M"),
    ("duration", {}, "P1M", "PT1M"),
    ("duration", {}, "1h", "-1h"),
    ("duration", {}, 60, "60s"),
    ("timestamp", {}, "2024-05-01T00:00:00Z", "2024-05-01T00:00:00+02:00"),
    ("timestamp", {}, "2024-05-01T00:00:00", "2024-05-01T00:00:00Z"),
    ("timestamp", {}, "2024-05-01T00:00:00.1234567Z", "2024-05-01T00:00:00.1234568Z"),
    ("dns-name", {}, "a.example.com", "b.example.com"),
    ("dns-name", {}, "*.example.com", "example.com"),
    ("url", {}, "https://a:80/", "https://a/"),
    ("url", {}, "https://a/B", "https://a/b"),
    ("url", {}, "https://a/b/", "https://a/b"),
    ("url", {}, "https://a@b/", "https://b/"),
]


@pytest.mark.parametrize(("name", "params", "one", "other"), SAME)
def test_means_the_same(name: str, params: dict[str, Any], one: Any, other: Any) -> None:
    canonical = KINDS[name].canonical
    assert canonical_text(canonical(one, NOWHERE, **params)) == canonical_text(
        canonical(other, NOWHERE, **params)
    )


@pytest.mark.parametrize(("name", "params", "one", "other"), DIFFERENT)
def test_stays_different(name: str, params: dict[str, Any], one: Any, other: Any) -> None:
    canonical = KINDS[name].canonical
    assert canonical_text(canonical(one, NOWHERE, **params)) != canonical_text(
        canonical(other, NOWHERE, **params)
    )


@pytest.mark.parametrize(
    ("name", "declared", "live"),
    [
        ("version-prefix", "8.0", "8.0.45"),
        ("version-prefix", 8.0, "8.0.45"),
        ("version-prefix", 15, "15.4"),
        ("version-prefix", "6.x", "6.2.6"),
        ("template-string", "arn:aws:s3:::${Bucket}/*", "arn:aws:s3:::logs/*"),
        ("template-string", "{{ .Release.Name }}-web", "prod-web"),
        ("template-string", '${join("-", ["${a}", "b"])}.x', "a-b.x"),
        ("template-string", "a${x}b${y}c", "abbc"),
    ],
)
def test_admits(name: str, declared: Any, live: Any) -> None:
    admits = KINDS[name].admits
    assert admits is not None and admits(declared, live, NOWHERE)


@pytest.mark.parametrize(
    ("name", "declared", "live"),
    [
        ("version-prefix", "8.0.45", "8.0"),
        ("version-prefix", "8.0", "8.04"),
        ("version-prefix", "8.0", "8.1.0"),
        ("version-prefix", "", "8.0"),
        ("version-prefix", "x", "8.0"),
        ("version-prefix", True, "True.1"),
        ("template-string", "arn:aws:s3:::${Bucket}/*", "arn:aws:s3:::logs/x"),
        ("template-string", "${all}", "anything"),
        ("template-string", "${a}x", "x-y"),
        ("template-string", "ab${x}ba", "aba"),
        ("template-string", "a${x}b${y}c", "ac"),
        ("template-string", "$${escaped}-x", "y-x"),
        ("template-string", "${!Literal}-x", "y-x"),
        ("template-string", "a-b", "a-b-c"),
        ("template-string", "prod-web", "${x}-web"),
    ],
)
def test_does_not_admit(name: str, declared: Any, live: Any) -> None:
    admits = KINDS[name].admits
    assert admits is not None and not admits(declared, live, NOWHERE)


def test_version_separators_are_a_matter_of_the_fact() -> None:
    admits = KINDS["version-prefix"].admits
    assert admits is not None
    assert not admits("1.29.4", "1.29.4-gke.100", NOWHERE)
    assert admits("1.29.4", "1.29.4-gke.100", NOWHERE, separators=".-")


def test_base64_text_is_decoded_once() -> None:
    decode = KINDS["base64"].canonical
    inner = base64.b64encode(b"hello").decode()
    once = decode(base64.b64encode(inner.encode()).decode(), NOWHERE, decode=True)
    assert once == inner
    assert decode(once, NOWHERE, decode=True) == inner
    assert decode("/////w==", NOWHERE, decode=True) == "/////w=="


@given(st.binary(max_size=40), st.booleans(), st.booleans())
def test_base64_of_the_same_bytes_is_the_same(content: bytes, url_safe: bool, padded: bool) -> None:
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(content).decode()
    text = text if padded else text.rstrip("=")
    assert KINDS["base64"].canonical(text, NOWHERE) == base64.b64encode(content).decode()


@given(st.ip_addresses(), st.integers(0, 32))
def test_cidr_is_the_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int) -> None:
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assert KINDS["cidr"].canonical(f"{address.exploded.upper()}/{length}", NOWHERE) == str(network)


@given(st.integers(0, 10**12))
def test_durations_of_the_same_length_are_the_same(milliseconds: int) -> None:
    duration = KINDS["duration"].canonical
    spellings = [f"{milliseconds}ms", f"PT{milliseconds / 1000:.3f}S", f"{milliseconds * 1000}us"]
    assert len({duration(spelling, NOWHERE) for spelling in spellings}) == 1
    assert duration(f"{milliseconds + 1}ms", NOWHERE) != duration(f"{milliseconds}ms", NOWHERE)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_timestamps_of_the_same_moment_are_the_same(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    timestamp = KINDS["timestamp"].canonical
    assert timestamp(there.isoformat(), NOWHERE) == timestamp(moment.isoformat(), NOWHERE)
    later = moment + timedelta(microseconds=1)
    assert timestamp(later.isoformat(), NOWHERE) != timestamp(there.isoformat(), NOWHERE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
)


@given(json_values, json_values)
def test_json_differs_where_the_documents_do(one: Any, other: Any) -> None:
    parsed = KINDS["json"].canonical
    same = canonical_text(parsed(json.dumps([one], indent=2), NOWHERE)) == canonical_text(
        parsed([other], NOWHERE)
    )
    assert same == (canonical_text(one) == canonical_text(other))


@given(st.sets(st.integers(0, 30), max_size=12))
def test_merged_ports_are_the_same_ports(ports: set[int]) -> None:
    merged = KINDS["port-ranges"].canonical(sorted(map(str, ports)), NOWHERE, merge=True)
    found: set[int] = set()
    for text in merged.values():
        first, _, last = text.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == ports


@given(
    st.lists(st.text("ab-", max_size=3), min_size=2, max_size=4),
    st.lists(st.text("abx", max_size=3), min_size=3),
)
def test_a_template_admits_what_it_can_become(parts: list[str], fillings: list[str]) -> None:
    admits = KINDS["template-string"].admits
    assert admits is not None
    live = parts[0] + "".join(filling + part for filling, part in zip(fillings, parts[1:], strict=False))
    declared = "${x}".join(parts[: 1 + len(fillings)])
    assert admits(declared, live, NOWHERE) == any(parts[: 1 + len(fillings)])
