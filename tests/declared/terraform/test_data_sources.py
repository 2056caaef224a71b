"""Data sources of a configuration alone: known where their arguments and their provider's place tell them,
and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.declared.terraform.configuration.values import settled
from drift.model import Unresolved
from tests.declared.terraform.data_sources import root
from tests.declared.terraform.test_intent import live_queue, record, told
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import ACCOUNT

HERE = ("111111111111", "eu-west-1")
HCL = """
variable "none" {}
provider "aws" {
%s
}
provider "aws" {
  alias = "other"
%s
}
data "aws_caller_identity" "here" {}
data "aws_region" "here" {}
data "aws_caller_identity" "other" {
  provider = aws.other
}
data "aws_region" "other" {
  provider = aws.other
}
output "here" {
  value = [data.aws_caller_identity.here.account_id, data.aws_region.here.name]
}
output "other" {
  value = [data.aws_caller_identity.other.account_id, data.aws_region.other.name]
}
"""
ROLE = 'assume_role {\n role_arn = "arn:aws:iam::222222222222:role/x"\n }'


@pytest.mark.parametrize(
    ("here", "other", "wanted", "beyond"),
    [
        ("", "", HERE, HERE),
        ('region = "us-east-1"', 'region = "us-west-2"', (HERE[0], "us-east-1"), (HERE[0], "us-west-2")),
        ("region = var.none", "region = var.none", (HERE[0], None), (HERE[0], None)),
        ("", ROLE, HERE, ("222222222222", None)),
        (ROLE, ROLE, ("222222222222", HERE[1]), ("222222222222", HERE[1])),
        (ROLE, "", ("222222222222", HERE[1]), (None, None)),
        ("", "assume_role {\n role_arn = var.none\n }", HERE, (None, None)),
        ("", 'profile = "x"\n region = "us-east-1"', HERE, (None, "us-east-1")),
        ('profile = "x"', 'profile = "x"', HERE, HERE),
        ("profile = var.none", "profile = var.none", HERE, (None, None)),
        ('allowed_account_ids = ["333333333333"]', "", ("333333333333", HERE[1]), ("333333333333", HERE[1])),
        ("", 'profile = "x"\n allowed_account_ids = ["333333333333"]', HERE, ("333333333333", None)),
    ],
)
def test_a_provider_says_where_it_is(
    tmp_path: Path, here: str, other: str, wanted: tuple[str | None, ...], beyond: tuple[str | None, ...]
) -> None:
    """What a block does not say is the entry's; of one with an alias only where it logs in as the other."""
    module = root(tmp_path, HCL % (here, other))
    for output, place in {"here": wanted, "other": beyond}.items():
        made = module.output(output)
        assert tuple(None if isinstance(one, Unresolved) else one for one in made) == place, (output, made)


def test_without_a_place_nothing_is_known(tmp_path: Path) -> None:
    module = root(tmp_path, HCL % ("", ""), None, None)
    assert all(isinstance(one, Unresolved) for one in [*module.output("here"), *module.output("other")])


def test_a_module_asks_by_the_providers_that_it_is_given(tmp_path: Path) -> None:
    text = HCL % ("", 'region = "us-west-2"')
    text += 'module "m" {\n  source = "./m"\n  providers = {\n    aws = aws.other\n  }\n}\n'
    text += 'module "n" {\n  source = "./m"\n  providers = {\n    aws = aws.gone\n  }\n}\n'
    text += 'output "m" {\n  value = [module.m.region, module.n.region]\n}\n'
    inner = 'data "aws_region" "r" {}\noutput "region" {\n  value = data.aws_region.r.name\n}\n'
    known, lost = root(tmp_path, text, m__main=inner).output("m")
    assert known == "us-west-2"
    assert isinstance(lost, Unresolved)


def test_what_only_the_cloud_knows_is_not_made_up(tmp_path: Path) -> None:
    text = 'data "aws_caller_identity" "c" {}\ndata "aws_availability_zones" "z" {}\noutput "o" {\n'
    text += "  value = [data.aws_caller_identity.c.arn, data.aws_availability_zones.z.names,\n"
    text += '    try(data.aws_caller_identity.c.user_id, "x"), data.aws_caller_identity.c]\n}\n'
    assert all(isinstance(one, Unresolved) for one in root(tmp_path, text).output("o"))


LOCAL = """
variable "none" {}
data "template_file" "t" {
  template = "a $${who} $${times}"
  vars = {
    who   = "b"
    times = 2
  }
}
data "template_file" "u" {
  template = "a"
  vars     = { who = var.none }
}
data "local_file" "f" {
  filename = "${path.module}/motd.txt"
}
data "local_file" "gone" {
  filename = "none.txt"
}
data "null_data_source" "n" {
  inputs = { a = "b" }
}
data "archive_file" "z" {
  type        = "zip"
  output_path = "${path.module}/z.zip"
}
data "external" "e" {
  program = ["x"]
}
output "known" {
  value = [data.template_file.t.rendered, data.local_file.f.content, data.local_file.f.content_md5,
    data.null_data_source.n.outputs, data.archive_file.z.output_path]
}
output "unknown" {
  value = [data.template_file.u.rendered, data.local_file.gone.content, data.external.e.result,
    data.archive_file.z.output_base64sha256]
}
"""


def test_what_asks_no_cloud_is_worked_out(tmp_path: Path) -> None:
    (tmp_path / "motd.txt").write_text("hello\n")
    module = root(tmp_path, LOCAL)
    digest = "b1946ac92492d2347c6235b4d2611184"
    assert settled(module.output("known")) == ["a b 2", "hello\n", digest, {"a": "b"}, "./z.zip"]
    assert all(isinstance(one, Unresolved) for one in settled(module.output("unknown")))


OTHERS = """
provider "azurerm" {
  tenant_id = "t"
  features {}
}
provider "google" {
  project = "acme-shop"
  zone    = "europe-west1-b"
}
data "azurerm_client_config" "c" {}
data "azurerm_subscription" "s" {}
data "google_client_config" "g" {}
data "google_project" "p" {}
data "google_project" "q" {
  project_id = "other"
}
output "known" {
  value = [data.azurerm_client_config.c.tenant_id, data.azurerm_client_config.c.subscription_id,
    data.azurerm_subscription.s.id, data.google_client_config.g.project, data.google_client_config.g.zone,
    data.google_project.p.project_id, data.google_project.q.project_id]
}
output "unknown" {
  value = [data.azurerm_client_config.c.object_id, data.azurerm_subscription.s.display_name,
    data.google_client_config.g.region, data.google_client_config.g.access_token,
    data.google_project.p.number]
}
"""


def test_azure_and_google_too(tmp_path: Path) -> None:
    id_ = "3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11"
    module = root(tmp_path, OTHERS, id_, None)
    wanted = ["t", id_, f"/subscriptions/{id_}", "acme-shop", "europe-west1-b", "acme-shop", "other"]
    assert module.output("known") == wanted
    assert all(isinstance(one, Unresolved) for one in module.output("unknown"))


def test_the_place_of_one_cloud_is_not_taken_for_anothers(tmp_path: Path) -> None:
    """Of an entry whose configuration speaks of two."""
    text = """
        data "google_client_config" "g" {}
        data "azurerm_client_config" "z" {}
        data "aws_caller_identity" "a" {}
        data "aws_partition" "p" {}
        output "o" {
          value = [data.google_client_config.g.project, data.azurerm_client_config.z.subscription_id,
            data.aws_caller_identity.a.account_id, data.aws_partition.p.id]
        }
    """
    known = [isinstance(one, str) for one in root(tmp_path, text, "acme-shop", "europe-west1").output("o")]
    assert known == [True, False, False, False]
    known = [isinstance(one, str) for one in root(tmp_path, text).output("o")]
    assert known == [False, False, True, True]


def test_what_follows_from_the_account_is_compared(tmp_path: Path) -> None:
    """A bucket that is named after the account and the region, and a queue's policy."""
    hcl = """
        data "aws_caller_identity" "me" {}
        data "aws_region" "here" {}
        locals {
          me = data.aws_caller_identity.me.account_id
        }
        data "aws_iam_policy_document" "p" {
          statement {
            actions   = ["sqs:SendMessage"]
            resources = ["arn:aws:sqs:${data.aws_region.here.name}:${local.me}:a"]
            principals {
              type        = "AWS"
              identifiers = ["*"]
            }
          }
        }
        resource "aws_s3_bucket" "b" {
          bucket = "acme-${data.aws_caller_identity.me.account_id}"
          tags   = { Region = data.aws_region.here.name }
        }
        resource "aws_iam_policy" "p" {
          name   = "p"
          policy = data.aws_iam_policy_document.p.json
        }
    """
    name = f"acme-{ACCOUNT}"
    bucket = {"BucketName": name, "Tags": [{"Key": "Region", "Value": "us-east-1"}]}
    arn = f"arn:aws:iam::{ACCOUNT}:policy/p"
    statement = {"Effect": "Deny", "Action": "sqs:SendMessage", "Principal": {"AWS": "*"}}
    statement["Resource"] = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:a"
    policy = {"ManagedPolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    records = [
        {**record("AWS::S3::Bucket", f"arn:aws:s3:::{name}", bucket, None), "name": name},
        {**record("AWS::IAM::ManagedPolicy", arn, policy, None), "name": "p"},
    ]
    report = scan(tmp_path, {"infra/main.tf": hcl}, records)
    assert report["problems"] == report["unverifiable"] == []
    assert [path.partition("/Statement")[0] for *_, path in told(report)] == [
        "/PolicyDocument",
        "/Tags/Region",
    ]


@pytest.mark.parametrize("said", ["region = var.none", 'profile = "x"', ROLE])
def test_a_resource_whose_place_is_not_known_is_not_looked_for_elsewhere(tmp_path: Path, said: str) -> None:
    hcl = f'variable "none" {{}}\nprovider "aws" {{\n  alias = "o"\n  {said}\n}}\n'
    hcl += 'resource "aws_sqs_queue" "a" {\n  name = "a"\n  delay_seconds = 5\n  provider = aws.o\n}\n'
    report = scan(tmp_path, {"infra/main.tf": hcl}, [live_queue("a", DelaySeconds=6)])
    assert [one for one in told(report) if one[0] != "unmanaged"] == []
    assert [one["declared_at"]["address"] for one in report["unverifiable"]] == ["aws_sqs_queue.a"]
