"""What OpenTofu has and Terraform has not: encrypted states, `enabled`, providers with `for_each`, computed
sources of modules."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from drift.errors import DeclaredError
from tests.declared.terraform.test_intent import live_queue, told
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import instance, managed, queue, state

PASSPHRASE = "correct-horse-battery-staple"
ENCRYPTION = """
    variable "passphrase" {}
    terraform {
      encryption {
        key_provider "pbkdf2" "a" {
          passphrase = var.passphrase
        }
        method "unencrypted" "old" {}
        method "aes_gcm" "a" {
          keys = key_provider.pbkdf2.a
        }
        state {
          method = method.unencrypted.old
          fallback {
            method = method.aes_gcm.a
          }
        }
        remote_state_data_sources {
          default {
            method = method.aes_gcm.a
          }
        }
      }
    }
"""
QUEUE = 'resource "aws_sqs_queue" "a" {\n  name = "a"\n  delay_seconds = 5\n}\n'


def encrypted(content: Any, name: str = "key_provider.pbkdf2.a", **made: Any) -> str:
    """A state as OpenTofu 1.10 writes an encrypted one; few iterations, for the time that they take."""
    with_ = {
        "salt": "c2FsdHNhbHRzYWx0",
        "iterations": 20,
        "hash_function": "sha512",
        "key_length": 32,
        **made,
    }
    salt = base64.b64decode(with_["salt"])
    key = hashlib.pbkdf2_hmac("sha512", PASSPHRASE.encode(), salt, 20, 32)
    nonce = os.urandom(12)
    data = nonce + AESGCM(key).encrypt(nonce, json.dumps(content).encode(), None)
    return json.dumps(
        {
            "serial": 1,
            "lineage": "l",
            "meta": {name: base64.b64encode(json.dumps(with_).encode()).decode()},
            "encrypted_data": base64.b64encode(data).decode(),
            "encryption_version": "v0",
        }
    )


STATE = state(managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=9))))


@pytest.mark.parametrize("name", ["key_provider.pbkdf2.a", "an-alias"])
def test_an_encrypted_state_is_opened_with_the_passphrase_of_its_configuration(
    tmp_path: Path, name: str
) -> None:
    files = {"infra/main.tofu": QUEUE + ENCRYPTION, "infra/terraform.tfstate": encrypted(STATE, name)}
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=9)], variables={"passphrase": PASSPHRASE})
    assert told(report) == [("changed", None, "/DelaySeconds")]
    assert PASSPHRASE not in json.dumps(report)


@pytest.mark.parametrize(
    ("configuration", "passphrase", "made", "why"),
    [
        (ENCRYPTION, None, {}, "the variable passphrase has no value here; give it under `variables`"),
        (ENCRYPTION, "another-passphrase", {}, "key_provider.pbkdf2.a does not open it: another passphrase"),
        (ENCRYPTION, PASSPHRASE, {"iterations": 10**9}, "sha512, 1000000000 iterations, 32 bytes"),
        (
            ENCRYPTION.replace('"pbkdf2"', '"aws_kms"').replace("pbkdf2", "aws_kms"),
            PASSPHRASE,
            {},
            "key_provider.aws_kms.a is a key of aws_kms, which drift does not ask for",
        ),
        ("", None, {}, "no `encryption` block says with which key"),
    ],
)
def test_one_that_stays_closed_says_why(
    tmp_path: Path, configuration: str, passphrase: str | None, made: dict[str, Any], why: str
) -> None:
    files = {
        "infra/main.tf": QUEUE + configuration,
        "infra/terraform.tfstate": encrypted(STATE, **made),
    }
    with pytest.raises(DeclaredError) as error:
        scan(tmp_path, files, [live_queue("a")], variables={"passphrase": passphrase} if passphrase else {})
    assert "infra/terraform.tfstate: is a state that OpenTofu encrypted" in str(error.value)
    assert why in str(error.value) and "tofu state pull" in str(error.value)


@pytest.mark.parametrize("form", ["hcl", "json"])
def test_the_environment_says_how_a_state_is_encrypted(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hcl = f"""
        key_provider "pbkdf2" "a" {{
          passphrase = "{PASSPHRASE}"
        }}
        method "aes_gcm" "a" {{
          keys = key_provider.pbkdf2.a
        }}
        state {{
          method = method.aes_gcm.a
        }}
    """
    said = {
        "key_provider": {"pbkdf2": {"a": {"passphrase": PASSPHRASE}}},
        "method": {"aes_gcm": {"a": {"keys": "${key_provider.pbkdf2.a}"}}},
        "state": {"method": "${method.aes_gcm.a}"},
    }
    monkeypatch.setenv("TF_ENCRYPTION", hcl if form == "hcl" else json.dumps(said))
    files = {"infra/terraform.tfstate": encrypted(STATE)}
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=8)])
    assert told(report) == [("changed", None, "/DelaySeconds")]


def test_outputs_of_an_encrypted_state_are_read(tmp_path: Path) -> None:
    hcl = """
        data "terraform_remote_state" "net" {
          backend = "local"
          config = { path = "../net.json" }
        }
        resource "aws_sqs_queue" "a" {
          name          = "a"
          delay_seconds = data.terraform_remote_state.net.outputs.delay
        }
    """
    other = state(outputs={"delay": {"value": 5, "type": "number"}})
    files = {"infra/main.tf": hcl + ENCRYPTION, "net.json": encrypted(other)}
    report = scan(tmp_path, files, [live_queue("a", DelaySeconds=6)], variables={"passphrase": PASSPHRASE})
    (finding,) = report["findings"]
    assert finding["changes"][0]["declared"] == 5


def test_what_is_not_enabled_is_not_declared(tmp_path: Path) -> None:
    hcl = """
        variable "on" { default = false }
        resource "aws_sqs_queue" "a" {
          name = "a"
          lifecycle {
            enabled = var.on
          }
        }
        resource "aws_sqs_queue" "b" {
          name          = "b"
          delay_seconds = aws_sqs_queue.a == null ? 7 : 8
          lifecycle {
            enabled = !var.on
          }
        }
        module "m" {
          source = "./m"
          lifecycle {
            enabled = var.on
          }
        }
    """
    files = {"infra/main.tofu": hcl, "infra/m/main.tf": QUEUE}
    live = [live_queue("a"), live_queue("b", DelaySeconds=7)]
    assert told(scan(tmp_path, files, live)) == [("unmanaged", None, "")]
    on = scan(tmp_path, files, [live_queue("a", DelaySeconds=5)], variables={"on": "true"})
    assert {one["declared_at"]["address"] for one in on["unverifiable"]} <= {"module.m.aws_sqs_queue.a"}
    assert told(on) != [("unmanaged", None, "")]


def test_a_provider_may_have_instances_and_a_source_variables(tmp_path: Path) -> None:
    hcl = """
        variable "kind" { default = "queues" }
        provider "aws" {
          alias    = "all"
          for_each = toset(["eu-west-1", "us-east-1"])
          region   = each.key
          default_tags {
            tags = { Region = each.value }
          }
        }
        module "m" {
          for_each  = toset(["eu-west-1", "us-east-1"])
          source    = "./${var.kind}"
          providers = { aws = aws.all[each.key] }
          name      = each.key
        }
    """
    inner = 'variable "name" {}\nresource "aws_sqs_queue" "a" {\n  name = var.name\n}\n'
    files = {"infra/main.tofu": hcl, "infra/queues/main.tofu": inner}
    tags = [{"Key": "Region", "Value": "eu-west-1"}]
    live = [live_queue("eu-west-1", Tags=tags)]
    report = scan(tmp_path, files, live)
    missing = {(one["kind"], one["region"], one["name"]) for one in report["findings"]}
    assert missing == set()
    assert report["summary"]["in_sync"] == 1
    assert unread(report) == {"us-east-1"}


def test_instances_of_a_resource_may_have_providers_of_their_own(tmp_path: Path) -> None:
    config = 'provider["registry.opentofu.org/hashicorp/aws"].all["{}"]'
    instances = [
        instance({"name": name}, index_key=name) | {"provider": config.format(region)}
        for name, region in (("a", "eu-west-1"), ("b", "us-east-1"))
    ]
    placed = [
        instance({**queue(name, region), "region": region}) | {"provider": config.format(region)}
        for name, region in (("c", "eu-west-1"), ("d", "us-east-1"))
    ]
    content = state(
        {**managed("aws_sqs_queue", "a", *instances), "provider": ""},
        *({**managed("aws_sqs_queue", f"n{place}", one), "provider": ""} for place, one in enumerate(placed)),
    )
    report = scan(
        tmp_path,
        {"infra/terraform.tfstate": json.dumps(content)},
        [live_queue("a"), live_queue("c")],
        path="infra/terraform.tfstate",
        region=None,
    )
    assert told(report) == []
    assert unread(report) == {"us-east-1"}


def unread(report: Any) -> set[str]:
    """The regions in which something is declared and nothing was read."""
    return {one["region"] for one in report["coverage"] if one["status"] != "checked"}
