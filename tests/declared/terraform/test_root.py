"""A root module as a declared entry: its state by its backend, or none; where values are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from drift import declared
from drift.config.model import load
from drift.scan import Run
from drift.source import Location
from tests.declared.terraform.test_intent import live_queue, record, told
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, queue, state
from tests.rules.support import write

QUEUE = """variable "d" { default = 5 }
resource "aws_sqs_queue" "a" {
  name = "a"
  delay_seconds = var.d
}
"""


def scan(
    folder: Path,
    files: dict[str, str],
    records: list[Any],
    path: str = "infra",
    tell: Callable[[str], None] = lambda _: None,
    **options: Any,
) -> Any:
    entry = {"path": path, "scope": ACCOUNT, "region": "eu-west-1", **options}
    write(
        folder,
        {
            **files,
            "live.yaml": records,
            "drift.yaml": yaml.safe_dump({"version": 1, "declared": [entry]}),
        },
    )
    return Run(load(folder / "drift.yaml"), (), [folder / "live.yaml"], tell=tell).scan().report


def test_the_state_comes_from_the_backend(tmp_path: Path) -> None:
    backend = 'terraform {\n  backend "local" {\n    path = "../states/shop.tfstate"\n  }\n}\n'
    content = state(managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=9))))
    files = {"infra/main.tf": QUEUE, "infra/backend.tf": backend, "states/shop.tfstate": json.dumps(content)}
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=9)])
    assert told(report) == [("changed", None, "/DelaySeconds")]
    (finding,) = report["findings"]
    assert finding["declared_at"]["file"] == "infra/main.tf"
    assert finding["changes"][0]["written_at"] == {"file": "infra/main.tf", "line": 1}


def test_without_a_state_what_identifies_itself_is_compared(tmp_path: Path) -> None:
    hcl = QUEUE + 'resource "aws_sqs_queue" "b" {\n  name = "b-${aws_sqs_queue.a.arn}"\n}\n'
    report = scan(tmp_path, {"infra/main.tf": hcl}, [live_queue("a", DelaySeconds=6)])
    assert told(report) == [("changed", None, "/DelaySeconds")]
    assert report["run"]["declared"][0]["source"] == "terraform"
    assert [one["declared_at"]["address"] for one in report["unverifiable"]] == ["aws_sqs_queue.b"]


def test_what_cannot_be_known_leaves_the_rest_of_its_resource(tmp_path: Path) -> None:
    """A bucket's inline website, and tags that are known only once something else is applied."""
    hcl = """
        resource "aws_s3_bucket" "a" {
          bucket = "acme-a"
          tags   = aws_sqs_queue.a.tags_all
          website {
            index_document = "index.html"
          }
        }
        resource "aws_sqs_queue" "a" {
          name = "a"
        }
    """
    live = {"BucketName": "acme-a", "WebsiteConfiguration": {"IndexDocument": "other.html"}}
    live["Tags"] = [{"Key": "Team", "Value": "shop"}]
    bucket = {**record("AWS::S3::Bucket", "arn:aws:s3:::acme-a", live, None), "name": "acme-a"}
    records = [bucket, live_queue("a")]
    report = scan(tmp_path, {"infra/main.tf": hcl}, records)
    assert report["problems"] == []
    assert told(report) == [("changed", None, "/WebsiteConfiguration/IndexDocument")]
    (open_,) = report["unverifiable"]
    assert (open_["path"], open_["declared_at"]["address"]) == ("/Tags", "aws_s3_bucket.a")


def test_a_reference_to_an_id_that_an_argument_says_is_known_without_a_state(tmp_path: Path) -> None:
    hcl = """
        resource "aws_s3_bucket" "b" {
          bucket = "acme-b"
        }
        resource "aws_s3_bucket_versioning" "b" {
          bucket = aws_s3_bucket.b.id
          versioning_configuration {
            status = "Enabled"
          }
        }
    """
    live = {"BucketName": "acme-b", "VersioningConfiguration": {"Status": "Suspended"}}
    bucket = {**record("AWS::S3::Bucket", "arn:aws:s3:::acme-b", live, None), "name": "acme-b"}
    report = scan(tmp_path, {"infra/main.tf": hcl}, [bucket])
    assert told(report) == [("changed", None, "/VersioningConfiguration/Status")]
    assert [one["reason"] for one in report["unverifiable"]] == []


def test_what_has_a_number_of_instances_that_is_not_known_is_said(tmp_path: Path) -> None:
    hcl = (
        QUEUE
        + """
        data "aws_availability_zones" "z" {}
        resource "aws_sqs_queue" "b" {
          count = length(data.aws_availability_zones.z.names)
          name  = "b${count.index}"
        }
        module "m" {
          for_each = toset(data.aws_availability_zones.z.names)
          source   = "./m"
        }
    """
    )
    files = {"infra/main.tf": hcl, "infra/m/main.tf": QUEUE}
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=5)])
    assert told(report) == []
    said = {one["resource_id"]: (one["type"], one["reason"]) for one in report["unverifiable"]}
    assert {name: type_ for name, (type_, _) in said.items()} == {
        "aws_sqs_queue.b": "aws_sqs_queue",
        "module.m": "module",
    }
    assert all(reason.startswith("how many there are is not known: ") for _, reason in said.values())


def test_what_a_backend_block_leaves_open_is_told(tmp_path: Path) -> None:
    backend = 'variable "b" {}\nterraform {\n  backend "s3" {\n    bucket = var.b\n  }\n}\n'
    report = scan(tmp_path, {"infra/main.tf": backend + QUEUE}, [live_queue("a", DelaySeconds=5)])
    assert told(report) == []
    (problem,) = report["problems"]
    assert "infra/main.tf:3: the backend s3 does not say bucket" in problem["message"]


def test_a_configuration_of_another_state_is_not_asked(tmp_path: Path) -> None:
    content = state(managed("aws_sqs_queue", "z", instance(queue("a", delay_seconds=9))))
    files = {"infra/main.tf": QUEUE, "infra/other.tfstate": json.dumps(content)}
    records = [live_queue("a", DelaySeconds=8)]
    assert told(scan(tmp_path, files, records)) == [("changed", None, "/DelaySeconds")]
    named = scan(tmp_path, files, records, "infra/other.tfstate", configuration="infra")
    assert ("changed", None, "/DelaySeconds") in told(named)


def test_a_value_is_followed_to_where_it_is_written(tmp_path: Path) -> None:
    root = (
        "locals {\n  queues = {\n    a = { delay = 5 }\n  }\n}\n"
        'module "m" {\n  source = "./m"\n  size = local.queues.a.delay\n  wait = var.wait\n}\n'
        'variable "wait" {}\n'
    )
    inner = (
        'variable "size" {}\nvariable "wait" {}\nresource "aws_sqs_queue" "a" {\n  name = "a"\n'
        "  delay_seconds = var.size\n  visibility_timeout_seconds = var.wait\n}\n"
    )
    own = {**queue("a", delay_seconds=5, visibility_timeout_seconds=7)}
    content = state({**managed("aws_sqs_queue", "a", instance(own)), "module": "module.m"})
    files = {
        "infra/main.tf": root,
        "infra/m/main.tf": inner,
        "infra/terraform.tfvars": "\nwait = 7\n",
        "infra/terraform.tfstate": json.dumps(content),
    }
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=1, VisibilityTimeout=1)])
    (finding,) = report["findings"]
    assert finding["declared_at"]["address"] == "module.m.aws_sqs_queue.a"
    assert (finding["declared_at"]["file"], finding["declared_at"]["line"]) == ("infra/m/main.tf", 3)
    assert {one["path"]: one["written_at"] for one in finding["changes"]} == {
        "/DelaySeconds": {"file": "infra/main.tf", "line": 3},
        "/VisibilityTimeout": {"file": "infra/terraform.tfvars", "line": 2},
    }


def test_json_as_cdk_writes_it(tmp_path: Path) -> None:
    said = {
        "//": {"metadata": {"stackName": "shop"}},
        "variable": {"open": {"default": [22]}},
        "resource": {
            "aws_sqs_queue": {
                "a": {
                    "//": {"uniqueId": "a"},
                    "name": '${lower("A")}',
                    "delay_seconds": 5,
                    "tags": {"T": "${1 + 1}"},
                }
            }
        },
    }
    own = queue("a", delay_seconds=9, tags={}, tags_all={})
    content = state(managed("aws_sqs_queue", "a", instance(own)))
    files = {
        "infra/cdk.tf.json": json.dumps(said, indent=1),
        "infra/terraform.tfstate": json.dumps(content),
    }
    live = live_queue("a", DelaySeconds=9, Tags=[{"Key": "T", "Value": "2"}])
    assert told(scan(tmp_path, files, [live])) == [("changed", None, "/DelaySeconds")]


def test_other_files_in_the_folder_are_read_by_their_own_source(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(QUEUE)
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
    found = declared.recognise(Location(tmp_path, "infra"))
    assert [one.name for one in found] == ["manifests", "terraform"]


def test_what_a_backend_block_leaves_open_is_as_init_left_it(tmp_path: Path) -> None:
    backend = 'terraform {\n  backend "local" {}\n}\n'
    config = {"path": "../states/shop.tfstate", "workspace_dir": None, "password": "hush-hush-hush"}
    pointer = {"version": 3, "backend": {"type": "local", "config": config, "hash": 1}}
    content = state(managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=9))))
    files = {
        "infra/main.tf": QUEUE + backend,
        "infra/.terraform/terraform.tfstate": json.dumps(pointer),
        "states/shop.tfstate": json.dumps(content),
    }
    said: list[str] = []
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=9)], tell=said.append)
    assert told(report) == [("changed", None, "/DelaySeconds")]
    assert any("infra/.terraform/terraform.tfstate" in one and "path" in one for one in said)
    assert "hush-hush" not in json.dumps(report) + "".join(said)
    pointer["backend"]["type"] = "other"  # type: ignore[index]
    files["infra/.terraform/terraform.tfstate"] = json.dumps(pointer)
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=9)])
    assert report["run"]["declared"][0]["source"] == "terraform"


REMOTE = """
data "terraform_remote_state" "net" {
  backend   = "local"
  workspace = terraform.workspace
  config    = { path = "../net/terraform.tfstate" }
  defaults  = { wait = 7 }
}
resource "aws_sqs_queue" "a" {
  name                       = data.terraform_remote_state.net.outputs.name
  delay_seconds              = data.terraform_remote_state.net.outputs.sizes[0]
  visibility_timeout_seconds = data.terraform_remote_state.net.outputs.wait
  policy                     = data.terraform_remote_state.net.outputs.secret
}
"""


def test_outputs_of_another_state_are_read_there(tmp_path: Path) -> None:
    outputs = {
        "name": {"value": "a", "type": "string"},
        "sizes": {"value": [5], "type": ["list", "number"]},
        "secret": {"value": "hush-hush-hush", "type": "string", "sensitive": True},
    }
    net = {**state(), "outputs": outputs}
    content = state(managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=9))))
    files = {
        "infra/main.tf": REMOTE,
        "infra/terraform.tfstate": json.dumps(content),
        "net/terraform.tfstate": json.dumps(net),
    }
    live = [live_queue("a", DelaySeconds=9, VisibilityTimeout=7)]
    report = scan(tmp_path, files, live, "infra/terraform.tfstate")
    assert ("changed", None, "/DelaySeconds") in told(report)
    assert "hush-hush" not in json.dumps(report)
    del files["net/terraform.tfstate"]
    (tmp_path / "net/terraform.tfstate").unlink()
    assert ("changed", None, "/DelaySeconds") not in told(
        scan(tmp_path, files, live, "infra/terraform.tfstate")
    )


def test_a_project_that_is_not_known_is_the_one_of_the_entry(tmp_path: Path) -> None:
    hcl = """
        variable "project" {}
        resource "google_compute_network" "a" {
          name    = "a"
          project = var.project
        }
    """
    id_ = "//compute.googleapis.com/projects/p/global/networks/a"
    live: dict[str, Any] = {
        "provider": "gcp",
        "scope": "p",
        "type": "compute.googleapis.com/Network",
        "name": "a",
        "id": id_,
    }
    live["attributes"] = {"name": "a"}
    report = scan(tmp_path, {"infra/main.tf": hcl}, [live], scope="p", region=None)
    assert "drift-unknown-value" not in json.dumps(report)
    assert {one["scope"] for one in report["coverage"]} == {"p"}


def test_what_its_group_and_name_identify_is_compared_without_a_state(tmp_path: Path) -> None:
    subscription = "3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11"
    hcl = """
        resource "azurerm_resource_group" "g" {
          name     = "shop"
          location = "westeurope"
        }
        resource "azurerm_virtual_network" "n" {
          name                = "net"
          resource_group_name = azurerm_resource_group.g.name
          location            = azurerm_resource_group.g.location
          address_space       = ["10.0.0.0/16"]
        }
    """
    id_ = f"/subscriptions/{subscription}/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/net"
    live: dict[str, Any] = {"provider": "azure", "scope": subscription, "name": "net", "id": id_}
    live["type"] = "Microsoft.Network/virtualNetworks"
    space = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}
    live["attributes"] = {"location": "westeurope", "properties": space}
    report = scan(tmp_path, {"infra/main.tf": hcl}, [live], scope=subscription, region=None)
    assert told(report) == [("changed", None, "/properties/addressSpace/addressPrefixes")]
    hcl += """
        resource "azurerm_subnet" "s" {
          name                 = "front"
          resource_group_name  = azurerm_resource_group.g.name
          virtual_network_name = azurerm_virtual_network.n.name
          address_prefixes     = ["10.0.1.0/24"]
        }
        resource "azurerm_servicebus_namespace" "b" {
          name                = "bus"
          resource_group_name = azurerm_resource_group.g.name
          location            = azurerm_resource_group.g.location
          sku                 = "Standard"
        }
        resource "azurerm_servicebus_queue" "q" {
          name         = "orders"
          namespace_id = azurerm_servicebus_namespace.b.id
        }
    """
    other = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    other["subnets"] = [{"name": "front", "properties": {"addressPrefixes": ["10.0.2.0/24"]}}]
    live["attributes"]["properties"] = other
    report = scan(tmp_path, {"infra/main.tf": hcl}, [live], scope=subscription, region=None)
    assert ("changed", None, "/properties/subnets/front/properties/addressPrefixes") in told(report)
    assert not any("not supported" in one["message"] for one in report["coverage"])
    of_type = {one["type"]: one["resource_id"] for one in report["unverifiable"]}
    assert of_type["Microsoft.ServiceBus/namespaces/queues"] == "orders"


def test_of_a_binding_without_a_known_project_each_member_stands_for_itself(tmp_path: Path) -> None:
    hcl = """
        resource "google_project" "p" {
          name       = "p"
          project_id = "p-${random_id.r.hex}"
        }
        resource "google_project_iam_binding" "b" {
          project = google_project.p.number
          role    = google_project_iam_custom_role.r.id
          members = [google_service_account.a.member, google_service_account.b.member]
        }
        resource "google_project_iam_custom_role" "r" { role_id = "r" }
        resource "google_service_account" "a" { account_id = "a" }
        resource "google_service_account" "b" { account_id = "b" }
        resource "google_pubsub_topic" "t" {
          for_each = length(["a"]) > 1 ? toset(["a"]) : []
          name     = each.key
        }
    """
    live = {"provider": "gcp", "scope": "p", "type": "compute.googleapis.com/Network", "name": "a"}
    live.update(id="//compute.googleapis.com/projects/p/global/networks/a", attributes={"name": "a"})
    report = scan(tmp_path, {"infra/main.tf": hcl}, [live], scope="p", region=None)
    assert report["problems"] == []
    assert not any("for_each" in one["reason"] for one in report["unverifiable"])
