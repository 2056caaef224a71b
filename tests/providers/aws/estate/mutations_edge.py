"""What people do behind Git's back to APIs, distributions, trails and state machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _rest(clients: Clients) -> tuple[Any, str]:
    """The client, and the id of the API."""
    aws = clients("apigateway")
    return aws, next(one["id"] for one in aws.get_rest_apis()["items"] if one["name"] == "api-orders")


def _http(clients: Clients) -> tuple[Any, str]:
    aws = clients("apigatewayv2")
    return aws, next(one["ApiId"] for one in aws.get_apis()["Items"] if one["Name"] == "api-shop")


def _open_policy(clients: Clients) -> None:
    aws, api = _rest(clients)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    told = policy.replace('"', '\\"')  # as AWS tells it
    aws.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/policy", "value": told}])


def _resource(aws: Any, api: str) -> str:
    found = aws.get_resources(restApiId=api)["items"]
    return str(next(one["id"] for one in found if one.get("pathPart") == "orders"))


def _answered(clients: Clients) -> None:
    aws, api = _rest(clients)
    named = {"restApiId": api, "resourceId": _resource(aws, api), "httpMethod": "GET", "statusCode": "200"}
    aws.put_method_response(**named, responseModels={"application/json": "Error"})


def _stage(clients: Clients) -> None:
    aws, api = _rest(clients)
    change = {"op": "replace", "path": "/variables/stage", "value": "test"}
    aws.update_stage(restApiId=api, stageName="prod", patchOperations=[change])


def _plan(clients: Clients) -> None:
    aws = clients("apigateway")
    plan = next(one["id"] for one in aws.get_usage_plans()["items"] if one["name"] == "api-partners")
    change = {"op": "replace", "path": "/description", "value": "Everybody"}
    aws.update_usage_plan(usagePlanId=plan, patchOperations=[change])


def _all_origins(clients: Clients) -> None:
    aws, api = _http(clients)
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["GET", "POST"], "MaxAge": 300}
    aws.update_api(ApiId=api, CorsConfiguration=cors)


def _open_route(clients: Clients) -> None:
    aws, api = _http(clients)
    route = aws.get_routes(ApiId=api)["Items"][0]
    aws.update_route(ApiId=api, RouteId=route["RouteId"], AuthorizationType="NONE")


def _elsewhere(clients: Clients) -> None:
    aws, api = _http(clients)
    one = aws.get_integrations(ApiId=api)["Items"][0]
    aws.update_integration(
        ApiId=api, IntegrationId=one["IntegrationId"], IntegrationUri="https://elsewhere.example.net/"
    )


def _issuer(clients: Clients) -> None:
    aws, api = _http(clients)
    one = aws.get_authorizers(ApiId=api)["Items"][0]
    issuer = {"Audience": ["shop"], "Issuer": "https://login.example.net"}
    aws.update_authorizer(ApiId=api, AuthorizerId=one["AuthorizerId"], JwtConfiguration=issuer)


def _stage_gone(clients: Clients) -> None:
    aws, api = _http(clients)
    aws.delete_stage(ApiId=api, StageName="prod")


def _distribution(clients: Clients) -> None:
    aws = clients("cloudfront")
    id_ = aws.list_distributions()["DistributionList"]["Items"][0]["Id"]
    told = aws.get_distribution_config(Id=id_)
    config = told["DistributionConfig"]
    config["Restrictions"]["GeoRestriction"]["Items"] = ["DE", "FR", "KP"]
    config["Restrictions"]["GeoRestriction"]["Quantity"] = 3
    aws.update_distribution(Id=id_, IfMatch=told["ETag"], DistributionConfig=config)


def _unsigned(clients: Clients) -> None:
    aws = clients("cloudfront")
    one = aws.list_origin_access_controls()["OriginAccessControlList"]["Items"][0]
    config = {
        "Name": one["Name"],
        "Description": one["Description"],
        "SigningProtocol": one["SigningProtocol"],
        "SigningBehavior": "never",
        "OriginAccessControlOriginType": one["OriginAccessControlOriginType"],
    }
    aws.update_origin_access_control(Id=one["Id"], OriginAccessControlConfig=config)


def _unrecorded(clients: Clients) -> None:
    clients("cloudtrail").stop_logging(Name="trail-all")


def _other_work(clients: Clients) -> None:
    aws = clients("stepfunctions")
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:sfn-orders"
    states = {"Take": {"Type": "Pass", "Result": 1, "End": True}}
    aws.update_state_machine(
        stateMachineArn=arn, definition=json.dumps({"StartAt": "Take", "States": states})
    )


MUTATIONS: list[Mutation] = [
    Mutation("API opened", _open_policy, "AWS::ApiGateway::RestApi", "api-orders", paths=("/Policy",)),
    Mutation(
        "other answer",
        _answered,
        "AWS::ApiGateway::Method",
        "GET",
        paths=("/MethodResponses/200/ResponseModels/application~1json",),
    ),
    Mutation("stage variable", _stage, "AWS::ApiGateway::Stage", "prod", paths=("/Variables/stage",)),
    Mutation("plan renamed", _plan, "AWS::ApiGateway::UsagePlan", "api-partners", paths=("/Description",)),
    Mutation(
        "every site may call",
        _all_origins,
        "AWS::ApiGatewayV2::Api",
        "api-shop",
        paths=("/CorsConfiguration/AllowOrigins",),
    ),
    Mutation("route opened", _open_route, "AWS::ApiGatewayV2::Route", "", paths=("/AuthorizationType",)),
    Mutation(
        "proxy to elsewhere", _elsewhere, "AWS::ApiGatewayV2::Integration", "", paths=("/IntegrationUri",)
    ),
    Mutation(
        "another issuer",
        _issuer,
        "AWS::ApiGatewayV2::Authorizer",
        "customers",
        paths=("/JwtConfiguration/Issuer",),
    ),
    Mutation("stage deleted", _stage_gone, "AWS::ApiGatewayV2::Stage", "prod", kind="missing"),
    Mutation(
        "one more country",
        _distribution,
        "AWS::CloudFront::Distribution",
        "",
        paths=("/DistributionConfig/Restrictions/GeoRestriction/Locations",),
    ),
    Mutation(
        "origin asked unsigned",
        _unsigned,
        "AWS::CloudFront::OriginAccessControl",
        "",
        paths=("/OriginAccessControlConfig/SigningBehavior",),
    ),
    Mutation("logging stopped", _unrecorded, "AWS::CloudTrail::Trail", "trail-all", paths=("/IsLogging",)),
    Mutation(
        "other work",
        _other_work,
        "AWS::StepFunctions::StateMachine",
        "sfn-orders",
        paths=("/DefinitionString/States/Take/Result",),
    ),
]
