"""What is known of Google's types: schemas and our own facts, for any type of the right form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from providers.gcp import schema
from providers.gcp.facts import _said, _schema_name, facts_of, known_types
from providers.gcp.provider import provider

#: Paths of our facts that the answers' schemas do not have: of requests, of keyed members, of APIs without
#: schema.
OUTSIDE = {
    "spanner.googleapis.com/Database": {"createStatement", "extraStatements", "protoDescriptors"},
    "secretmanager.googleapis.com/SecretVersion": {"payload/data"},
    "compute.googleapis.com/SecurityPolicy": {"rules/2147483647"},
    "run.googleapis.com/Service": {"metadata/namespace", "spec/template/metadata/namespace"},
}
UNKNOWN = {
    "iam.googleapis.com/Binding",
    "iam.googleapis.com/AuditConfig",
    "cloudsecuritycompliance.googleapis.com/CloudControl",
    "storageinsights.googleapis.com/DatasetConfig",
    "privilegedaccessmanager.googleapis.com/Entitlement",
}


def _places() -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """(what is said of, host, schema, facts)"""
    types, schemas = _said()
    for name, words in types.items():
        host, _, kind = name.partition("/")
        yield name, host, words.get("schema") or _schema_name(host, kind) or "", words.get("facts", {})
    for name, facts in schemas.items():
        host, _, kind = name.partition("/")
        yield name, host, kind, facts


def _knows(host: str, name: str, path: str) -> bool:
    node: Any = {"r": name}
    for part in path.split("/") if path != "." else ():
        if part == "*":
            node = node.get("i") or node.get("m") or {}
            continue
        known = schema.properties(host, node) or {}
        if part in known:
            node = known[part]
        elif "m" in node:
            node = node["m"]
        else:
            return False
    return True


def test_facts_speak_of_fields_that_the_schema_has() -> None:
    wrong = [
        (name, path)
        for name, host, schema_name, facts in _places()
        if name not in UNKNOWN
        for path in facts
        if path not in OUTSIDE.get(name, ()) and not _knows(host, schema_name, path)
    ]
    assert wrong == []


def test_known_types_have_facts_and_titles() -> None:
    assert len(known_types()) >= 60
    for name in known_types():
        facts = provider.facts(name)
        assert facts is not None
        assert not facts.regional
        assert facts.title != name.partition("/")[2], name


@pytest.mark.parametrize(
    "name",
    [
        "storage.googleapis.com/Bucket",
        "logging.googleapis.com/LogSink",
        "iam.googleapis.com/ServiceAccountKey",
        "sqladmin.googleapis.com/Instance",
        "run.googleapis.com/Service",
        "compute.googleapis.com/GlobalForwardingRule",
    ],
)
def test_schemas_are_found_by_collection_or_name(name: str) -> None:
    facts = facts_of(name)
    assert facts is not None
    assert len(facts.root.children) > 5


def test_any_type_of_the_right_form_is_supported() -> None:
    assert provider.facts("new.googleapis.com/Thing") is not None
    assert provider.facts("Microsoft.Storage/storageAccounts") is None
    assert provider.facts("AWS::S3::Bucket") is None


def test_own_facts_of_one_type_do_not_leak_into_another() -> None:
    template, instance = (
        facts_of("compute.googleapis.com/InstanceTemplate"),
        facts_of("compute.googleapis.com/Instance"),
    )
    assert template is not None
    assert instance is not None
    assert instance.root.find("/status").read_only is False
    assert template.root.find("/properties/networkInterfaces/0/name").assigned is False
