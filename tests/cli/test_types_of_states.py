"""`drift types --state` says how deeply the resources of a Terraform state are compared."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Drift
from tests.declared.terraform.test_state import LOCAL, instance, managed, queue, state

OTHER = 'provider["registry.terraform.io/acme/acme"]'
CERTIFICATE = {"arn": "arn:aws:acm:eu-west-1:123456789012:certificate/c"}


def test_types_of_a_state_by_depth_and_count(drift: Drift, tmp_path: Path) -> None:
    kept = state(
        managed("aws_sqs_queue", "a", *(instance(queue(f"a{n}"), index_key=n) for n in range(3))),
        managed("aws_sqs_queue", "old", instance(queue("b"), deposed="1a2b3c4d")),
        managed("aws_codepipeline", "c", instance(CERTIFICATE)),
        managed("aws_macie2_account", "m", instance({"id": "123456789012"})),
        managed("acme_thing", "t", instance({"id": "t"}), provider=OTHER),
        managed("random_id", "r", instance({"id": "x"}), provider=LOCAL),
    )
    (tmp_path / "prod.tfstate").write_text(json.dumps(kept))
    ran = drift("types", "--state", "prod.tfstate")
    assert ran.code == 0, ran.stderr
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert lines == [
        "compared by attribute (3 resources, 1 type)",
        "3 aws_sqs_queue AWS::SQS::Queue",
        "compared by existence: whether it is there (1 resource, 1 type)",
        "1 aws_codepipeline AWS::CodePipeline::Pipeline",
        "not compared at all (2 resources, 2 types)",
        "1 acme_thing",
        "1 aws_macie2_account",
        "nothing live: they are in the state alone (1 resource, 1 type)",
        "1 random_id",
    ]
    only = drift("types", "--state", "prod.tfstate", "--only", "aws_sqs_*")
    assert len(only.stdout.splitlines()) == 2


def test_what_is_no_state_is_refused(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    assert "x.json: this is no Terraform state" in drift("types", "--state", "x.json").complaint
