"""``python -m tests.recorded.refreshed``: what Terraform's provider itself stores of answers, compared with
them.

The provider refreshes the states of the answered cases (``tests/providers/aws/answered``) from the same
loopback AWS that drift reads; what is told then is a map that means something else than the provider, or an
answer that only the provider asks for and that is supplied. Needs Terraform and its provider ``aws``.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from providers.aws.loopback import environment
from tests.providers.aws.answering import answering
from tests.providers.aws.terraform import Terraform, find
from tests.providers.aws.test_answered_types import Estate
from tests.recorded.backwards import Block
from tests.recorded.stored import schemas
from tests.recorded.supplied import supplied, wanted

CONFIGURATION = """\
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "x"
  secret_key                  = "x"
  max_retries                 = 0
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""
#: How often the provider is asked again: with more answers, and without what it can't read.
TURNS = 12
#: Where the provider ends of an answer that lacks what AWS always says.
_CRASHED = re.compile(r"internal/service/\w+/(?P<type>\w+)\.go:\d+")
#: S3 Control is asked at a host that begins with the account, which only our own process finds.
_ELSEWHERE = "aws_s3control_"


def main() -> None:
    terraform = find()
    if isinstance(terraform, str):
        sys.exit(terraform)
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        folder = Path(place)
        estate = Estate(folder)
        with answering(estate.answers) as url:
            for name, value in environment(url).items():
                patch.setenv(name, value)
            before = estate.scan()
            state = json.loads((folder / "all.tfstate").read_bytes())
            stored = refreshed(terraform, folder / "terraform", state["resources"], estate.answers)
            state["resources"] = [stored.get(one["name"], one) for one in state["resources"]]
            (folder / "all.tfstate").write_text(json.dumps(state), encoding="utf-8")
            report = estate.scan()
    print(f"{len(before['findings'])} findings before")
    for one in report["findings"]:
        paths = [
            f"{at['path']}: {at.get('declared')!r:.60} -> {at.get('live')!r:.60}" for at in one["changes"]
        ]
        print(f"{one['kind']} {one['type']} {one['resource_id']} {'; '.join(paths)}")
    print(
        f"refreshed {len(stored)} of {len(state['resources'])} resources: {len(report['findings'])} findings"
    )


def refreshed(
    terraform: Terraform, folder: Path, resources: list[dict[str, Any]], answers: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """By its name, each resource as the provider stores it; those that it can't read are left out. Adds to
    ``answers`` what it asks besides."""
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION, encoding="utf-8")
    terraform.run(folder, {}, "init", "-no-color", "-input=false")
    printed = json.loads(terraform.run(folder, {}, "providers", "schema", "-json"))
    known = schemas(printed)
    (provider,) = printed["provider_schemas"].values()
    left = [
        {
            **one,
            "instances": [
                {
                    "schema_version": provider["resource_schemas"][one["type"]]["version"],
                    "attributes": _whole(known[one["type"]], one["instances"][0]["attributes"]),
                }
            ],
        }
        for one in resources
        if one["type"] in known and not one["type"].startswith(_ELSEWHERE)
    ]
    for _ in range(TURNS):
        said = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "serial": 1, "resources": left}
        (folder / "terraform.tfstate").write_text(json.dumps(said), encoding="utf-8")
        try:
            terraform.run(folder, {}, "apply", "-refresh-only", "-auto-approve", "-no-color", "-input=false")
        except AssertionError as failed:  # with the provider's words
            errors = str(failed).split("Error: ")[1:]
            crashed = _CRASHED.search(str(failed))
        else:
            made = json.loads((folder / "terraform.tfstate").read_bytes())["resources"]
            return {one["name"]: one for one in made}
        more = {name: supplied(name, answers) for name in wanted(" ".join(errors)) - answers.keys()}
        answers.update({name: one for name, one in more.items() if one is not None})
        if crashed is not None:
            left = [one for one in left if not one["type"].endswith(crashed["type"])]
            continue
        if not any(one is not None for one in more.values()):
            unread = {one["name"] for one in left if _is_named(one, errors)}
            if not unread:
                raise AssertionError("\n".join(errors))
            left = [one for one in left if one["name"] not in unread]
    raise AssertionError("the provider does not end to ask")


def _whole(block: Block, said: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as this provider has them: all, and no others."""
    found: dict[str, Any] = dict.fromkeys(block.get("attributes", {}))
    found.update({name: said[name] for name in found.keys() & said.keys()})
    for name, nested in block.get("block_types", {}).items():
        many = nested["nesting_mode"] in ("list", "set")
        inside = said.get(name)
        held = [_whole(nested["block"], one) for one in inside] if isinstance(inside, list) else []
        found[name] = held if many else None
    if "id" in found:
        found["id"] = found["id"] or found.get("arn") or found.get("name") or "x"
    return found


def _is_named(resource: Mapping[str, Any], errors: list[str]) -> bool:
    """Whether an error is about a resource: it names what identifies it, or something that it says."""
    named = {one for error in errors for one in re.findall(r"[(\"\[]([^()\"\[\]]+)[)\"\]]", error)}
    said = resource["instances"][0]["attributes"]
    return any(isinstance(one, str) and one in named for one in said.values())


if __name__ == "__main__":
    main()
