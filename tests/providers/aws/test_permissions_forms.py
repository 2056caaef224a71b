"""`drift permissions aws` as Terraform and as a StackSet: valid, within IAM's limits, and the same grants as
the policies say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cfnlint.api
import hcl2
import pytest
import yaml

from drift.cli.permissions import granted
from drift.errors import ConfigError
from drift.provider import Grant
from drift.secret import Held
from drift.task import Wanted
from providers.aws.loopback import environment
from providers.aws.permissions import permissions
from providers.aws.permissions_forms import LONGEST, Needs, stackset, terraform
from providers.aws.settings import Settings
from tests import forked_aws
from tests.providers.aws import terraform as tool

EVERYTHING = {
    "regions": ["eu-west-1"],
    "include": ["*", "AWS::*"],
    "organization": {"role": "audit/reader", "external_id": "ours", "units": ["Prod"]},
}


def grant(**settings: Any) -> Grant:
    return permissions(Settings.model_validate(settings), Wanted(frozenset()), ["s3://states/a${b}.tfstate"])


@pytest.fixture(scope="module")
def everything() -> Grant:
    return grant(**EVERYTHING)


@pytest.fixture(scope="module")
def some() -> Grant:
    """What python-hcl2 reads in no time."""
    return grant(**{**EVERYTHING, "include": ["AWS::S*"]})


def statements(told: Grant) -> list[dict[str, Any]]:
    """Those of the policies."""
    decoder, text, found = json.JSONDecoder(), told.text.strip(), []
    while text:
        document, end = decoder.raw_decode(text)
        found += document["Statement"]
        text = text[end:].strip()
    return found


def in_hcl(text: str) -> dict[str, dict[str, Any]]:
    """The statements of Terraform's documents, by their ids."""
    found = {}
    for block in hcl2.loads(text)["data"]:
        for document in block['"aws_iam_policy_document"'].values():
            for one in document["statement"]:
                if "sid" in one:
                    found[one["sid"].strip('"')] = one
    return found


def listed(values: Any) -> list[str]:
    return [one.strip('"').replace("$${", "${") for one in values]


def test_terraform_grants_what_the_policies_do(some: Grant) -> None:
    told = in_hcl(some.forms["terraform"].text)
    said = {one["Sid"]: one for one in statements(some)}
    assert told.keys() == said.keys() and {"ListAccounts", "EnterAccounts", "ReadDeclared"} < said.keys()
    for sid, statement in said.items():
        resource = statement["Resource"]
        assert listed(told[sid]["actions"]) == statement["Action"]
        assert listed(told[sid]["resources"]) == ([resource] if resource == "*" else resource)


def test_a_stackset_grants_what_only_reads(everything: Grant) -> None:
    resources = yaml.safe_load(everything.forms["stackset"].text)["Resources"]
    role = resources.pop("Role")["Properties"]
    assert role["ManagedPolicyArns"] == [{"Ref": name} for name in resources]
    documents = [one["Properties"]["PolicyDocument"] for one in resources.values()]
    told = [statement for document in documents for statement in document["Statement"]]
    assert told == [
        one for one in statements(everything) if one["Sid"].startswith("Read") and one["Resource"] == "*"
    ]
    assert len(documents) > 1
    for document in documents:
        assert len(re.sub(r"\s", "", json.dumps(document))) <= LONGEST


def test_a_stackset_is_a_valid_template(everything: Grant) -> None:
    told = everything.forms["stackset"].text
    assert faults(told) == []
    assert faults(told.replace("ManagedPolicyArns", "ManagedPolicies")) != []


def faults(template: str) -> list[str]:
    """What cfn-lint finds, but for its hints."""
    found = cfnlint.api.lint_all(template)
    return [str(one) for one in found if one.rule.severity != "informational"]


def test_an_external_id_that_is_kept_elsewhere_is_not_looked_up() -> None:
    def never() -> tuple[str, float]:
        raise AssertionError("looked up")

    said = {"role": "reader", "external_id": Held(never)}
    made = grant(organization=said)
    for text in (made.text, made.forms["terraform"].text, made.forms["stackset"].text):
        assert "sts:ExternalId" not in text or "the-external-id-that-is-kept-elsewhere" in text
    assert "the-external-id-that-is-kept-elsewhere" in made.forms["stackset"].text


def test_names_and_external_ids_are_those_that_are_configured(some: Grant) -> None:
    parameters = yaml.safe_load(some.forms["stackset"].text)["Parameters"]
    chosen = {name: one.get("Default") for name, one in parameters.items()}
    assert chosen == {"Trusted": None, "RoleName": "reader", "Path": "/audit/", "ExternalId": "ours"}
    variables = {
        name: one
        for block in hcl2.loads(some.forms["terraform"].text)["variable"]
        for name, one in block.items()
    }
    said = {name.strip('"'): one.get("default") for name, one in variables.items()}
    assert (said["external_id"], said["name"], said["path"]) == ('"ours"', '"reader"', '"/audit/"')
    assert said["trusted"] is None
    plain = grant(include=["AWS::SQS::*"]).forms
    assert "drift-read" in plain["terraform"].text and "default     = null" in plain["terraform"].text
    assert yaml.safe_load(plain["stackset"].text)["Parameters"]["RoleName"]["Default"] == "drift-read"


def test_a_form_of_several_roles_is_made_for_one_of_them() -> None:
    """The organisation's own, with the external id that this one asks for."""
    alone = {"id": "111122223333", "role": "arn:aws:iam::111122223333:role/deep/alone", "external_id": "its"}
    for external_id in ("ours", None):
        organization = {"role": "audit/reader", "external_id": external_id}
        made = grant(accounts=[alone], organization=organization).forms["stackset"]
        said = yaml.safe_load(made.text)["Parameters"]
        assert [said[name]["Default"] for name in ("RoleName", "Path", "ExternalId")] == [
            "reader", "/audit/", external_id or "",
        ]  # fmt: skip
    (variable,) = [
        block["external_id"] if "external_id" in block else block['"external_id"']
        for block in hcl2.loads(grant(accounts=[alone]).forms["terraform"].text)["variable"]
        if "external_id" in str(block)
    ]
    assert variable["default"] == '"its"'


def test_roles_are_entered_where_they_lie_and_by_who_enters_them() -> None:
    accounts = [
        {"id": "111122223333", "role": "read"},
        {"id": "444455556666", "role": "read", "regions": ["cn-north-1"]},
        {"id": "777788889999", "role": "read", "profile": "other"},
    ]
    told = {one["Sid"]: one for one in statements(grant(regions=["eu-west-1"], accounts=accounts))}
    assert told["EnterAccounts"]["Resource"] == [
        "arn:aws:iam::111122223333:role/read",
        "arn:aws-cn:iam::444455556666:role/read",
    ]


def test_what_a_form_can_not_say_is_told() -> None:
    made = grant(organization={}).forms["stackset"]
    assert any("OrganizationAccountAccessRole, which may do everything" in one for one in made.notes)
    overrides = [{"accounts": ["x"], "role": "other", "external_id": "theirs"}]
    mixed = grant(organization={"role": "reader", "overrides": overrides}).forms["stackset"]
    assert any("differ in the accounts (other, reader)" in one for one in mixed.notes)
    many = tuple({"Sid": f"Read{n}", "Action": ["a:B" * 200] * 8, "Resource": "*"} for n in range(11))
    needs = Needs((), many)
    for form in (terraform(needs), stackset(needs)):
        assert any("these are 11" in one for one in form.notes)
    assert any("--template-url" in one for one in stackset(needs).notes)


def test_a_form_that_a_provider_does_not_have_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "drift.yaml"
    config.write_text("version: 1\nlive: {aws: {include: ['AWS::SQS::*']}}\n", encoding="utf-8")
    assert granted("aws", config, None, (), "terraform").startswith("# What drift needs")
    with pytest.raises(ConfigError, match="aws has no form 'cdk'; it has: policy, stackset, terraform"):
        granted("aws", config, None, (), "cdk")
    with pytest.raises(ConfigError, match="gcp has no form 'stackset'; it has: policy, terraform"):
        granted("gcp", config, None, (), "stackset")


@pytest.fixture(scope="module")
def binary() -> tool.Terraform:
    found = tool.find()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.mark.terraform
def test_terraform_takes_it_as_it_is_written(
    binary: tool.Terraform, everything: Grant, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(everything.forms["terraform"].text, encoding="utf-8")
    binary.run(tmp_path, {}, "fmt", "-check", "-diff")
    binary.run(tmp_path, {}, "init", "-no-color", "-input=false", "-backend=false")
    binary.run(tmp_path, {}, "validate", "-no-color")


@pytest.mark.terraform
@pytest.mark.chaos
def test_terraform_makes_the_role(binary: tool.Terraform, everything: Grant, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(everything.forms["terraform"].text, encoding="utf-8")
    skipped = "skip_credentials_validation = true\n  skip_requesting_account_id = true"
    (tmp_path / "provider.tf").write_text(f'provider "aws" {{\n  {skipped}\n}}\n', encoding="utf-8")
    with forked_aws.moto() as url:
        env = {**environment(url), "TF_VAR_trusted": '["arn:aws:iam::111122223333:role/ci"]'}
        binary.run(tmp_path, env, "init", "-no-color", "-input=false")
        made = binary.run(tmp_path, env, "apply", "-no-color", "-input=false", "-auto-approve")
    assert ":role/audit/reader" in made
