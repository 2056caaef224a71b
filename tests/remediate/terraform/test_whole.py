"""What is missing is declared no longer; what nobody declares is imported; what Git says is restored by a
command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import load
from drift.editor import Restoring, Wish
from drift.plugins import editor
from drift.remediate.proof import Proof
from tests.remediate.harness import Outcome, adopted, repository, snapshot
from tests.remediate.terraform.estate import declared

ACCOUNT = "111122223333"
CONFIG = f'version: 1\ndeclared:\n  - {{path: infra, scope: "{ACCOUNT}", region: eu-west-1}}\n'
CELLS = [{"provider": "aws", "scope": ACCOUNT, "region": "eu-west-1", "type": "AWS::SQS::Queue"}]
TWO = """\
resource "aws_sqs_queue" "orders" {
  name = "orders"
}

# What the shop sends.
# Nobody reads it.
resource "aws_sqs_queue" "mails" {
  name = "mails"
}
"""


def estate(folder: Path, files: Mapping[str, str], config: str = CONFIG) -> Path:
    return repository(folder / "r", {"drift.yaml": config, **{f"infra/{k}": v for k, v in files.items()}})


def without(folder: Path, *names: str, more: list[dict[str, Any]] | None = None) -> Path:
    """A live side with all that is declared but these."""
    found = [one for one in declared(folder) if one["name"] not in names]
    return snapshot(folder.parent / "live.jsonl", [*found, *(more or [])], cells=CELLS)


def lost(tmp_path: Path, files: Mapping[str, str], *names: str) -> Outcome:
    folder = estate(tmp_path, files)
    return adopted(folder, without(folder, *names))


def test_a_missing_resource_goes_with_its_comment(tmp_path: Path) -> None:
    done = lost(tmp_path, {"main.tf": TWO}, "mails")
    assert done.described == {}
    assert done.files == {"infra/main.tf": TWO[: TWO.index("\n# What")]}


def test_where_terraform_knows_it_a_removed_block_stays(tmp_path: Path) -> None:
    head = 'terraform {\n  required_version = "~> 1.9"\n}\n\n'
    done = lost(tmp_path, {"main.tf": head + TWO}, "orders")
    block = "removed {\n  from = aws_sqs_queue.orders\n\n  lifecycle {\n    destroy = false\n  }\n}\n"
    assert done.files == {"infra/main.tf": head + block + TWO[TWO.index("\n# What") :]}


def test_what_others_use_is_described_with_where(tmp_path: Path) -> None:
    more = (
        '\nresource "aws_sqs_queue" "dead" {\n  name = "dead"\n}\n\nresource "aws_sqs_queue" "all" {\n'
        '  name           = "all"\n'
        "  redrive_policy = jsonencode({\n    deadLetterTargetArn = aws_sqs_queue.dead.arn\n"
        "    maxReceiveCount     = 3\n  })\n}\n"
    )
    done = lost(tmp_path, {"main.tf": TWO + more}, "dead")
    assert done.files == {}
    assert [why for why, _ in done.described.values()] == ["aws_sqs_queue.dead is used at infra/main.tf:18"]


def test_an_output_and_what_only_adds_to_it_go_along(tmp_path: Path) -> None:
    bucket = (
        'resource "aws_s3_bucket" "logs" {\n  bucket = "acme-whole-logs"\n}\n\n'
        'resource "aws_s3_bucket_versioning" "logs" {\n  bucket = aws_s3_bucket.logs.id\n\n'
        '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n\n'
    )
    kept = 'resource "aws_s3_bucket" "kept" {\n  bucket = "acme-whole-kept"\n}\n'
    files = {
        "main.tf": bucket + kept,
        "outputs.tf": 'output "a" {\n  value = 1\n}\n\n'
        'output "logs" {\n  value = aws_s3_bucket.logs.arn\n}\n',
    }
    done = lost(tmp_path, files, "acme-whole-logs")
    assert done.described == {}
    assert done.files == {
        "infra/main.tf": kept,
        "infra/outputs.tf": 'output "a" {\n  value = 1\n}\n',
    }


def test_of_several_instances_the_key_goes(tmp_path: Path) -> None:
    text = (
        'resource "aws_sqs_queue" "all" {\n  for_each = toset(["orders", "mails", "dead"])\n'
        "  name     = each.key\n}\n"
    )
    done = lost(tmp_path, {"main.tf": text}, "mails")
    assert done.files == {"infra/main.tf": text.replace(' "mails",', "")}


IN_JSON = """\
{
  "terraform": {"required_version": "~> 1.9"},
  "resource": {
    "aws_sns_topic": {
      "alerts": {"name": "alerts"}
    },
    "aws_sqs_queue": {
      "orders": {
        "name": "orders"
      },
      "mails": {
        "name": "mails",
        "delay_seconds": 5
      }
    }
  },
  "output": {
    "mails": {
      "value": "${aws_sqs_queue.mails.arn}"
    }
  }
}
"""
REMOVED = """,
  "removed": [
    {
      "from": "aws_sqs_queue.mails",
      "lifecycle": {
        "destroy": false
      }
    }
  ]
}
"""


def test_in_json_a_missing_resource_goes_with_its_output_and_is_forgotten(tmp_path: Path) -> None:
    done = lost(tmp_path, {"main.tf.json": IN_JSON}, "mails")
    assert done.described == {}
    kept = IN_JSON.replace(
        """,
      "mails": {
        "name": "mails",
        "delay_seconds": 5
      }""",
        "",
    )
    kept = kept[: kept.index(',\n  "output"')] + REMOVED
    assert done.files == {"infra/main.tf.json": kept}


def test_in_json_nothing_empty_is_left(tmp_path: Path) -> None:
    two = '{"resource": [{"aws_sqs_queue": {"a": {"name": "a"}}}, {"aws_sns_topic": {"t": {"name": "t"}}}]}\n'
    cells = [*CELLS, {**CELLS[0], "type": "AWS::SNS::Topic"}]
    folder = estate(tmp_path, {"main.tf.json": two})
    found = [one for one in declared(folder) if one["name"] != "a"]
    done = adopted(folder, snapshot(folder.parent / "live.jsonl", found, cells=cells))
    assert done.files == {"infra/main.tf.json": '{"resource": [{"aws_sns_topic": {"t": {"name": "t"}}}]}\n'}


def test_in_json_what_others_use_is_described(tmp_path: Path) -> None:
    text = IN_JSON.replace('"name": "alerts"', '"name": "alerts", "depends_on": ["aws_sqs_queue.mails"]')
    folder = estate(tmp_path, {"main.tf.json": text})
    live = [one for one in declared(folder) if one["name"] != "mails"]
    done = adopted(folder, snapshot(folder.parent / "live.jsonl", live, cells=CELLS))
    assert done.files == {}
    assert [why for why, _ in done.described.values()] == [
        "aws_sqs_queue.mails is used at infra/main.tf.json:5"
    ]


# What nobody declares


def queue(**attributes: Any) -> dict[str, Any]:
    return {
        "provider": "aws",
        "scope": ACCOUNT,
        "region": "eu-west-1",
        "type": "AWS::SQS::Queue",
        "id": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:by-hand",
        "name": "by-hand",
        "attributes": {
            "QueueName": "by-hand",
            "Arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:by-hand",
            "QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/by-hand",
            **attributes,
        },
    }


def test_an_unmanaged_resource_is_imported_beside_its_kind(tmp_path: Path) -> None:
    folder = estate(tmp_path, {"main.tf": TWO, "other.tf": "locals {}\n"})
    more = queue(
        VisibilityTimeout=60,
        DelaySeconds=0,
        MessageRetentionPeriod=345600,
        Tags=[{"Key": "Owner", "Value": "${ada}"}],
    )
    done = adopted(folder, without(folder, more=[more]))
    assert done.described == {}
    assert done.files == {
        "infra/main.tf": TWO
        + f"""
import {{
  to = aws_sqs_queue.by_hand
  id = "https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/by-hand"
}}

resource "aws_sqs_queue" "by_hand" {{
  name                       = "by-hand"
  visibility_timeout_seconds = 60
  tags = {{
    Owner = "$${{ada}}"
  }}
}}
"""
    }


def test_in_json_an_unmanaged_resource_is_imported_beside_its_kind(tmp_path: Path) -> None:
    folder = estate(tmp_path, {"main.tf.json": IN_JSON})
    live = [*declared(folder), queue(VisibilityTimeout=60, Tags=[{"Key": "Owner", "Value": "${ada}"}])]
    done = adopted(folder, snapshot(folder.parent / "live.jsonl", live))
    assert done.described == {}
    text = IN_JSON.replace(
        """        "delay_seconds": 5
      }
""",
        """        "delay_seconds": 5
      },
      "by_hand": {
        "name": "by-hand",
        "visibility_timeout_seconds": 60,
        "tags": {
          "Owner": "$${ada}"
        }
      }
""",
    )
    assert done.files == {
        "infra/main.tf.json": text.removesuffix("\n}\n")
        + f""",
  "import": [
    {{
      "to": "aws_sqs_queue.by_hand",
      "id": "https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/by-hand"
    }}
  ]
}}
"""
    }


def test_an_older_terraform_is_told_the_command(tmp_path: Path) -> None:
    head = 'terraform {\n  required_version = ">= 1.3, < 1.5"\n}\n\n'
    folder = estate(tmp_path, {"main.tf": head + TWO})
    done = adopted(folder, without(folder, more=[queue()]))
    assert done.files == {}
    ((why, _),) = done.described.values()
    assert why.endswith(
        "run `terraform import aws_sqs_queue.by_hand "
        f'"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/by-hand"`'
    )


# Git is right


def restored(folder: Path, live: Path) -> Restoring:
    verdict = Proof(load(folder / "drift.yaml", None, {}), [live]).judged(lambda _: True)
    (finding,) = verdict.findings.values()
    source = verdict.source_of(finding)
    assert source is not None
    wish = Wish(finding, None, source, source.location, verdict.estate.providers, tuple(verdict.said.sources))
    found = editor(source.source).restoring(wish)
    assert found is not None
    return found


def test_the_command_names_one_address_and_what_goes_along(tmp_path: Path) -> None:
    text = (
        'resource "aws_sqs_queue" "dead" {\n  name = "dead"\n}\n\nresource "aws_sqs_queue" "all" {\n'
        '  for_each      = { "a b" = 5 }\n  name          = "x"\n  delay_seconds = each.value\n'
        "  tags          = { Dead = aws_sqs_queue.dead.name }\n}\n"
    )
    config = CONFIG.replace("path: infra,", "path: infra, workspace: prod, var_files: [infra/prod.tfvars],")
    folder = estate(tmp_path, {"main.tf": text, "prod.tfvars": ""}, config)
    records = list(declared(folder))
    for one in records:
        if one["name"] == "x":
            one["attributes"]["DelaySeconds"] = 9
    found = restored(folder, snapshot(tmp_path / "live.jsonl", records))
    assert found.folder == "infra"
    assert found.commands == (
        ("terraform", "workspace", "select", "prod"),
        ("terraform", "apply", '-target=aws_sqs_queue.all["a b"]', "-var-file=prod.tfvars"),
    )
    assert "/DelaySeconds of x" in found.does
    assert "aws_sqs_queue.dead" in found.does


@pytest.mark.parametrize("name", ["main.tofu"])
def test_files_of_opentofu_are_applied_with_it(tmp_path: Path, name: str) -> None:
    folder = estate(tmp_path, {name: TWO})
    found = restored(folder, without(folder, "mails"))
    assert found.commands == (("tofu", "apply", "-target=aws_sqs_queue.mails"),)
    assert json.dumps(found.does)
