"""`drift permissions` prints what reading takes: each call that a provider makes is allowed, and no other
thing."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from drift.cli.permissions import granted
from drift.errors import DriftError
from drift.provider import Wanted
from providers.aws import permissions as aws
from providers.aws.facts import catalogue
from providers.aws.settings import Settings as AwsSettings
from providers.azure import loopback as azure
from providers.azure.permissions_role import role as azure_role
from providers.gcp import loopback as gcp
from providers.gcp.permissions import role as gcp_role
from providers.kubernetes.loopback import cluster
from providers.kubernetes.permissions import role as kubernetes_role
from providers.kubernetes.permissions import served
from tests.providers.azure import live_reading as of_azure
from tests.providers.gcp import live_reading as of_gcp
from tests.providers.kubernetes import helpers as of_kubernetes

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


# The others, by what their loopback servers were asked


def test_azure_each_call_is_allowed() -> None:
    vnet, site = of_azure.VNET, "Microsoft.Web/sites"
    documents = [
        of_azure.subscription(of_azure.ONE, "shop"),
        of_azure.body(vnet, "v"),
        of_azure.body(site, "s", kind="app"),
    ]
    types = [vnet, site, "Microsoft.Web/sites/config", "Microsoft.Authorization/locks"]
    with azure.cloud(documents) as server:
        settings = of_azure.settings(server, include=types)
        of_azure.read(settings, [*types])
        asked = {_azure_action(method, path) for method, path, _ in server.calls}
    for chosen in (settings, settings.model_copy(update={"include": ["*"]})):
        allowed = json.loads(azure_role(chosen, Wanted(frozenset(types))).text)["Actions"]
        left = {one for one in asked if not any(fnmatchcase(one.lower(), glob.lower()) for glob in allowed)}
        assert left == set()
    assert "Microsoft.Web/sites/config/list/action" in asked
    assert not any(
        one.endswith(("*", "write")) for one in json.loads(azure_role(settings, NOTHING).text)["Actions"]
    )


def _azure_action(method: str, path: str) -> str:
    """The action that a request takes: its type, and what is done."""
    before, _, after = path.rpartition("/providers/")
    parts = [part for part in after.split("/") if part]
    if not before and parts[:1] == ["subscriptions"]:
        kinds = ["Microsoft.Resources", *parts[::2]]
    elif path.lower().endswith("/resources") and "microsoft.resourcegraph" in path.lower():
        return "Microsoft.ResourceGraph/resources/read"
    else:
        kinds = [parts[0], *parts[1::2]]
    if method == "POST":
        return f"{'/'.join(kinds[:-1] if kinds[-1] == 'list' else kinds)}/list/action"
    return f"{'/'.join(kinds)}/read"


#: What each of Google's methods takes.
TAKES = {
    "ListAssets": {"cloudasset.assets.listResource", "cloudasset.assets.listIamPolicy"},
    "SearchAllResources": {"cloudasset.assets.searchAllResources"},
    "GetProject": {"resourcemanager.projects.get"},
    "SearchProjects": {"resourcemanager.projects.get"},
    "ListProjects": {"resourcemanager.projects.list"},
    "ListFolders": {"resourcemanager.folders.list"},
}


def test_google_each_call_is_allowed() -> None:
    tree = [
        {"name": "folders/10", "parent": "organizations/1"},
        of_gcp.project("shop", 101, parent="folders/10"),
        of_gcp.topic("shop", "t"),
    ]
    with gcp.cloud(tree) as server:
        settings = of_gcp.settings(server, folders=["10"])
        of_gcp.read(settings)
        asked = {name for name, _ in server.calls}
    allowed = set(yaml.safe_load(gcp_role(settings, NOTHING, []).text)["includedPermissions"])
    assert asked <= set(TAKES) and {"ListAssets", "ListProjects"} <= asked
    assert set().union(*(TAKES[name] for name in asked)) <= allowed
    assert (
        gcp_role(settings, NOTHING, ["gs://states/a.tfstate"])
        .notes[-1]
        .endswith("on states, where declared files are")
    )


@pytest.mark.parametrize("more", [{}, {"exclude_kinds": ["Secret"]}, {"kinds": ["apps/*", "Service"]}])
def test_kubernetes_each_call_is_allowed(more: dict[str, Any]) -> None:
    with cluster([]) as server:
        settings = of_kubernetes.of(server.kubeconfig, **more)
        of_kubernetes.read(settings)
        asked = {urlsplit(path).path for _, path in server.requests}
    rules = next(yaml.safe_load_all(kubernetes_role(settings, NOTHING).text))["rules"]
    assert [path for path in asked if not _may(rules, path)] == []
    assert _may(rules, "/api/v1/secrets") is (not more)


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
    settings = of_kubernetes.Settings(exclude_kinds=["Secret"])
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
