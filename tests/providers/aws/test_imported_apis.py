"""What an API is imported with is nobody's addition; what is added by hand to another one is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import environment
from tests.conftest import client

DRIFT_YAML = """\
version: 1
declared: [{path: terraform.tfstate}]
live: {aws: {regions: [eu-west-1], include: ["AWS::ApiGateway::Re[sq]*", "AWS::ApiGateway::Method"]}}
"""
PROXY = {"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "https://pets.example/"}
PETS = {"get": {"x-amazon-apigateway-integration": PROXY}}
DOCUMENT = {"openapi": "3.0.1", "info": {"title": "imported", "version": "1"}, "paths": {"/pets": PETS}}


def one(type_: str, **attributes: Any) -> dict[str, Any]:
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    instances = [{"attributes": attributes}]
    name = attributes["id"].replace("/", "-")
    return {"mode": "managed", "type": type_, "name": name, "provider": provider, "instances": instances}


def test_what_a_document_declares_is_counted_and_what_is_added_beside_is_listed(
    fresh_aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(fresh_aws, "eu-west-1").items():
        monkeypatch.setenv(name, value)
    aws = client(fresh_aws, "apigateway", "eu-west-1")
    imported = aws.create_rest_api(name="imported")["id"]
    aws.put_rest_api(restApiId=imported, mode="overwrite", body=json.dumps(DOCUMENT).encode())
    plain = aws.create_rest_api(name="plain")["id"]
    root = aws.get_resources(restApiId=plain)["items"][0]["id"]
    things = aws.create_resource(restApiId=plain, parentId=root, pathPart="things")["id"]
    at = {"restApiId": plain, "resourceId": things}
    aws.put_method(**at, httpMethod="GET", authorizationType="NONE")
    resources = [
        one("aws_api_gateway_rest_api", id=imported, name="imported", body=json.dumps(DOCUMENT)),
        one("aws_api_gateway_rest_api", id=plain, name="plain"),
        one("aws_api_gateway_resource", id=things, rest_api_id=plain, parent_id=root, path_part="things"),
        one(
            "aws_api_gateway_method",
            id=f"agm-{things}",
            rest_api_id=plain,
            resource_id=things,
            http_method="GET",
            authorization="NONE",
        ),
    ]
    state = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "serial": 1, "resources": resources}
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state))

    aws.put_method(**at, httpMethod="DELETE", authorizationType="NONE")
    report = Run(parse(DRIFT_YAML, "drift.yaml", tmp_path, None, {})).scan().report
    found = [(finding["kind"], finding["resource_id"]) for finding in report["findings"]]
    assert found == [("unmanaged", f"{plain}|{things}|DELETE")]
    assert report["summary"]["unmanaged_not_listed"] == 2
