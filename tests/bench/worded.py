"""Records of four clouds as they are in practice: long texts, ten tags, ARNs and links, lists within lists,
names that speak of secrets which they only refer to, and live values that Git leaves unsaid."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

ACCOUNT = "123456789012"
REGION = "eu-central-1"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
_OWNERS = ("payments", "search", "identity", "logistics", "data-platform")
_SENTENCE = (
    "Consumes the order events of service {n} and writes them, once validated, to the warehouse; see the "
    "runbook at https://wiki.example.com/teams/{owner}/runbooks/{n} before it is restarted by hand. "
)


def _owner(number: int) -> str:
    return _OWNERS[number % len(_OWNERS)]


def _text(number: int, times: int) -> str:
    return "".join(_SENTENCE.format(n=number + i, owner=_owner(number + i)) for i in range(times))


def _hex(number: int, length: int = 17) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:length]


def _arn(service: str, rest: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def _pairs(number: int) -> dict[str, str]:
    return {
        "Name": f"service-{number}",
        "Environment": ("production", "staging")[number % 2],
        "Owner": f"team-{_owner(number)}@example.com",
        "CostCenter": f"{4000 + number % 97}",
        "Repository": f"https://git.example.com/{_owner(number)}/service-{number}",
        "ManagedBy": "terraform",
        "DataClassification": "internal",
        "OnCall": f"https://oncall.example.com/schedules/{_hex(number, 12)}",
        "Backup": "daily",
        "KeyRotation": "P90D",
    }


def _tags(number: int, live: bool) -> list[dict[str, str]]:
    tags = [{"Key": key, "Value": value} for key, value in _pairs(number).items()]
    return tags[3:] + tags[:3] if live else tags


def _labels(number: int) -> dict[str, str]:
    return {
        key.lower(): value.lower().split("/")[-1].replace("@", "-") for key, value in _pairs(number).items()
    }


def _aws(type_: str, id_: str, attributes: dict[str, Any], region: str | None = REGION) -> dict[str, Any]:
    record = {"provider": "aws", "scope": ACCOUNT, "type": type_, "id": id_, "attributes": attributes}
    return record | ({"region": region} if region else {})


def _of(provider: str, scope: str, type_: str, id_: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"provider": provider, "scope": scope, "type": type_, "id": id_, "attributes": attributes}


def _function(number: int, live: bool) -> dict[str, Any]:
    name = f"service-{number}-worker"
    variables = {
        "TABLE": f"orders-{number}",
        "QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders-{number}",
        "DB_SECRET_ARN": _arn("secretsmanager", f"secret:service-{number}/database"),
        "TOKEN_URL": "https://login.example.com/oauth2/token",
        "LOG_LEVEL": "info",
        "FEATURES": "retry,batch,trace",
    }
    groups = [f"sg-{_hex(number + i)}" for i in range(3)]
    attributes: dict[str, Any] = {
        "FunctionName": name,
        "Description": _text(number, 1)[:250],
        "Handler": "service.handler",
        "Runtime": "python3.13",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/service/{name}",
        "KmsKeyArn": _arn("kms", "key/8a1c52f0-7b1e-4f60-9d2a-0b6c4e8d7a11"),
        "Layers": [_arn("lambda", f"layer:shared-{i}:{number % 50 + 1}") for i in range(3)],
        "Environment": {"Variables": dict(reversed(variables.items())) if live else variables},
        "VpcConfig": {
            "SubnetIds": [f"subnet-{_hex(number + i)}" for i in range(3)],
            "SecurityGroupIds": groups[::-1] if live else groups,
        },
        "Tags": _tags(number, live),
    }
    if live:
        attributes |= {"Timeout": 3, "MemorySize": 128, "PackageType": "Zip", "Architectures": ["x86_64"]}
    return _aws("AWS::Lambda::Function", _arn("lambda", f"function:{name}"), attributes)


def _task(number: int, live: bool) -> dict[str, Any]:
    def container(index: int) -> dict[str, Any]:
        environment = [
            {"Name": f"SETTING_{i}", "Value": f"{_owner(number + i)}-{number}-{i}"} for i in range(6)
        ]
        return {
            "Name": f"container-{index}",
            "Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/service-{number}:1.{index}.{number % 30}",
            "Essential": index == 0,
            "Command": ["serve", "--config", f"/etc/service-{number}/config.yaml", "--verbose"],
            "Environment": environment[::-1] if live else environment,
            "Secrets": [
                {
                    "Name": "DB_PASSWORD",
                    "ValueFrom": _arn("secretsmanager", f"secret:service-{number}/database"),
                },
                {"Name": "API_TOKEN", "ValueFrom": _arn("ssm", f"parameter/service-{number}/api-token")},
            ],
            "PortMappings": [{"ContainerPort": 8080 + i, "Protocol": "tcp"} for i in range(2)],
            "LogConfiguration": {
                "LogDriver": "awslogs",
                "Options": {"awslogs-group": f"/ecs/service-{number}", "awslogs-region": REGION},
            },
        }

    attributes = {
        "Family": f"service-{number}",
        "Cpu": "512",
        "Memory": "1024",
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "TaskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/service-{number}",
        "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/ecs-execution",
        "ContainerDefinitions": [container(index) for index in range(2)],
        "Tags": _tags(number, live),
    }
    return _aws("AWS::ECS::TaskDefinition", _arn("ecs", f"task-definition/service-{number}:7"), attributes)


def _policy(number: int, live: bool) -> dict[str, Any]:
    statements = [
        {
            "Sid": f"Service{i}",
            "Effect": "Allow",
            "Action": [f"dynamodb:{verb}" for verb in ("GetItem", "PutItem", "Query", "UpdateItem")],
            "Resource": [
                _arn("dynamodb", f"table/orders-{number + i}"),
                _arn("dynamodb", f"table/orders-{number + i}/index/*"),
            ],
            "Condition": {"StringEquals": {"aws:PrincipalTag/Owner": f"team-{_owner(number)}"}},
        }
        for i in range(4)
    ]
    if live:
        statements = [one | {"Action": one["Action"][::-1]} for one in statements]
    document: Any = {"Version": "2012-10-17", "Statement": statements}
    attributes = {
        "ManagedPolicyName": f"service-{number}",
        "Description": _text(number, 4)[:900],
        "Path": "/service/",
        "PolicyDocument": json.dumps(document) if live else document,
        "Tags": _tags(number, live),
    }
    id_ = f"arn:aws:iam::{ACCOUNT}:policy/service/service-{number}"
    return _aws("AWS::IAM::ManagedPolicy", id_, attributes, None)


def _instance(number: int, live: bool) -> dict[str, Any]:
    script = (
        f"#!/bin/sh\n# {_text(number, 2)}\nset -eu\nexport SERVICE=service-{number}\nexec /opt/run --all\n"
    )
    attributes: dict[str, Any] = {
        "InstanceType": "m7g.large",
        "ImageId": f"ami-{_hex(number % 40)}",
        "SubnetId": f"subnet-{_hex(number)}",
        "SecurityGroupIds": [f"sg-{_hex(number + i)}" for i in range(4)],
        "IamInstanceProfile": f"service-{number}",
        "KeyName": "operations",
        "UserData": base64.b64encode(script.encode()).decode(),
        "BlockDeviceMappings": [
            {
                "DeviceName": f"/dev/sd{letter}",
                "Ebs": {
                    "VolumeSize": 40,
                    "VolumeType": "gp3",
                    "Encrypted": True,
                    "DeleteOnTermination": True,
                },
            }
            for letter in "abc"
        ],
        "Tags": _tags(number, live),
    }
    if live:
        attributes |= {"Tenancy": "default", "EbsOptimized": False, "PrivateIpAddress": "10.2.3.4"}
    return _aws("AWS::EC2::Instance", f"i-{_hex(number)}", attributes)


def _site(number: int, live: bool) -> dict[str, Any]:
    name = f"site-{number}"
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{number % 20}/providers"
    identity = f"{group}/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    properties: dict[str, Any] = {
        "serverFarmId": f"{group}/Microsoft.Web/serverfarms/plan-{number % 9}",
        "httpsOnly": True,
        "clientAffinityEnabled": False,
        "keyVaultReferenceIdentity": identity.upper() if live else identity,
        "virtualNetworkSubnetId": f"{group}/Microsoft.Network/virtualNetworks/v/subnets/s-{number}",
        "siteConfig": {
            "minTlsVersion": "1.2",
            "linuxFxVersion": "DOTNETCORE|9.0",
            "appCommandLine": "dotnet Shop.dll --urls http://*:8080",
            "ipSecurityRestrictions": [
                {"name": f"office-{i}", "ipAddress": f"10.{i}.0.0/16", "action": "Allow", "priority": 100 + i}
                for i in range(6)
            ],
            "cors": {"allowedOrigins": [f"https://{_owner(i)}.example.com" for i in range(5)]},
        },
    }
    if live:
        properties |= {"state": "Running", "hostNames": [f"{name}.azurewebsites.net"], "enabled": True}
    attributes = {
        "location": "West Europe" if live else "westeurope",
        "kind": "app,linux",
        "tags": _labels(number) | {"description": _text(number, 1)[:250]},
        "properties": properties,
    }
    return _of(
        "azure", SUBSCRIPTION, "Microsoft.Web/sites", f"{group}/Microsoft.Web/sites/{name}", attributes
    )


def _vault(number: int, live: bool) -> dict[str, Any]:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{number % 20}/providers"
    policies = [
        {
            "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "objectId": f"{_hex(number + i, 8)}-0000-4000-8000-{_hex(number + i, 12)}",
            "permissions": {
                "keys": ["get", "list", "wrapKey"],
                "secrets": ["get", "list"],
                "certificates": ["get"],
            },
        }
        for i in range(6)
    ]
    properties: dict[str, Any] = {
        "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": False,
        "enablePurgeProtection": True,
        "accessPolicies": policies[::-1] if live else policies,
        "networkAcls": {
            "bypass": "AzureServices",
            "defaultAction": "Deny",
            "virtualNetworkRules": [
                {"id": f"{group}/Microsoft.Network/virtualNetworks/v/subnets/s-{number + i}"}
                for i in range(4)
            ],
        },
    }
    if live:
        properties |= {"vaultUri": f"https://kv-{number}.vault.azure.net/", "provisioningState": "Succeeded"}
    attributes = {"location": "westeurope", "tags": _labels(number), "properties": properties}
    id_ = f"{group}/Microsoft.KeyVault/vaults/kv-{number}"
    return _of("azure", SUBSCRIPTION, "Microsoft.KeyVault/vaults", id_, attributes)


def _topic(number: int, live: bool) -> dict[str, Any]:
    name = f"projects/bench/topics/orders-{number}"
    attributes: dict[str, Any] = {
        "name": name,
        "labels": _labels(number),
        "kmsKeyName": "projects/bench/locations/europe/keyRings/shared/cryptoKeys/topics",
        "messageRetentionDuration": "86400s" if live else "86400.0s",
        "messageStoragePolicy": {"allowedPersistenceRegions": ["europe-west1", "europe-west4"]},
        "schemaSettings": {"schema": f"projects/bench/schemas/{_owner(number)}", "encoding": "JSON"},
    }
    if live:
        attributes["state"] = "ACTIVE"
    return _of("gcp", "bench", "pubsub.googleapis.com/Topic", f"//pubsub.googleapis.com/{name}", attributes)


def _map(number: int, live: bool) -> dict[str, Any]:
    files = {
        "application.yaml": "".join(
            f"route-{i}:\n  host: {_owner(i)}.example.com\n  timeout: {i}s\n  # {_text(number + i, 1)}\n"
            for i in range(8)
        ),
        "nginx.conf": "".join(
            f"location /{_owner(i)}/{i} {{\n  proxy_pass http://{_owner(i)}.shop.svc:8080;\n}}\n"
            for i in range(12)
        ),
        "README": _text(number, 3),
    }
    metadata: dict[str, Any] = {"name": f"config-{number}", "namespace": "shop", "labels": _labels(number)}
    if live:
        metadata |= {
            "uid": f"{_hex(number, 8)}-0000-4000-8000-{_hex(number, 12)}",
            "resourceVersion": f"{number}",
        }
    attributes = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": dict(reversed(files.items())) if live else files,
    }
    return _of("kubernetes", "bench", "v1/ConfigMap", f"shop/config-{number}", attributes)


def _workload(number: int, live: bool) -> dict[str, Any]:
    secret = {"secretKeyRef": {"name": f"service-{number}", "key": "password"}}
    container: dict[str, Any] = {
        "name": "service",
        "image": f"registry.example.com/{_owner(number)}/service-{number}:2.{number % 40}.0",
        "args": ["serve", "--config=/etc/service/application.yaml", "--token-file=/var/run/token"],
        "env": [
            {"name": "DB_HOST", "value": f"db-{number}.shop.svc"},
            {"name": "DB_PASSWORD", "valueFrom": secret},
            *({"name": f"SETTING_{i}", "value": f"{_owner(i)} {number}"} for i in range(8)),
        ],
        "volumeMounts": [{"name": f"volume-{i}", "mountPath": f"/data/{i}"} for i in range(3)],
        "resources": {"requests": {"cpu": "0.5", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
    }
    pod: dict[str, Any] = {
        "serviceAccountName": f"service-{number}",
        "containers": [container],
        "volumes": [{"name": f"volume-{i}", "configMap": {"name": f"config-{number + i}"}} for i in range(3)],
    }
    spec: dict[str, Any] = {
        "replicas": 3,
        "selector": {"matchLabels": {"app": f"service-{number}"}},
        "template": {"metadata": {"labels": {"app": f"service-{number}"}}, "spec": pod},
    }
    if live:
        container["resources"] = {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}}
        container |= {"imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log"}
        pod |= {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "terminationGracePeriodSeconds": 30}
        spec |= {"progressDeadlineSeconds": 600, "revisionHistoryLimit": 10}
    annotations = {"description": _text(number, 2), "runbook": f"https://wiki.example.com/runbooks/{number}"}
    attributes = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": f"service-{number}",
            "namespace": "shop",
            "labels": _labels(number),
            "annotations": annotations,
        },
        "spec": spec,
    }
    return _of("kubernetes", "bench", "apps/v1/Deployment", f"shop/service-{number}", attributes)


MAKERS = (_function, _map, _task, _site, _policy, _topic, _workload, _vault, _instance)
