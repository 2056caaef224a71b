"""Records of four clouds that are mostly lists and labels: what the shortcut of comparison was made for."""

from __future__ import annotations

from typing import Any


def _labels(number: int) -> dict[str, str]:
    return {f"tag-{i}": f"value-{number}-{i}" for i in range(12)}


def _tags(number: int, changed: bool) -> list[dict[str, str]]:
    tags = [{"Key": f"tag-{i}", "Value": f"value {number}-{i}"} for i in range(12)]
    return tags[::-1] if changed else tags


def _record(type_: str, id_: str, region: str | None, attributes: dict[str, Any]) -> dict[str, Any]:
    place = {"region": region} if region else {}
    return {
        "provider": "aws",
        "scope": "123456789012",
        **place,
        "type": type_,
        "id": id_,
        "attributes": attributes,
    }


def _role(number: int, changed: bool) -> dict[str, Any]:
    actions = [f"s3:Action{i}" for i in range(60)]
    statement = {
        "Effect": "Allow",
        "Action": actions[::-1] if changed else actions,
        "Resource": f"arn:aws:s3:::b-{number}/*",
    }
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return _record(
        "AWS::IAM::Role",
        f"arn:aws:iam::123456789012:role/r-{number}",
        None,
        {
            "RoleName": f"r-{number}",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [
                {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
            ],
            "Tags": _tags(number, changed),
        },
    )


def _group(number: int, changed: bool) -> dict[str, Any]:
    rules = [
        {
            "IpProtocol": "tcp",
            "FromPort": 1000 + i,
            "ToPort": 1000 + i,
            "CidrIp": f"10.0.{i}.0/24",
            "Description": f"port {i}",
        }
        for i in range(13)
    ]
    return _record(
        "AWS::EC2::SecurityGroup",
        f"sg-{number:017x}",
        "us-east-1",
        {
            "GroupName": f"g-{number}",
            "GroupDescription": "bench",
            "SecurityGroupIngress": rules[::-1] if changed else rules,
            "Tags": _tags(number, changed),
        },
    )


def _function(number: int, changed: bool) -> dict[str, Any]:
    return _record(
        "AWS::Lambda::Function",
        f"arn:aws:lambda:us-east-1:123456789012:function:f-{number}",
        "us-east-1",
        {
            "FunctionName": f"f-{number}",
            "Description": "handles " * 170,
            "Handler": "main.handler",
            "Runtime": "python3.13",
            "Tags": _tags(number, changed),
        },
    )


def _queue(number: int, changed: bool) -> dict[str, Any]:
    attributes = {"QueueName": f"q-{number}", "VisibilityTimeout": 60, "Tags": _tags(number, changed)}
    if changed:
        attributes |= {"DelaySeconds": 0, "MessageRetentionPeriod": 345600}
    statements = [
        {
            "Sid": f"s{i}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{i:012}:root"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
        for i in range(11)
    ]
    attributes["PolicyDocument"] = {
        "Version": "2012-10-17",
        "Statement": statements[::-1] if changed else statements,
    }
    return _record(
        "AWS::SQS::Queue", f"arn:aws:sqs:us-east-1:123456789012:q-{number}", "us-east-1", attributes
    )


def _of(provider: str, scope: str, type_: str, id_: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"provider": provider, "scope": scope, "type": type_, "id": id_, "attributes": attributes}


def _security_group(number: int, changed: bool) -> dict[str, Any]:
    rules = [
        {
            "name": f"rule-{i}",
            "properties": {
                "protocol": "Tcp",
                "access": "Allow",
                "direction": "Inbound",
                "priority": 100 + i,
                "sourceAddressPrefix": f"10.0.{i}.0/24",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": str(1000 + i),
            },
        }
        for i in range(6)
    ]
    attributes = {
        "location": "westeurope",
        "tags": _labels(number),
        "properties": {"securityRules": rules[::-1] if changed else rules},
    }
    scope = "00000000-0000-4000-8000-000000000001"
    group = f"/subscriptions/{scope}/resourceGroups/rg/providers"
    id_ = f"{group}/Microsoft.Network/networkSecurityGroups/n-{number}"
    return _of("azure", scope, "Microsoft.Network/networkSecurityGroups", id_, attributes)


def _firewall(number: int, changed: bool) -> dict[str, Any]:
    ranges = [f"10.{i}.0.0/16" for i in range(30)]
    network = "projects/bench/global/networks/default"
    attributes = {
        "name": f"f-{number}",
        "description": "lets in " * 120,
        "network": f"https://www.googleapis.com/compute/v1/{network}",
        "direction": "INGRESS",
        "priority": 1000,
        "sourceRanges": ranges[::-1] if changed else ranges,
        "allowed": [{"IPProtocol": "tcp", "ports": ["22", "443"]}],
    }
    id_ = f"//compute.googleapis.com/projects/bench/global/firewalls/f-{number}"
    return _of("gcp", "bench", "compute.googleapis.com/Firewall", id_, attributes)


def _bucket(number: int, changed: bool) -> dict[str, Any]:
    attributes = {
        "name": f"b-{number}",
        "location": "EU",
        "labels": _labels(number),
        "lifecycle": {
            "rule": [{"action": {"type": "Delete"}, "condition": {"age": 10 + i}} for i in range(20)]
        },
    }
    if changed:
        attributes |= {"storageClass": "STANDARD", "etag": "CAE="}
    id_ = f"//storage.googleapis.com/b-{number}"
    return _of("gcp", "bench", "storage.googleapis.com/Bucket", id_, attributes)


def _deployment(number: int, changed: bool) -> dict[str, Any]:
    environment = [{"name": f"NAME_{i}", "value": f"value {i}"} for i in range(20)]
    pod = {
        "containers": [
            {
                "name": "web",
                "image": f"registry.example.com/web:{number}",
                "env": environment[::-1] if changed else environment,
                "resources": {"limits": {"cpu": "1", "memory": "128Mi"}},
            }
        ]
    }
    attributes = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"d-{number}", "namespace": "bench", "labels": _labels(number)},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod},
        },
    }
    return _of("kubernetes", "bench", "apps/v1/Deployment", f"bench/d-{number}", attributes)


MAKERS = (_role, _deployment, _group, _security_group, _function, _firewall, _queue, _bucket)
