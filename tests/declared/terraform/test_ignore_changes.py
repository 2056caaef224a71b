"""lifecycle.ignore_changes beside a written state: what it hides and why, what it never hides, what could not
be read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import load
from drift.errors import DeclaredError
from drift.scan import Run
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, queue, state
from tests.declared.terraform.written import configuration
from tests.rules.support import write

BUCKET = "lifecycle"
PROJECT = "shop"


def live(name: str, **attributes: Any) -> dict[str, Any]:
    return {
        "provider": "aws",
        "scope": ACCOUNT,
        "region": "eu-west-1",
        "type": "AWS::SQS::Queue",
        "id": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}",
        "name": name,
        "attributes": {"QueueName": name, **attributes},
    }


def tags(**said: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in said.items()]


def ignoring(said: str, name: str = "a", type_: str = "aws_sqs_queue") -> str:
    return f'resource "{type_}" "{name}" {{\n  lifecycle {{\n    ignore_changes = {said}\n  }}\n}}\n'


def scan(folder: Path, hcl: str | None, content: Any, records: list[Any], **options: str) -> dict[str, Any]:
    """The report on a state in ``infra`` with the configuration beside it."""
    files = {} if hcl is None else {"infra/main.tf": hcl}
    if hcl is not None:
        files["infra/written_override.tf.json"] = json.dumps(configuration(content))
    entry = {"path": "infra/terraform.tfstate", **options}
    write(
        folder,
        {
            **files,
            "infra/terraform.tfstate": json.dumps(content),
            "live.yaml": records,
            "drift.yaml": yaml.safe_dump({"version": 1, "declared": [entry]}),
        },
    )
    return Run(load(folder / "drift.yaml"), (), [folder / "live.yaml"]).scan().report


def paths(report: dict[str, Any]) -> set[str]:
    return {change["path"] for finding in report["findings"] for change in finding["changes"]}


def hidden(report: dict[str, Any]) -> set[str]:
    return {row["change"]["path"] for row in report["suppressed"] if row.get("change")}


def one(**more: Any) -> dict[str, Any]:
    return state(managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=5, **more))))


def all_tags(**said: str) -> dict[str, Any]:
    return {"tags": said, "tags_all": said}


DRIFTED = [live("a", DelaySeconds=60, Tags=tags(Name="by hand", Added="x"))]
ALL = {"/DelaySeconds", "/Tags/Name", "/Tags/Added"}


@pytest.mark.parametrize(
    ("said", "ignored"),
    [
        ("[delay_seconds]", {"/DelaySeconds"}),
        ("[tags]", {"/Tags/Name", "/Tags/Added"}),
        ('[tags["Name"]]', {"/Tags/Name"}),
        ('[tags["Added"], delay_seconds]', {"/Tags/Added", "/DelaySeconds"}),
        ('["tags", "tags_all"]', {"/Tags/Name", "/Tags/Added"}),
        ("all", ALL),
        ("[policy, timeouts, nothing_of_the_kind]", set()),
        ("[]", set()),
    ],
)
def test_what_is_ignored_comes_back_without_the_rule(tmp_path: Path, said: str, ignored: set[str]) -> None:
    content = one(**all_tags(Name="a"))
    report = scan(tmp_path, ignoring(said), content, DRIFTED)
    assert hidden(report) == ignored
    assert paths(report) == ALL - ignored
    assert {(row["rule"], row["reason"].split(":")[0]) for row in report["suppressed"]} == (
        {("infra/main.tf:3", "Terraform ignores changes of aws_sqs_queue.a")} if ignored else set()
    )
    (tmp_path / "infra" / "main.tf").unlink()
    assert paths(scan(tmp_path, None, content, DRIFTED)) == ALL


@pytest.mark.parametrize("none", [None, {}])
def test_tags_that_nobody_declares(tmp_path: Path, none: Any) -> None:
    report = scan(tmp_path, ignoring("[tags]"), one(tags=none, tags_all=none), DRIFTED)
    assert hidden(report) == {"/Tags"} or hidden(report) == {"/Tags/Name", "/Tags/Added"}
    assert paths(report) == {"/DelaySeconds"}


def test_default_tags_are_the_providers(tmp_path: Path) -> None:
    content = one(tags={"Name": "a"}, tags_all={"Name": "a", "Managed": "yes"})
    records = [live("a", DelaySeconds=5, Tags=tags(Name="x", Managed="no"))]
    report = scan(tmp_path, ignoring("[tags]"), content, records)
    assert (hidden(report), paths(report)) == ({"/Tags/Name"}, {"/Tags/Managed"})
    report = scan(tmp_path, ignoring("[tags, tags_all]"), content, records)
    assert (hidden(report), paths(report)) == ({"/Tags/Name", "/Tags/Managed"}, set())


def test_another_block_is_not_spoken_of(tmp_path: Path) -> None:
    report = scan(tmp_path, ignoring("all", "b"), one(**all_tags(Name="a")), DRIFTED)
    assert report["suppressed"] == []
    assert paths(report) == ALL


def test_all_does_not_hide_that_it_is_gone(tmp_path: Path) -> None:
    report = scan(tmp_path, ignoring("all"), one(), [live("other")])
    assert [row["kind"] for row in report["findings"] if row["declared_at"]] == ["missing"]
    assert report["suppressed"] == []


def bucket(attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"arn": f"arn:aws:s3:::{BUCKET}", "bucket": BUCKET, "id": BUCKET, **attributes, **more}


def versioned() -> dict[str, Any]:
    part = {"bucket": BUCKET, "id": BUCKET, "versioning_configuration": [{"status": "Enabled"}]}
    return state(
        managed("aws_s3_bucket", "a", instance(bucket(all_tags(Name="a"), region="eu-west-1"))),
        managed("aws_s3_bucket_versioning", "a", instance(part)),
    )


@pytest.mark.parametrize(
    ("type_", "said", "ignored"),
    [
        ("aws_s3_bucket", "all", {"/Tags/Name"}),
        ("aws_s3_bucket", "[versioning]", set()),
        ("aws_s3_bucket_versioning", "all", {"/VersioningConfiguration/Status"}),
        ("aws_s3_bucket_versioning", "[versioning_configuration]", {"/VersioningConfiguration/Status"}),
        (
            "aws_s3_bucket_versioning",
            "[versioning_configuration[0].status]",
            {"/VersioningConfiguration/Status"},
        ),
        ("aws_s3_bucket_versioning", "[versioning_configuration[0].mfa_delete]", set()),
    ],
)
def test_of_a_merged_resource_only_what_the_block_says(
    tmp_path: Path, type_: str, said: str, ignored: set[str]
) -> None:
    record = {
        "provider": "aws",
        "scope": ACCOUNT,
        "region": "eu-west-1",
        "type": "AWS::S3::Bucket",
        "id": BUCKET,
        "name": BUCKET,
        "attributes": {
            "BucketName": BUCKET,
            "Tags": tags(Name="x"),
            "VersioningConfiguration": {"Status": "Suspended"},
        },
    }
    report = scan(tmp_path, ignoring(said, type_=type_), versioned(), [record], scope=ACCOUNT)
    assert hidden(report) == ignored
    assert paths(report) == {"/Tags/Name", "/VersioningConfiguration/Status"} - ignored


def rule(description: str, port: int = 22, cidr: str = "10.0.0.0/8") -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr, "Description": description}


def test_one_rule_of_a_security_group(tmp_path: Path) -> None:
    """What a block ignores of its own rule says nothing of the other rules in the same list."""

    def declared(name: str, port: int) -> dict[str, Any]:
        said = {"from_port": port, "to_port": port, "ip_protocol": "tcp", "cidr_ipv4": "10.0.0.0/8"}
        more = {"security_group_id": "sg-1", "description": "ours", "security_group_rule_id": f"sgr-{port}"}
        arn = {"arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group-rule/sgr-{port}"}
        return managed("aws_vpc_security_group_ingress_rule", name, instance({**said, **more, **arn}))

    def group(*rules: dict[str, Any]) -> dict[str, Any]:
        return {
            "provider": "aws",
            "scope": ACCOUNT,
            "region": "eu-west-1",
            "type": "AWS::EC2::SecurityGroup",
            "id": "sg-1",
            "name": "web",
            "attributes": {"GroupName": "web", "SecurityGroupIngress": list(rules)},
        }

    content = state(declared("a", 22), declared("b", 80))
    hcl = ignoring("[description]", type_="aws_vpc_security_group_ingress_rule")
    assert scan(tmp_path, hcl, content, [group(rule("ours"), rule("ours", 80))])["findings"] == []
    ours = scan(tmp_path, hcl, content, [group(rule("theirs"), rule("ours", 80))])
    assert (hidden(ours), paths(ours)) == ({"/SecurityGroupIngress"}, set())
    other = scan(tmp_path, hcl, content, [group(rule("ours"), rule("theirs", 80))])
    assert (hidden(other), paths(other)) == (set(), {"/SecurityGroupIngress"})
    both = scan(tmp_path, hcl, content, [group(rule("theirs"), rule("theirs", 80))])
    assert paths(both) == {"/SecurityGroupIngress"}
    (change,) = both["findings"][0]["changes"]
    assert [one["FromPort"] for one in change["declared"]] == [80]
    port = scan(tmp_path, hcl, content, [group(rule("ours", 23), rule("ours", 80))])
    assert (hidden(port), paths(port)) == (set(), {"/SecurityGroupIngress"})
    gone = scan(tmp_path, hcl, content, [group(rule("ours", 80))])
    assert (hidden(gone), paths(gone)) == (set(), {"/SecurityGroupIngress"})


@pytest.mark.parametrize(("said", "hides"), [("all", False), ("[value]", True)])
def test_a_merged_resource_that_is_gone(tmp_path: Path, said: str, hides: bool) -> None:
    """A tag of its own block: another value is ignored, its absence only where its value is."""
    tag = {"resource_id": "sg-1", "key": "Name", "value": "a", "id": "sg-1,Name"}
    content = state(managed("aws_ec2_tag", "a", instance(tag)))

    def group(**said: str) -> list[dict[str, Any]]:
        record = {"provider": "aws", "scope": ACCOUNT, "region": "eu-west-1", "id": "sg-1", "name": "web"}
        attributes = {"GroupName": "web", "Tags": tags(**said)}
        return [{**record, "type": "AWS::EC2::SecurityGroup", "attributes": attributes}]

    hcl = ignoring(said, type_="aws_ec2_tag")
    place = {"scope": ACCOUNT, "region": "eu-west-1"}
    assert hidden(scan(tmp_path, hcl, content, group(Name="b", Other="x"), **place)) == {"/Tags/Name"}
    assert hidden(scan(tmp_path, hcl, content, group(Other="x"), **place)) == (
        {"/Tags/Name"} if hides else set()
    )


def binding(member: str, role: str = "roles/viewer") -> dict[str, Any]:
    resource = f"//cloudresourcemanager.googleapis.com/projects/{PROJECT}"
    return {
        "provider": "gcp",
        "scope": PROJECT,
        "type": "iam.googleapis.com/Binding",
        "id": f"{resource}|{role}|{member}",
        "name": f"{role} {member}",
        "attributes": {"resource": resource, "role": role, "member": member},
    }


@pytest.mark.parametrize("members", [["user:a@x.org", "user:b@x.org"], ["user:b@x.org"]])
def test_members_of_a_binding(tmp_path: Path, members: list[str]) -> None:
    """Each member is a resource of its own: one that is gone or added is ignored with the members, another
    role is not."""
    said = {"project": PROJECT, "role": "roles/viewer", "members": members}
    content = state(managed("google_project_iam_binding", "a", instance(said)))
    records = [binding(one) for one in members[:-1]]
    records += [binding("user:c@x.org"), binding("user:c@x.org", "roles/owner")]
    report = scan(tmp_path, None, content, records)
    assert sorted(row["kind"] for row in report["findings"]) == ["missing", "unmanaged", "unmanaged"]
    report = scan(tmp_path, ignoring("[members]", type_="google_project_iam_binding"), content, records)
    assert sorted(row["kind"] for row in report["suppressed"]) == ["missing", "unmanaged"]
    assert [row["resource_id"].split("|")[1] for row in report["findings"]] == ["roles/owner"]
    report = scan(tmp_path, ignoring("all", type_="google_project_iam_binding"), content, records)
    assert len(report["findings"]) == 3


def test_members_in_a_policy(tmp_path: Path) -> None:
    policy = {"bindings": [{"role": "roles/viewer", "members": ["user:a@x.org", "user:b@x.org"]}]}
    said = {"project": PROJECT, "policy_data": json.dumps(policy)}
    content = state(managed("google_project_iam_policy", "a", instance(said)))
    records = [binding("user:a@x.org"), binding("user:c@x.org", "roles/owner")]
    report = scan(tmp_path, ignoring("[policy_data]", type_="google_project_iam_policy"), content, records)
    assert sorted(row["kind"] for row in report["suppressed"]) == ["missing", "unmanaged"]
    assert report["findings"] == []


def test_labels_of_google(tmp_path: Path) -> None:
    labels = {"labels": {"env": "a"}, "terraform_labels": {"env": "a"}, "effective_labels": {"env": "a"}}
    said = {"name": "shop", "id": "shop", "project": PROJECT, "location": "EU", "storage_class": "STANDARD"}
    content = state(managed("google_storage_bucket", "a", instance({**said, **labels})))
    record = {
        "provider": "gcp",
        "scope": PROJECT,
        "type": "storage.googleapis.com/Bucket",
        "id": "//storage.googleapis.com/shop",
        "name": "shop",
        "attributes": {
            "name": "shop",
            "location": "EU",
            "storageClass": "NEARLINE",
            "labels": {"env": "b", "added": "x"},
        },
    }
    report = scan(tmp_path, ignoring("[labels]", type_="google_storage_bucket"), content, [record])
    assert hidden(report) == {"/labels/env", "/labels/added"}
    assert paths(report) == {"/storageClass"}


def test_tags_of_azure(tmp_path: Path) -> None:
    group = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/shop"
    said = {"id": group, "name": "shop", "location": "westeurope", "managed_by": "", "tags": None}
    content = state(managed("azurerm_resource_group", "a", instance(said)))
    record = {
        "provider": "azure",
        "scope": group.split("/")[2],
        "type": "Microsoft.Resources/resourceGroups",
        "id": group,
        "name": "shop",
        "attributes": {"location": "northeurope", "tags": {"added": "x"}},
    }
    report = scan(tmp_path, ignoring("[tags]", type_="azurerm_resource_group"), content, [record])
    assert hidden(report) == {"/tags/added"} or hidden(report) == {"/tags"}
    assert paths(report) == {"/location"}


@pytest.mark.parametrize(
    ("said", "ignored"), [("address_prefixes", "addressPrefixes"), ("service_endpoints", "serviceEndpoints")]
)
def test_the_only_attribute_that_is_declared_is_not_all_around_it(
    tmp_path: Path, said: str, ignored: str
) -> None:
    scope = "0b1f6471-1bf0-4dda-aec3-111122223333"
    network = f"/subscriptions/{scope}/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/v"
    subnet = {
        "id": f"{network}/subnets/s",
        "name": "s",
        "resource_group_name": "shop",
        "virtual_network_name": "v",
        "address_prefixes": ["10.0.1.0/24"],
        "service_endpoints": [],
    }
    found = {"addressPrefix": "10.0.7.0/24", "serviceEndpoints": [{"service": "Microsoft.Sql"}]}
    record = {
        "provider": "azure",
        "scope": scope,
        "type": "Microsoft.Network/virtualNetworks",
        "id": network,
        "name": "v",
        "attributes": {
            "location": "westeurope",
            "properties": {"subnets": [{"name": "s", "properties": found}]},
        },
    }
    content = state(managed("azurerm_subnet", "a", instance(subnet)))
    report = scan(tmp_path, ignoring(f"[{said}]", type_="azurerm_subnet"), content, [record])
    place = "/properties/subnets/s/properties"
    assert {path.removeprefix(place).split("/")[1] for path in hidden(report)} == {ignored}
    assert {path.removeprefix(place).split("/")[1] for path in paths(report)} == {
        "addressPrefixes",
        "serviceEndpoints",
    } - {ignored}


@pytest.mark.parametrize("said", ["all", "[subnet]"])
def test_a_member_that_another_resource_declares_is_its_own(tmp_path: Path, said: str) -> None:
    """A subnet of its own, in a network whose subnets are ignored: what it does not say of itself too."""
    scope = "0b1f6471-1bf0-4dda-aec3-111122223333"
    network = f"/subscriptions/{scope}/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/v"
    common = {"resource_group_name": "shop"}
    whole = {**common, "id": network, "name": "v", "location": "westeurope", "subnet": []}
    subnet = {
        **common,
        "id": f"{network}/subnets/s",
        "name": "s",
        "virtual_network_name": "v",
        "address_prefixes": ["10.0.1.0/24"],
    }
    found = {"addressPrefixes": ["10.0.1.0/24"], "serviceEndpoints": [{"service": "Microsoft.Sql"}]}
    subnets = [
        {"name": "s", "properties": found},
        {"name": "t", "properties": {"addressPrefix": "10.0.2.0/24"}},
    ]
    record = {
        "provider": "azure",
        "scope": scope,
        "type": "Microsoft.Network/virtualNetworks",
        "id": network,
        "name": "v",
        "attributes": {"location": "westeurope", "properties": {"subnets": subnets}},
    }
    content = state(
        managed("azurerm_virtual_network", "a", instance(whole)),
        managed("azurerm_subnet", "s", instance(subnet)),
    )
    report = scan(tmp_path, ignoring(said, type_="azurerm_virtual_network"), content, [record])
    assert hidden(report) == {"/properties/subnets/t"}
    assert paths(report) == {"/properties/subnets/s/properties/serviceEndpoints/Microsoft.Sql"}


def test_states_of_a_folder_have_each_their_own(tmp_path: Path) -> None:
    for name in "ab":
        content = state(managed("aws_sqs_queue", "q", instance(queue(name, delay_seconds=5))))
        write(tmp_path, {f"infra/{name}/terraform.tfstate": json.dumps(content)})
    write(
        tmp_path,
        {
            "infra/a/main.tf": ignoring("all", "q"),
            "live.yaml": [live("a", DelaySeconds=60), live("b", DelaySeconds=60)],
            "drift.yaml": yaml.safe_dump({"version": 1, "declared": [{"path": "infra"}]}),
        },
    )
    report = Run(load(tmp_path / "drift.yaml"), (), [tmp_path / "live.yaml"]).scan().report
    assert [row["name"] for row in report["findings"]] == ["b"]
    assert [(row["name"], row["rule"]) for row in report["suppressed"]] == [("a", "infra/a/main.tf:3")]


@pytest.mark.parametrize("entry", ["infra", "infra/terraform.tfstate.d/prod/terraform.tfstate"])
def test_states_of_workspaces_have_the_configuration_above(tmp_path: Path, entry: str) -> None:
    content = state(managed("aws_sqs_queue", "q", instance(queue("a", delay_seconds=5))))
    write(
        tmp_path,
        {
            "infra/terraform.tfstate.d/prod/terraform.tfstate": json.dumps(content),
            "infra/main.tf": ignoring("[delay_seconds]", "q"),
            "live.yaml": [live("a", DelaySeconds=60, VisibilityTimeout=77)],
            "drift.yaml": yaml.safe_dump({"version": 1, "declared": [{"path": entry}]}),
        },
    )
    report = Run(load(tmp_path / "drift.yaml"), (), [tmp_path / "live.yaml"]).scan().report
    assert hidden(report) == {"/DelaySeconds"}
    assert "/DelaySeconds" not in paths(report) and "/VisibilityTimeout" in paths(report)
    assert {row["rule"] for row in report["suppressed"]} == {"infra/main.tf:3"}


def test_blocks_on_one_line_are_two_rules(tmp_path: Path) -> None:
    blocks = {name: {"lifecycle": {"ignore_changes": ["delay_seconds"]}} for name in "ab"}
    write(tmp_path, {"infra/main.tf.json": json.dumps({"resource": {"aws_sqs_queue": blocks}})})
    content = state(
        *(managed("aws_sqs_queue", one, instance(queue(one, delay_seconds=5), index_key=0)) for one in "ab")
    )
    records = [live("a", DelaySeconds=60), live("b", DelaySeconds=60)]
    report = scan(tmp_path, None, content, records)
    assert report["findings"] == []
    assert sorted(row["rule"] for row in report["suppressed"]) == [
        "infra/main.tf.json:1 aws_sqs_queue.a",
        "infra/main.tf.json:1 aws_sqs_queue.b",
    ]


def test_the_rule_is_listed_with_its_place(tmp_path: Path) -> None:
    report = scan(tmp_path, ignoring("all"), one(**all_tags(Name="a")), DRIFTED)
    assert {row["file"] for row in report["rules"]} == {"infra/main.tf"}
    assert {row["line"] for row in report["rules"]} == {3}


def test_in_a_repository(tmp_path: Path) -> None:
    """State and configuration of a fetched repository; `configuration` is inside of it."""
    origin = tmp_path / "origin"
    write(
        origin,
        {
            "states/prod.tfstate": json.dumps(one(**all_tags(Name="a"))),
            "code/root/main.tf": 'module "m" {\n  source = "../../../outside"\n}\n' + ignoring("[tags]"),
        },
    )
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "x"]):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=origin, check=True)
    entry = {"git": "origin", "ref": "main", "path": "states/prod.tfstate", "configuration": "code/root"}
    write(
        tmp_path,
        {"live.yaml": DRIFTED, "drift.yaml": yaml.safe_dump({"version": 1, "declared": [entry]})},
    )
    report = Run(load(tmp_path / "drift.yaml"), (), [tmp_path / "live.yaml"]).scan().report
    assert hidden(report) == {"/Tags/Name", "/Tags/Added"}
    assert {row["rule"] for row in report["suppressed"]} == {"code/root/main.tf:6"}


# What could not be read


def rules(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(row["rule"], row["status"], row.get("message", "")) for row in report["rules"]]


def test_a_broken_file_is_told_once_and_the_rest_holds(tmp_path: Path) -> None:
    write(tmp_path, {"infra/broken.tf": 'resource "aws_sqs_queue" "b" {\n  ignore_changes =\n}\n'})
    report = scan(tmp_path, ignoring("[delay_seconds]"), one(**all_tags(Name="a")), DRIFTED)
    assert hidden(report) == {"/DelaySeconds"}
    told = [one for one in rules(report) if one[1] == "unusable"]
    assert len(told) == 1
    assert told[0][0].startswith("infra/broken.tf:")
    assert "can't be parsed as HCL" in told[0][2]
    row = next(row for row in report["rules"] if row["status"] == "unusable")
    assert (row["file"], row["line"]) == ("infra/broken.tf", 2)


def test_a_module_that_is_not_there_is_told(tmp_path: Path) -> None:
    content = state(managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=5)), module="module.m"))
    hcl = 'module "m" {\n  source = "acme/queue/aws"\n}\n'
    report = scan(tmp_path, hcl, content, DRIFTED)
    assert "/DelaySeconds" in paths(report)
    assert rules(report) == [
        (
            "module.m ignore_changes",
            "unusable",
            "not read: its source acme/queue/aws is not installed; run `terraform init` in infra",
        )
    ]


def test_a_state_alone_says_nothing(tmp_path: Path) -> None:
    assert scan(tmp_path, None, one(), [live("a", DelaySeconds=5)])["rules"] == []


def test_the_folder_may_be_named(tmp_path: Path) -> None:
    write(tmp_path, {"code/main.tf": ignoring("[delay_seconds]"), "infra/main.tf": ignoring("all")})
    report = scan(tmp_path, None, one(**all_tags(Name="a")), DRIFTED, configuration="code")
    assert hidden(report) == {"/DelaySeconds"}
    assert {row["rule"] for row in report["suppressed"]} == {"code/main.tf:3"}


def test_a_named_folder_without_configuration_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"code/readme": "x"})
    report = scan(tmp_path, None, one(), [live("a", DelaySeconds=5)], configuration="code")
    assert rules(report) == [
        ("code ignore_changes", "unusable", "no .tf or .tf.json file in code, so no rule of it is applied")
    ]
    with pytest.raises(DeclaredError, match="there is no folder elsewhere"):
        scan(tmp_path, None, one(), [], configuration="elsewhere")
