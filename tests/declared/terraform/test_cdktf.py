"""What CDK for Terraform synthesised: each stack, beside the state that its project keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.errors import DeclaredError
from tests.declared.terraform.test_intent import live_queue, told
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import instance, managed, queue, state


def synthesised(name: str, delay: int) -> dict[str, Any]:
    """A stack as `cdktf synth` writes it; its state lay in the project of somebody's machine."""
    return {
        "//": {"metadata": {"backend": "local", "stackName": name, "version": "0.20.8"}, "outputs": {}},
        "provider": {"aws": [{"region": "eu-west-1"}]},
        "resource": {
            "aws_sqs_queue": {
                "jobs": {
                    "//": {"metadata": {"path": f"{name}/jobs", "uniqueId": "jobs"}},
                    "delay_seconds": delay,
                    "name": name,
                }
            }
        },
        "terraform": {
            "backend": {"local": {"path": f"/home/me/shop/terraform.{name}.tfstate"}},
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
    }


def project(*names: str, **states: int) -> dict[str, str]:
    """A project with stacks that say 5, and the states that it has by what they hold."""
    listed = {
        name: {
            "name": name, "constructPath": name, "workingDirectory": f"stacks/{name}",
            "synthesizedStackPath": f"stacks/{name}/cdk.tf.json", "annotations": [], "dependencies": [],
        }
        for name in names
    }  # fmt: skip
    out = "infra/cdktf.out"
    return {
        "infra/cdktf.json": json.dumps({"language": "python", "app": "python main.py"}),
        f"{out}/manifest.json": json.dumps({"version": "0.20.8", "stacks": listed}),
        **{f"{out}/stacks/{name}/cdk.tf.json": json.dumps(synthesised(name, 5)) for name in names},
        **{
            f"infra/terraform.{name}.tfstate": json.dumps(
                state(managed("aws_sqs_queue", "jobs", instance(queue(name, delay_seconds=delay))))
            )
            for name, delay in states.items()
        },
    }


@pytest.mark.parametrize("path", ["infra", "infra/cdktf.out", "infra/cdktf.out/manifest.json"])
def test_each_stack_is_compared_with_its_state(tmp_path: Path, path: str) -> None:
    live = [live_queue("shop", DelaySeconds=9), live_queue("pay", DelaySeconds=5)]
    report = scan(tmp_path, project("shop", "pay", shop=9, pay=5), live, path)
    assert told(report) == [("changed", None, "/DelaySeconds")]
    (finding,) = report["findings"]
    place = finding["declared_at"]
    assert place["address"] == "shop: aws_sqs_queue.jobs"
    assert place["file"] == "infra/cdktf.out/stacks/shop/cdk.tf.json"
    assert report["problems"] == [] and report["summary"]["declared"] == 2


def test_a_stack_may_be_named(tmp_path: Path) -> None:
    live = [live_queue("shop", DelaySeconds=9), live_queue("pay", DelaySeconds=4)]
    report = scan(tmp_path, project("shop", "pay", pay=5), live, "infra/cdktf.out", stack="pay")
    assert report["summary"]["declared"] == 1
    with pytest.raises(
        DeclaredError, match=r"infra/cdktf.out/manifest.json: there is no stack x; run `cdktf s"
    ):
        scan(tmp_path, project("shop"), live, "infra/cdktf.out", stack="x")


def test_without_its_state_a_stack_is_compared_by_its_names(tmp_path: Path) -> None:
    report = scan(tmp_path, project("shop"), [live_queue("shop", DelaySeconds=9)], "infra/cdktf.out")
    assert told(report) == [("changed", None, "/DelaySeconds")]


def test_a_project_that_was_not_synthesised_says_what_to_do(tmp_path: Path) -> None:
    files = {"infra/cdktf.json": "{}", "infra/main.py": "", "infra/terraform.shop.tfstate": "{}"}
    with pytest.raises(
        DeclaredError, match=r"infra/cdktf.out/manifest.json: there is none; run `cdktf synth`"
    ):
        scan(tmp_path, files, [], "infra")


def test_a_stack_that_leads_out_is_refused(tmp_path: Path) -> None:
    files = project("shop")
    files["infra/cdktf.out/manifest.json"] = files["infra/cdktf.out/manifest.json"].replace(
        '"stacks/shop"', '"../../.."'
    )
    with pytest.raises(DeclaredError, match="the stack shop names no folder below it"):
        scan(tmp_path, files, [], "infra/cdktf.out")
