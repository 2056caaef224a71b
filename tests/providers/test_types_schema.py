"""Every file of type facts keeps to its vocabulary, which its JSON Schema writes down."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import providers
from tests.reading import read_yaml

ROOT = Path(next(iter(providers.__path__)))
FILES = sorted(path for name in ("aws", "kubernetes") for path in (ROOT / name / "types").glob("*.yaml"))


@cache
def checker(provider: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((ROOT / provider / "types.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def keys_that_are_no_text(value: Any, path: str = "") -> Iterator[str]:
    """Where YAML made something else of a key: ``on``, ``off``, ``yes`` and ``no`` are truth values, 1 is a
    number."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                yield f"{path}: {key!r}: write the key in quotes"
            yield from keys_that_are_no_text(item, f"{path}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from keys_that_are_no_text(item, f"{path}/{index}")


def complaints(provider: str, content: Any) -> list[str]:
    odd = list(keys_that_are_no_text(content))
    return odd or [f"{error.json_path}: {error.message}" for error in checker(provider).iter_errors(content)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_file_keeps_to_the_vocabulary(path: Path) -> None:
    content = read_yaml(path)
    assert complaints(path.parent.parent.name, content) == []


QUEUE = read_yaml(ROOT / "aws/types/sqs.yaml")


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        ((), "propertys", {}),
        ((), "service", None),
        (("list",), "itmes", "x"),
        (("facts", "QueueName"), "knid", "set"),
        (("facts", "QueueName"), "secret", "yes"),
        (("terraform", "aws_sqs_queue"), "idd", "x"),
        ((), "join", [{"call": "list_roles", "items": "Roles", "by": "Arn", True: "Arn"}]),
        ((), "read_only", "Arn"),
        ((), "system", [{"when": "a"}]),
    ],
)
def test_a_mistake_is_caught(where: tuple[str, ...], key: str, value: Any) -> None:
    content = copy.deepcopy(QUEUE)
    node = content["AWS::SQS::Queue"]
    for name in where:
        node = node.setdefault(name, {}) if isinstance(node, dict) else node
    node[key] = value
    assert complaints("aws", content)
    assert not complaints("aws", QUEUE)
