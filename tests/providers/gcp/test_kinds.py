"""The kinds of values that only Google Cloud has: what means the same is equal, what does not is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.kinds.base import Context
from providers.gcp.kinds import KINDS

CONTEXT = Context("gcp", "p", data={"projects": {"123": "p"}})
ACCOUNT = "checkout@p.iam.gserviceaccount.com"
OTHER = "checkout@other.iam.gserviceaccount.com"
SIZES = {"names": ["SIZE_UNSPECIFIED", "SMALL", "LARGE"]}
ALIGNERS = {"names": ["ALIGN_NONE", "ALIGN_DELTA", "ALIGN_RATE", "ALIGN_MEAN"], "numbers": [0, 1, 2, 12]}
VERSION = {"left_out": {"x-goog-version": "v1"}}
AUTO = {"word": "auto"}
SCOPE = "https://www.googleapis.com/auth/"
INSTANCE = {"key": "instance"}
ROLES = {"of": {"roles/bigquery.dataOwner": "OWNER"}}


def same(kind: str, declared: Any, live: Any, params: dict[str, Any] | None = None) -> bool:
    found, params = KINDS[kind], params or {}
    want, have = (found.canonical(value, CONTEXT, **params) for value in (declared, live))
    return bool(want == have or (found.admits is not None and found.admits(want, have, CONTEXT, **params)))


@pytest.mark.parametrize(
    ("kind", "declared", "live", "params"),
    [
        ("enum", "LARGE", 2, SIZES),
        ("enum", "ALIGN_MEAN", 12, ALIGNERS),
        ("enum", "SIZE_UNSPECIFIED", "LARGE", SIZES),
        ("text", "projects/123/topics/t", "projects/p/topics/t", None),
        ("text", "bucket", "projects/p/buckets/bucket", None),
        ("text", "projects/p/alertPolicies/a", "alertPolicies/a", None),
        ("text", 5, "5", None),
        ("text", "projects/p/l/x/cryptoKeys/k", "projects/p/l/x/cryptoKeys/k/cryptoKeyVersions/7", None),
        ("self-link", "projects/p/global/networks/n", "n", None),
        ("self-link", "projects/*/locations/l/things/t", "projects/p/locations/l/things/t", None),
        ("text", "checkout", ACCOUNT, None),
        ("text", ACCOUNT, "checkout", None),
        ("text", f"projects/p/serviceAccounts/{ACCOUNT}", ACCOUNT, None),
        ("self-link", "projects/p/serviceAccounts/checkout", ACCOUNT, None),
        ("text", OTHER, f"projects/other/serviceAccounts/{OTHER}", None),
        ("self-link", f"projects/-/serviceAccounts/{OTHER}", f"projects/other/serviceAccounts/{OTHER}", None),
        ("text", "p", "123", None),
        ("text", "projects/p", "123", None),
        ("map-defaults", {"x-goog-version": "v1", "a": "b"}, {"a": "b"}, VERSION),
        ("service-choice", "auto", "10.0.0.0/28", AUTO),
        ("oauth-scope", "cloud-platform", f"{SCOPE}cloud-platform", None),
        ("oauth-scope", "compute-ro", f"{SCOPE}compute.readonly", None),
        (
            "self-link",
            "projects/p/global/networks/n",
            "//compute.googleapis.com/projects/p/global/networks/n",
            {"of": "compute"},
        ),
        ("monitoring-filter", 'metric.type="a"', 'project = 123\n metric.type="a"', None),
        ("alias", "roles/bigquery.dataOwner", "OWNER", ROLES),
        ("iam-member", "user:Jane@Example.com", "user:jane@example.com", None),
        ("full-name", "//storage.googleapis.com/projects/_/buckets/b", "//storage.googleapis.com/b", None),
        ("anything", "projects/123/x/y", "projects/p/x/y", None),
        (
            "envelope",
            {"parent": "projects/p", "instanceId": "i", "instance": {"nodeCount": 1}},
            {"nodeCount": 1},
            INSTANCE,
        ),
        ("instance-name", "main", "p:main", None),
        (
            "index-fields",
            [{"fieldPath": "a", "order": "DESCENDING"}],
            [{"fieldPath": "a", "order": "DESCENDING"}, {"fieldPath": "__name__", "order": "DESCENDING"}],
            None,
        ),
        ("instance-name", "projects/123/instances/main", "p:main", None),
    ],
)
def test_one_meaning(kind: str, declared: Any, live: Any, params: dict[str, Any] | None) -> None:
    assert same(kind, declared, live, params)


@pytest.mark.parametrize(
    ("kind", "declared", "live", "params"),
    [
        ("enum", "LARGE", 1, SIZES),
        ("enum", "LARGE", 3, SIZES),
        ("enum", "LARGE", "SIZE_UNSPECIFIED", SIZES),
        ("enum", "ALIGN_RATE", 12, ALIGNERS),
        ("text", "projects/456/topics/t", "projects/p/topics/t", None),
        ("text", "bucket", "projects/q/buckets/bucket", None),
        ("text", "bucket", "https://elsewhere.example/bucket", None),
        ("text", "projects/q/alertPolicies/a", "alertPolicies/a", None),
        ("text", "a//b", "a/b", None),
        ("text", "projects/p/l/x/cryptoKeys/k", "projects/p/l/x/cryptoKeys/j/cryptoKeyVersions/7", None),
        ("self-link", "projects/q/global/networks/n", "n", None),
        ("self-link", "projects/*/locations/l/things/t", "projects/q/locations/l/things/t", None),
        ("text", "checkout", OTHER, None),
        ("text", "checkout", f"{ACCOUNT}.example", None),
        ("self-link", ACCOUNT, OTHER, None),
        ("text", "till", ACCOUNT, None),
        ("self-link", "projects/q/serviceAccounts/checkout", ACCOUNT, None),
        ("text", "p", "456", None),
        ("text", "q", "123", None),
        ("map-defaults", {"x-goog-version": "v1beta1", "a": "b"}, {"a": "b"}, VERSION),
        ("service-choice", "10.1.0.0/28", "10.0.0.0/28", AUTO),
        ("oauth-scope", "storage-ro", f"{SCOPE}cloud-platform", None),
        ("self-link", "/path", "path", None),
        ("monitoring-filter", 'metric.type="a"', 'project = other\n metric.type="a"', None),
        ("alias", "roles/bigquery.dataOwner", "READER", ROLES),
        ("iam-member", "principal://iam.googleapis.com/A", "principal://iam.googleapis.com/a", None),
        ("anything", "Projects", "projects", None),
        ("envelope", {"instance": {"nodeCount": 1}}, {"nodeCount": 2}, INSTANCE),
        ("envelope", {"instance": {"nodeCount": 1}, "clusters": {"c": {}}}, {"nodeCount": 1}, INSTANCE),
        ("instance-name", "main", "q:main", None),
        ("index-fields", [{"fieldPath": "a", "order": "ASCENDING"}],
         [{"fieldPath": "a", "order": "ASCENDING"}, {"fieldPath": "__name__", "order": "DESCENDING"}], None),
    ],
)  # fmt: skip
def test_two_meanings(kind: str, declared: Any, live: Any, params: dict[str, Any] | None) -> None:
    assert not same(kind, declared, live, params)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
)


@pytest.mark.parametrize("name", sorted(KINDS))
@given(value=_json)
def test_canonical_takes_anything_and_is_idempotent(name: str, value: Any) -> None:
    known = {
        "enum": SIZES,
        "alias": ROLES,
        "envelope": INSTANCE,
        "map-defaults": VERSION,
        "service-choice": AUTO,
    }
    params: dict[str, Any] = known.get(name, {})
    once = KINDS[name].canonical(value, CONTEXT, **params)
    assert KINDS[name].canonical(once, CONTEXT, **params) == once
