"""Plants secrets in every place that can hide one, live (loopback AWS and Kubernetes) and declared (four
languages)."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from providers.aws.loopback import ACCOUNT
from tests.conftest import client
from tests.secrets_planted import Secret

ROLE = f"arn:aws:iam::{ACCOUNT}:role/tasks"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
ARN = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:{{}}"


def said(secret: Secret) -> str:
    """A secret in a place that has no name of its own: a generated password is nothing to see there without
    one."""
    return f"{secret.name}={secret.text}" if secret.shape == "password" else secret.text


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _script(secret: Secret) -> str:
    return f"#!/bin/sh\nset -e\ncat > /etc/app <<END\n{said(secret)}\nEND\n"


class LiveAws:
    """One method a place; the name tells the resource that it makes."""

    def __init__(self, url: str) -> None:
        self.of: Callable[[str], Any] = partial(client, url)
        self.of("iam").create_role(RoleName="tasks", AssumeRolePolicyDocument=json.dumps(TRUST))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("index.py", "def handler(event, context): pass")
        self.code = archive.getvalue()

    def parameter(self, n: int, secret: Secret) -> None:
        self.of("ssm").put_parameter(Name=f"/app/{n}/{secret.name}", Value=secret.text, Type="String")

    def parameter_of_documents(self, n: int, secret: Secret) -> None:
        value = json.dumps({"nested": json.dumps({secret.name: secret.text})})
        self.of("ssm").put_parameter(Name=f"/doc/{n}", Value=value, Type="String", Description=said(secret))

    def queue_tag(self, n: int, secret: Secret) -> None:
        self.of("sqs").create_queue(QueueName=f"q{n}", tags={secret.name: secret.text})

    def topic_name(self, n: int, secret: Secret) -> None:
        attributes = {"DisplayName": said(secret)}
        self.of("sns").create_topic(
            Name=f"t{n}", Attributes=attributes, Tags=[{"Key": "note", "Value": said(secret)}]
        )

    def function(self, n: int, secret: Secret) -> None:
        self.of("lambda").create_function(
            FunctionName=f"f{n}",
            Runtime="python3.12",
            Role=ROLE,
            Handler="index.handler",
            Code={"ZipFile": self.code},
            Description=said(secret),
            Environment={"Variables": {"PLAIN": secret.text, secret.name: secret.text}},
        )

    def task(self, n: int, secret: Secret) -> None:
        self.of("ecs").register_task_definition(family=f"task{n}", containerDefinitions=containers(secret))

    def launch_template(self, n: int, secret: Secret) -> None:
        data = {"UserData": b64(_script(secret)), "InstanceType": "t3.micro"}
        self.of("ec2").create_launch_template(
            LaunchTemplateName=f"lt{n}", LaunchTemplateData=data, VersionDescription=said(secret)
        )

    def group(self, n: int, secret: Secret) -> None:
        self.of("ec2").create_security_group(GroupName=f"sg{n}", Description=said(secret))

    def role(self, n: int, secret: Secret) -> None:
        self.of("iam").create_role(
            RoleName=f"r{n}",
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Description=said(secret),
            Tags=[{"Key": secret.name, "Value": secret.text}] if len(secret.text) < 256 else [],
        )

    def stack(self, n: int, secret: Secret) -> None:
        template = {
            "Parameters": {
                "P" + secret.name.replace("_", ""): {"Type": "String"},
                "Hidden": {"Type": "String", "NoEcho": True},
            },
            "Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"stack{n}"}}},
            "Outputs": {
                "Out": {"Value": {"Ref": "P" + secret.name.replace("_", "")}, "Export": {"Name": f"e{n}"}}
            },
        }
        parameters = {"P" + secret.name.replace("_", ""): said(secret), "Hidden": secret.text}
        self.of("cloudformation").create_stack(
            StackName=f"s{n}",
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )

    def log_group(self, n: int, secret: Secret) -> None:
        self.of("logs").create_log_group(logGroupName=f"/l/{n}", tags={secret.name: secret.text})


def containers(secret: Secret) -> list[dict[str, Any]]:
    return [
        {
            "name": "main",
            "image": "nginx:1",
            "memory": 64,
            "command": ["serve", said(secret)],
            "environment": [{"name": "PLAIN", "value": secret.text}],
            "dockerLabels": {secret.name: secret.text},
        }
    ]


def objects(n: int, secret: Secret) -> list[dict[str, Any]]:
    """Kubernetes objects that hold a secret wherever an object can."""
    pod = {
        "containers": [
            {
                "name": "main",
                "image": "nginx:1",
                "args": [said(secret)],
                "env": [{"name": secret.name, "value": secret.text}],
            }
        ]
    }
    meta: Callable[[str], dict[str, Any]] = lambda kind: {"name": f"{kind}{n}", "namespace": "web"}  # noqa: E731
    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": meta("s"), "data": {"any": b64(secret.text)}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": meta("p"), "stringData": {"any": secret.text}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {**meta("c"), "annotations": {"example.com/note": said(secret)}},
            "data": {secret.name: secret.text, "app.conf": f"# made by hand\nlevel=info\n{said(secret)}\n"},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {**meta("d"), "annotations": {secret.name: secret.text}},
            "spec": {
                "selector": {"matchLabels": {"app": f"d{n}"}},
                "template": {"metadata": {"labels": {"app": f"d{n}"}}, "spec": pod},
            },
        },
    ]


def terraform(planted: Mapping[int, Secret]) -> str:
    """A state that declares other secrets for what :class:`LiveAws` made."""
    resources = []

    def add(type_: str, n: int, attributes: dict[str, Any], *sensitive: str) -> None:
        paths = [[{"type": "get_attr", "value": name}] for name in sensitive]
        instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": paths}
        provider = 'provider["registry.terraform.io/hashicorp/aws"]'
        resources.append(
            {"mode": "managed", "type": type_, "name": f"x{n}", "provider": provider, "instances": [instance]}
        )

    for n, one in planted.items():
        value = json.dumps({"inner": {"pin": one.text}})
        add(
            "aws_ssm_parameter",
            n,
            {
                "arn": ARN.format("ssm", f"parameter/app/{n}/{one.name}"),
                "name": f"/app/{n}/{one.name}",
                "type": "String",
                "value": one.text,
            },
            "value",
        )
        add(
            "aws_ssm_parameter",
            n + 1000,
            {
                "arn": ARN.format("ssm", f"parameter/doc/{n}"),
                "name": f"/doc/{n}",
                "type": "String",
                "value": value,
                "description": said(one),
            },
        )
        add(
            "aws_sqs_queue",
            n,
            {
                "arn": ARN.format("sqs", f"q{n}"),
                "id": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q{n}",
                "name": f"q{n}",
                "tags_all": {one.name: one.text},
            },
        )
        add(
            "aws_sns_topic",
            n,
            {
                "arn": ARN.format("sns", f"t{n + (n + 1) % 2 * 1000}"),
                "name": f"t{n + (n + 1) % 2 * 1000}",
                "display_name": one.text,
            },
            "display_name",
        )
        add(
            "aws_lambda_function",
            n,
            {
                "arn": ARN.format("lambda", f"function:f{n}"),
                "function_name": f"f{n}",
                "description": said(one),
                "environment": [{"variables": {"PLAIN": one.text}}],
            },
        )
        add(
            "aws_ecs_task_definition",
            n,
            {
                "arn": ARN.format("ecs", f"task-definition/task{n}:1"),
                "family": f"task{n}",
                "revision": 1,
                "container_definitions": json.dumps(containers(one)),
            },
        )
        add(
            "aws_iam_role",
            n,
            {
                "arn": f"arn:aws:iam::{ACCOUNT}:role/r{n}",
                "name": f"r{n}",
                "description": said(one),
                "tags_all": {one.name: one.text},
                "assume_role_policy": json.dumps(TRUST),
            },
        )
        add(
            "aws_cloudwatch_log_group",
            n,
            {
                "arn": ARN.format("logs", f"log-group:/l/{n}"),
                "name": f"/l/{n}",
                "tags_all": {"note": said(one)},
            },
        )
    return json.dumps(
        {
            "version": 4,
            "terraform_version": "1.9.0",
            "serial": 1,
            "lineage": "x",
            "outputs": {
                "o": {"value": next(iter(planted.values())).text, "type": "string", "sensitive": True}
            },
            "resources": resources,
        }
    )


def template(planted: Mapping[int, Secret]) -> str:
    """A template with a NoEcho parameter for each secret, and the same in plain."""
    parameters: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    for n, one in planted.items():
        parameters[f"P{n}"] = {"Type": "String", "NoEcho": True, "Default": one.text}
        joined = {"Fn::Sub": "prefix ${P%d} suffix" % n}  # noqa: UP031
        tags = [{"Key": "Hidden", "Value": joined}, {"Key": one.name, "Value": one.text}]
        resources[f"T{n}"] = {
            "Type": "AWS::SNS::Topic",
            "Properties": {"TopicName": f"t{n + n % 2 * 1000}", "DisplayName": joined, "Tags": tags},
        }
        data = {"UserData": {"Fn::Base64": _script(one)}}
        resources[f"L{n}"] = {
            "Type": "AWS::EC2::LaunchTemplate",
            "Properties": {"LaunchTemplateName": f"lt{n}", "LaunchTemplateData": data},
        }
        resources[f"G{n}"] = {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupName": f"sg{n}", "GroupDescription": said(one)},
        }
    return json.dumps(
        {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": parameters, "Resources": resources}
    )


def baseline(planted: Mapping[int, Secret], cluster: str) -> str:
    """Records of the same queues and config maps, and of a type that nobody knows."""
    records = []
    for n, one in planted.items():
        place = {"provider": "aws", "scope": ACCOUNT, "region": "us-east-1"}
        attributes = {"QueueName": f"stack{n}", "Tags": [{"Key": one.name, "Value": one.text}]}
        records.append(
            {
                **place,
                "type": "AWS::SQS::Queue",
                "id": ARN.format("sqs", f"stack{n}"),
                "attributes": attributes,
            }
        )
        records.append({**place, "type": "AWS::No::Such", "id": f"n{n}", "attributes": {"Any": said(one)}})
        body = objects(n + 500, one)[2]
        records.append(
            {
                "provider": "kubernetes",
                "scope": cluster,
                "type": "v1/ConfigMap",
                "id": f"web/c{n + 500}",
                "attributes": body,
            }
        )
    return "".join("---\n" + yaml.safe_dump(record) for record in records)  # fmt: skip


def write(folder: Path, planted: Mapping[int, Secret], cluster: str) -> None:
    """The declared side as files."""
    folder.mkdir()
    (folder / "app.tfstate").write_text(terraform(planted))
    (folder / "stack.json").write_text(template(planted))
    (folder / "base.yaml").write_text(baseline(planted, cluster))
    manifests = [body for n, one in planted.items() for body in objects(n, one)]
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(manifests))
