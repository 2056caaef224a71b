"""The commands by which a person brings the live side back to a template, or has a stack take over what is
live."""

from __future__ import annotations

import json
from pathlib import Path

from drift.config.model import load
from drift.remediate.adopt import Adopting
from drift.remediate.homes import Homes
from drift.remediate.proof import Proof
from tests.remediate import cases
from tests.remediate.harness import repository, snapshot

FOLDER = Path(__file__).parent / "cases"
STACK = {"path": "stacks/queues.yaml", "scope": cases.ACCOUNT, "region": cases.REGION, "stack": "queues"}


def homes_of(
    tmp_path: Path, case: cases.Case, entry: dict[str, object], folder: str, **more: object
) -> Homes:
    """A repository of a case's files below a folder, ready to be asked; ``more`` stands in its drift.yaml."""
    config = json.dumps({"version": 1, "declared": [entry], **more})
    files = {f"{folder}/{name}": text for name, text in case.files.items()}
    there = repository(tmp_path / "infra", {**files, "drift.yaml": config})
    seed = snapshot(tmp_path / "seed.jsonl", [], case.context)
    records = cases.changed(cases.records_of(there, seed), case.live)
    proof = Proof(
        load(there / "drift.yaml", None, {}), [snapshot(tmp_path / "live.jsonl", records, case.context)]
    )
    before = proof.judged(lambda _: True)
    return Homes(proof, before)


def test_a_stack_is_restored_by_a_change_set_that_compares_with_what_is_live(tmp_path: Path) -> None:
    case = cases.read(FOLDER / "cloudformation" / "deployed-literal.txt", "cloudformation")
    homes = homes_of(tmp_path, case, dict(STACK), "stacks")
    (finding,) = homes.before.findings.values()
    told = homes.restoring(finding)
    assert told is not None
    make, wait, show, run = (" ".join(command) for command in told.commands)
    assert make == (
        "aws cloudformation create-change-set --stack-name queues --region eu-west-1 --change-set-name "
        "revert-drift --deployment-mode REVERT_DRIFT --template-body file://queues.yaml --parameters "
        "ParameterKey=VisibilitySeconds,UsePreviousValue=true "
        "ParameterKey=RetentionSeconds,UsePreviousValue=true ParameterKey=Stage,UsePreviousValue=true"
    )
    assert wait.startswith("aws cloudformation wait change-set-create-complete")
    assert show.startswith("aws cloudformation describe-change-set")
    assert run.startswith("aws cloudformation execute-change-set --stack-name queues")
    assert told.folder == "stacks"
    assert cases.ACCOUNT in told.does and "all others" in told.does


def test_a_template_without_a_known_stack_has_no_exact_command(tmp_path: Path) -> None:
    case = cases.read(FOLDER / "cloudformation" / "literal-with-comment.txt", "cloudformation")
    entry = {key: value for key, value in STACK.items() if key != "stack"}
    homes = homes_of(tmp_path, case, entry, "stacks")
    (finding,) = homes.before.findings.values()
    assert homes.restoring(finding) is None


def test_what_is_added_is_imported_by_its_identifier(tmp_path: Path) -> None:
    case = cases.read(FOLDER / "cloudformation" / "unmanaged-import.txt", "cloudformation")
    context = cases.read(FOLDER / "cloudformation" / "deployed-literal.txt", "cloudformation").context
    homes = homes_of(tmp_path, cases.Case(case.files, "", case.live, context=context), dict(STACK), "stacks")
    done = Adopting(homes.proof, frozenset(homes.before.findings), homes.before).run()
    ((edit,),) = done.edits.values()
    assert edit.then is not None
    make, _, run = edit.then.commands
    assert make[make.index("--change-set-type") + 1] == "IMPORT"
    assert json.loads(make[make.index("--resources-to-import") + 1]) == [
        {
            "ResourceType": "AWS::SQS::Queue",
            "LogicalResourceId": "Returns",
            "ResourceIdentifier": {
                "QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{cases.ACCOUNT}/returns"
            },
        }
    ]
    assert run[:3] == ("aws", "cloudformation", "execute-change-set")


def test_a_resource_group_is_restored_by_a_deployment(tmp_path: Path) -> None:
    case = cases.read(FOLDER / "arm" / "parameter-file-by-option.txt", "arm")
    entry = {
        "path": "azure/main.json",
        "scope": cases.SUBSCRIPTION,
        "resource_group": "shop",
        "parameters": "envs/prod.json",
    }
    homes = homes_of(tmp_path, case, entry, "azure")
    (finding,) = homes.before.findings.values()
    told = homes.restoring(finding)
    assert told is not None
    words = (
        f"--resource-group shop --subscription {cases.SUBSCRIPTION} --template-file main.json "
        "--parameters @envs/prod.json"
    )
    assert [" ".join(command) for command in told.commands] == [
        f"az deployment group what-if {words}",
        f"az deployment group create {words}",
    ]
    assert told.folder == "azure"


def test_a_config_connector_object_is_applied_again(tmp_path: Path) -> None:
    case = cases.read(FOLDER / "config-connector" / "topic-of-many.txt", "config-connector")
    entry = {"path": "google/topics.yaml", "source": "config-connector", "scope": cases.ACCOUNT}
    homes = homes_of(tmp_path, case, entry, "google")
    (finding,) = homes.before.findings.values()
    told = homes.restoring(finding)
    assert told is not None
    words = ("kubectl", "apply", "--server-side", "--force-conflicts", "-f", "google/topics.yaml")
    assert told.commands == (words,)
    assert "PubSubTopic/returns" in told.does and "all else in the file" in told.does


def test_a_manifest_is_applied_in_the_context_that_the_settings_name(tmp_path: Path) -> None:
    case = cases.read(FOLDER / "manifests" / "config-connector-object.txt", "manifests")
    live = {"kubernetes": {"contexts": [{"name": "prod", "context": "eks-prod"}]}}
    entry = {"path": "apps/bucket.yaml", "source": "manifests", "scope": "prod"}
    homes = homes_of(tmp_path, case, entry, "apps", live=live)
    (finding,) = homes.before.findings.values()
    told = homes.restoring(finding)
    assert told is not None
    (words,) = told.commands
    assert words[-4:] == ("-f", "apps/bucket.yaml", "--context", "eks-prod")
