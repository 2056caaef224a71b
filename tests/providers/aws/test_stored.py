"""The trial of what Terraform's provider would store of an answer: maps are read backwards, a map that says
something else is found."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from drift.dialect import Foreign
from providers.aws.facts import TerraformEntry, catalogue
from providers.aws.terraform import AwsTerraform
from tests.recorded.backwards import Unfit, attributes
from tests.recorded.examples import Recording
from tests.recorded.stored import stored
from tests.recorded.supplied import supplied, wanted

ID = "pb-0123456789abcdef0"
_FILTER = {"attributes": {"key": {"type": "string"}, "values": {"type": ["list", "string"]}}}
_RULE = {
    "attributes": {
        "approve_after_days": {"type": "number"},
        "approve_until_date": {"type": "string"},
        "compliance_level": {"type": "string"},
        "enable_non_security": {"type": "bool"},
    },
    "block_types": {"patch_filter": {"block": _FILTER}},
}
BLOCK: dict[str, Any] = {
    "attributes": {
        "id": {"type": "string", "computed": True},
        "name": {"type": "string", "required": True},
        "description": {"type": "string"},
        "operating_system": {"type": "string"},
        "approved_patches": {"type": ["set", "string"]},
        "rejected_patches_action": {"type": "string"},
    },
    "block_types": {"approval_rule": {"block": _RULE}, "global_filter": {"block": _FILTER}},
}
ANSWER = {
    "BaselineId": ID,
    "Name": "weekly",
    "OperatingSystem": "UBUNTU",
    "ApprovedPatches": ["KB1"],
    "RejectedPatchesAction": "BLOCK",
    "ApprovalRules": {
        "PatchRules": [
            {
                "PatchFilterGroup": {"PatchFilters": [{"Key": "PRODUCT", "Values": ["Ubuntu22.04"]}]},
                "ComplianceLevel": "HIGH",
                "ApproveAfterDays": 7,
                "EnableNonSecurity": True,
            }
        ]
    },
}


def _map() -> TerraformEntry:
    (found,) = catalogue().terraform["aws_ssm_patch_baseline"]
    return found


def test_a_map_is_read_backwards() -> None:
    rules = {"PatchRules": ANSWER["ApprovalRules"]["PatchRules"]}  # type: ignore[index]
    said = {"Name": "weekly", "ApprovalRules": rules, "ApprovedPatches": ["KB1"]}
    state = attributes(_map(), BLOCK, said, ID, zeros=True)
    assert (state["id"], state["name"], state["approved_patches"]) == (ID, "weekly", ["KB1"])
    assert (state["description"], state["global_filter"]) == ("", [])
    (rule,) = state["approval_rule"]
    assert rule["approve_after_days"] == 7
    assert rule["patch_filter"] == [{"key": "PRODUCT", "values": ["Ubuntu22.04"]}]


def test_what_the_map_can_not_have_made_is_unfit() -> None:
    other = dataclasses.replace(_map(), properties={"OperatingSystem": "'WINDOWS'"})
    with pytest.raises(Unfit):
        attributes(other, BLOCK, {"OperatingSystem": "UBUNTU"}, ID)


def test_a_state_is_silent_and_a_map_that_says_something_else_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = catalogue().entries["AWS::SSM::PatchBaseline"]
    answers = [Recording("ssm", "get_patch_baseline", ANSWER, "here")]
    told = stored(entry, answers, {"aws_ssm_patch_baseline": BLOCK})
    assert told.tried == 2 and dict(told.faults) == {}
    wrong = {**_map().properties, "RejectedPatchesAction": "nonzero(rejected_action)"}
    monkeypatch.setitem(
        catalogue().terraform, "aws_ssm_patch_baseline", [dataclasses.replace(_map(), properties=wrong)]
    )
    told = stored(entry, answers, {"aws_ssm_patch_baseline": BLOCK})
    assert list(told.faults) == ["aws_ssm_patch_baseline has no rejected_action"]


def test_an_answer_is_supplied_by_what_others_answered() -> None:
    asked = wanted("Error: reading SSM Patch Baseline (pb-1): operation error SSM: GetPatchBaseline, https")
    assert asked == {"ssm.GetPatchBaseline"}
    one = {"BaselineId": ID, "OperatingSystem": "UBUNTU"}
    there = {"ssm.DescribePatchBaselines": {"BaselineIdentities": [one]}}
    assert supplied("ssm.GetPatchBaseline", there) == {
        "BaselineId": ID,
        "OperatingSystem": "UBUNTU",
        "GlobalFilters": {},
        "ApprovalRules": {},
        "ApprovedPatches": [],
        "RejectedPatches": [],
        "PatchGroups": [],
        "Sources": [],
    }
    assert supplied("ssm.NoSuchOperation", there) is None


def test_an_empty_text_is_no_id() -> None:
    said = {"arn": "", "name": "nightly", "id": "nightly"}
    known = Foreign("aws_scheduler_schedule_group", "a.b", said, scope="123456789012", region="us-east-1")
    (group,) = AwsTerraform().translate(known) or []
    assert (group.id, group.name) == ("nightly", "nightly")
