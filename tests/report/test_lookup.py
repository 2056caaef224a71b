"""A finding is found by its id, the beginning of one, or what people call its resource."""

from __future__ import annotations

from typing import Any

import pytest

from drift.errors import DriftError
from drift.report.lookup import found


def finding(id_: str, name: str | None, resource_id: str, address: str | None = None) -> dict[str, Any]:
    where = {"address": address} if address else None
    return {
        "id": id_,
        "kind": "changed",
        "type": "T",
        "name": name,
        "resource_id": resource_id,
        "declared_at": where,
    }


REPORT: dict[str, Any] = {
    "run": {"id": "R"},
    "findings": [
        finding("f-1a2b3c4d5e6f7081", "orders", "arn:aws:sqs:eu-west-1:1:orders", "aws_sqs_queue.orders"),
        finding("f-1a2bffffffffffff", "payments", "arn:aws:sqs:eu-west-1:1:payments"),
        finding("f-9999999999999999", "twin", "arn:x:twin"),
        finding("f-8888888888888888", "twin", "arn:y:twin"),
    ],
    "suppressed": [finding("f-1a2b3c4d5e6f7081", "orders", "arn:aws:sqs:eu-west-1:1:orders")],
    "undeclared": [finding("u-0123456789abcdef", "logs", "arn:z:logs")],
}


@pytest.mark.parametrize(
    ("said", "id_"),
    [
        ("f-1a2b3c4d5e6f7081", "f-1a2b3c4d5e6f7081"),
        ("F-1A2B3", "f-1a2b3c4d5e6f7081"),
        ("u-01", "u-0123456789abcdef"),
        ("orders", "f-1a2b3c4d5e6f7081"),
        ("Payments", "f-1a2bffffffffffff"),
        ("aws_sqs_queue.orders", "f-1a2b3c4d5e6f7081"),
        ("arn:y:twin", "f-8888888888888888"),
        ("logs", "u-0123456789abcdef"),
    ],
)
def test_it_is_found(said: str, id_: str) -> None:
    assert found(REPORT, said) == id_


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            "twin",
            "twin: means 2 of run R: f-9999999999999999 changed T twin; f-8888888888888888 changed T twin",
        ),
        ("f-1a2b", "f-1a2b: means 2 of run R"),
        ("f-1", "f-1: no such finding in run R"),
        ("order", "did you mean f-1a2b3c4d5e6f7081 (changed T orders)?"),
        ("paymnets", "did you mean f-1a2bffffffffffff (changed T payments)?"),
        ("f-1a2b3c4d5e6f7082", "did you mean f-1a2b3c4d5e6f7081"),
        ("something else", "its table and its pages show the ids"),
    ],
)
def test_what_means_none_or_several_is_told(said: str, says: str) -> None:
    with pytest.raises(DriftError) as error:
        found(REPORT, said)
    assert says in str(error.value)
