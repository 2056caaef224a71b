"""What holds the cut of the program: who may import whom, that AWS is only read, that facts are whole."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import jsonschema
import pytest
from botocore import xform_name

import providers.aws
from drift.report.document import json_schema
from providers.aws import expressions
from providers.aws.attaching import Attach, function
from providers.aws.facts import catalogue

ROOT = Path(__file__).parents[1]
AWS = Path(providers.aws.__file__).parent
READING = re.compile(r"(Describe|List|Get|Head|BatchGet|Lookup|Search)[A-Z]")
#: Reading operations whose name says otherwise: Resource Explorer has a bare one.
ALSO_READING = frozenset({"Search"})
#: (file, method) of the one call that changes something: it sends a mail, where `mail.via.ses` says so; and
#: of the one that gives a session its credentials.
SENDING = frozenset({("ses.py", "send_email"), ("session.py", "assume_role")})


@pytest.mark.xdist_group("lint-imports")
def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_reports_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_wheel_holds_the_data_and_no_tests(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "drift/report/report.schema.json",
        "drift/rules/severity.yaml",
        "providers/aws/schemas.json",
        "providers/aws/severity.yaml",
        "providers/aws/types/sqs.yaml",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


# AWS is only ever read


def steps(said: Any) -> Iterator[Mapping[str, Any]]:
    """Every call at or below a part of a fact (``list``, ``join``, ``describe``, ``for_each``)."""
    if isinstance(said, Mapping):
        if "call" in said:
            yield said
        for part in said.values():
            yield from steps(part)
    elif isinstance(said, list):
        for part in said:
            yield from steps(part)


@cache
def operations(service: str) -> dict[str, str]:
    """boto3's method names → the service's own operation names."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def reads(operation: str) -> bool:
    return READING.match(operation) is not None or operation in ALSO_READING


TYPES = sorted(catalogue().entries)
#: Of which more is read than that they are there.
COMPARED = sorted(catalogue().compared)


@pytest.mark.parametrize("type_", TYPES)
def test_the_facts_only_read(type_: str) -> None:
    entry = catalogue().entries[type_]
    found = list(steps(entry.said))
    assert found
    for step in found:
        known = operations(step.get("service", entry.service))
        assert step["call"] in known, f"{type_}: there is no {step['call']}"
        assert reads(known[step["call"]]), f"{type_}: {step['call']} is not reading"


@cache
def every_method() -> dict[str, set[str]]:
    """boto3's method name → operations of that name, of all services that facts or code use."""
    used = {entry.service for entry in catalogue().entries.values()}
    used |= {
        step["service"]
        for entry in catalogue().entries.values()
        for step in steps(entry.said)
        if "service" in step
    }
    found: dict[str, set[str]] = {}
    for service in used | {
        *("sts", "organizations", "cloudformation", "s3", "cloudtrail", "config", "ses", "sesv2"),
    }:
        for method, operation in operations(service).items():
            found.setdefault(method, set()).add(operation)
    return found


def sources() -> list[Path]:
    """The AWS provider's code, without what builds loopback estates."""
    return [
        path
        for path in sorted(AWS.rglob("*.py"))
        if "demo" not in path.relative_to(AWS).parts and path.name != "loopback.py"
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(AWS)))
def test_the_code_only_reads(path: Path) -> None:
    known = every_method()
    for node in ast.walk(ast.parse(path.read_text())):
        name = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if (
                name in ("get_paginator", "get_waiter")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                name = str(node.args[0].value)
        if name in known and (path.name, name) not in SENDING:
            assert all(map(reads, known[name])), f"{path.name}:{node.lineno}: {name} is not reading"


def test_the_check_of_the_code_sees_a_write() -> None:
    assert "delete_queue" in every_method()
    assert {"send_email", "send_bulk_email", "create_email_identity"} <= set(every_method())
    assert all(
        (AWS / file).is_file() and f".{method}(" in (AWS / file).read_text() for file, method in SENDING
    )
    assert not reads("DeleteQueue")
    assert not reads("Getaway")
    assert reads("GetQueueAttributes")


# Facts are whole


@pytest.mark.parametrize("type_", COMPARED)
def test_every_writable_property_is_compared_or_told_as_unverifiable(type_: str) -> None:
    entry = catalogue().entries[type_]
    assert entry.schema or "beyond" in entry.said, f"{type_} is not in schemas.json: run make facts"
    read = set(entry.properties)
    if "hook" in entry.said:
        read |= texts_of(function(entry.said["hook"]))
    read |= {attach.parents for attach in catalogue().adds.get(type_, ())}  # said of other resources
    for name in set(entry.writable) - read:
        node = entry.facts.root.child(name)
        assert node.unread or node.write_only, f"{type_}: {name} is neither read nor said to be unread"


def texts_of(function: Callable[..., Any]) -> set[str]:
    """Every text in the module of a hook: the names of the properties that it gives are among them."""
    tree = ast.parse(Path(inspect.getfile(inspect.unwrap(function))).read_text())
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    } | {
        word.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg
    }


@pytest.mark.parametrize("type_", COMPARED)
def test_every_property_is_of_the_schema_or_has_a_fact(type_: str) -> None:
    """A live value that no schema knows would be reported as undeclared for ever."""
    entry = catalogue().entries[type_]
    known = {path.split("/")[0] for path in entry.schema.get("paths", {})} | {"Arn"}
    for attaches in (*catalogue().attachments.values(), *catalogue().adds.values()):
        known |= {name for one in attaches if one.into == type_ for name in (*one.set, one.append)}
    for name in set(entry.properties) - known:
        assert name in entry.facts.root.children, f"{type_}: neither the schema nor a fact knows {name}"


def expressions_of(said: Any, key: str = "") -> Iterator[str]:
    """Every expression in a fact: by the words that hold one, and what begins with ``=`` in ``with``."""
    if isinstance(said, Mapping):
        for word, part in said.items():
            yield from expressions_of(part, str(word))
    elif isinstance(said, list):
        for part in said:
            yield from expressions_of(part, key)
    elif isinstance(said, str) and (
        key in ("items", "take", "when", "on", "by", "key", "from", "region", "parents", "member")
        or said.startswith("=")
    ):
        yield said.removeprefix("=")


@pytest.mark.parametrize("type_", TYPES)
def test_every_expression_compiles_and_every_hook_imports(type_: str) -> None:
    entry = catalogue().entries[type_]
    assert bool(entry.properties) is not entry.existence
    assert entry.identity.source
    expressions.compile(entry.identity.source)
    assert entry.facts.type == type_
    for part in ("list", "join", "describe", "system"):
        for text in expressions_of(entry.said.get(part, ())):
            expressions.compile(text)
    if "hook" in entry.said:
        assert callable(function(entry.said["hook"]))


def test_every_translation_of_terraform_compiles() -> None:
    for name, entries in catalogue().terraform.items():
        for entry in entries:
            there = entry.type in catalogue().entries and catalogue().entries[entry.type].existence
            whole = entry.type and (entry.id if there else entry.properties or entry.hook)
            assert entry.nothing or entry.attach or whole, name
            for text in (entry.id, *entry.properties.values()):
                if text:
                    expressions.compile(text)
            if entry.hook:
                assert callable(function(entry.hook))
            for attach in entry.attach:
                compile_attach(attach, name)


def test_every_attachment_compiles_and_has_a_parent() -> None:
    for name, attaches in catalogue().attachments.items():
        for attach in attaches:
            compile_attach(attach, name)


def compile_attach(attach: Attach, name: str) -> None:
    assert attach.into in catalogue().entries, f"{name}: {attach.into} is not read"
    for text in (attach.parents, attach.member, attach.when, *attach.set.values()):
        if text:
            expressions.compile(text)
    if attach.hook:
        assert callable(function(attach.hook))
