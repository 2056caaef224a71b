"""`drift permissions` prints what reading takes: each call that a provider makes is allowed, and no other
thing."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.cli.permissions import granted
from drift.errors import DriftError
from drift.task import Wanted
from providers.aws import permissions as aws
from providers.aws.facts import catalogue
from providers.aws.settings import Settings as AwsSettings
from providers.kubernetes.permissions import role as kubernetes_role
from providers.kubernetes.permissions import served
from providers.kubernetes.settings import Settings as KubernetesSettings

NOTHING = Wanted(frozenset())


def said(text: str, capsys: pytest.CaptureFixture[str] | None = None) -> list[dict[str, Any]]:
    """The JSON documents of an answer."""
    decoder, found = json.JSONDecoder(), []
    while text := text.strip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def actions(grant: Any) -> list[set[str]]:
    """The actions of each policy of AWS."""
    return [
        {one for each in document["Statement"] for one in each["Action"]} for document in said(grant.text)
    ]


# AWS


def test_a_policy_has_an_action_for_each_call_and_fits_what_iam_takes() -> None:
    everything = AwsSettings(include=sorted(catalogue().entries))
    grant = aws.permissions(everything, NOTHING, [])
    documents = said(grant.text)
    assert all(len(re.sub(r"\s", "", json.dumps(one))) <= aws.LONGEST for one in documents)
    allowed = set().union(*actions(grant))
    assert allowed >= {one for entry in catalogue().entries.values() for one in aws.needed(entry)}
    reading = re.compile(r"[a-z0-9-]+:(?:(?:Describe|List|Get|BatchGet|Lookup|Search)[A-Z]\w+|GET)")
    assert [one for one in allowed if not reading.fullmatch(one)] == []


def test_only_what_is_selected_is_granted() -> None:
    (found,) = actions(
        aws.permissions(AwsSettings(include=["AWS::SQS::*"], exclude=["AWS::CloudFormation::*"]), NOTHING, [])
    )
    assert found == {
        "cloudtrail:LookupEvents",
        "sqs:GetQueueAttributes",
        "sqs:ListQueueTags",
        "sqs:ListQueues",
        "tag:GetResources",
    }
    (only,) = actions(
        aws.permissions(
            AwsSettings(), Wanted(frozenset(), selects=lambda type_: type_ == "AWS::S3::Bucket"), []
        )
    )
    assert {one.partition(":")[0] for one in only} == {"s3", "cloudformation", "cloudtrail", "tag"}
    assert "s3:ListAllMyBuckets" in only and "s3:GetEncryptionConfiguration" in only
    existence = next(name for name, entry in catalogue().entries.items() if entry.existence)
    declared = Wanted(frozenset({existence}))
    more, default = (
        set().union(*actions(aws.permissions(AwsSettings(), one, []))) for one in (declared, NOTHING)
    )
    assert more > default


def test_accounts_and_declared_files_are_the_callers_own() -> None:
    settings = AwsSettings.model_validate(
        {"include": ["AWS::SQS::*"], "accounts": [{"id": "111122223333", "role": "read"}]}
    )
    own, _ = said(aws.permissions(settings, NOTHING, ["s3://states/shop.tfstate", "s3://states/all/"]).text)
    assert [(one["Action"], one["Resource"]) for one in own["Statement"]] == [
        (["sts:AssumeRole"], ["arn:aws:iam::111122223333:role/read"]),
        (["s3:GetObject"], ["arn:aws:s3:::states/all/*", "arn:aws:s3:::states/shop.tfstate"]),
        (["s3:ListBucket"], ["arn:aws:s3:::states"]),
    ]


# Kubernetes: the tests of each other provider hold what is granted against what a run asks


def _may(rules: list[dict[str, Any]], path: str) -> bool:
    found = re.fullmatch(r"/(?:api/v1|apis/([^/]+)/[^/]+)/([^/]+)", path)
    if found is None or found[2] is None:
        return any(fnmatchcase(path, glob) for rule in rules for glob in rule.get("nonResourceURLs", ()))
    group, plural = found[1] or "", found[2]
    return any(
        {group, "*"} & {*rule.get("apiGroups", ())} and {plural, "*"} & {*rule.get("resources", ())}
        for rule in rules
    )


def test_all_that_a_cluster_serves_is_named_without_secrets() -> None:
    settings = KubernetesSettings(exclude_kinds=["Secret"])
    wanted = Wanted(frozenset({"acme.example/v1/Shop"}))
    rules = next(yaml.safe_load_all(kubernetes_role(settings, wanted).text))["rules"]
    paths = {
        f"/apis/{group}/v1/{plural}" if group else f"/api/v1/{plural}"
        for group, kinds in served().items()
        for plural in kinds
    }
    assert {path for path in paths if not _may(rules, path)} == {"/api/v1/secrets"}
    assert _may(rules, "/apis/resource.k8s.io/v1/deviceclasses") and _may(rules, "/api/v1/componentstatuses")
    assert _may(rules, "/apis/acme.example/v1/shops")


# The command


def test_it_reads_the_configuration_and_says_what_it_can_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "drift.yaml"
    config.write_text(
        "version: 1\ndeclared: [{path: gone.tfstate}]\nlive: {aws: {include: ['AWS::SQS::*']}}\n",
        encoding="utf-8",
    )
    (document,) = said(granted("aws", config, None, ()))
    assert "sqs:ListQueues" in document["Statement"][0]["Action"]
    assert "what is read only where it is declared is left out" in capsys.readouterr().err
    granted("gcp", config, None, ())
    assert "no live.gcp is configured" in capsys.readouterr().err
    with pytest.raises(DriftError, match="there is no provider 'azur'"):
        granted("azur", config, None, ())
