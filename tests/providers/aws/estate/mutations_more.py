"""What people do behind Git's back to keys of APIs, aliases, workflows, devices' policies, rules for mail and
what else is used less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _api(clients: Clients) -> tuple[Any, str]:
    gateway = clients("apigateway")
    return gateway, next(one["id"] for one in gateway.get_rest_apis()["items"] if one["name"] == "more-api")


def _replace(path: str, value: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": path, "value": value}]


def _key(clients: Clients) -> tuple[Any, str]:
    gateway = clients("apigateway")
    found = gateway.get_api_keys()["items"]
    return gateway, next(one["id"] for one in found if one["name"] == "more-partner")


def _key_off(clients: Clients) -> None:
    gateway, id_ = _key(clients)
    gateway.update_api_key(apiKey=id_, patchOperations=_replace("/description", "Whose?"))


def _key_of_no_plan(clients: Clients) -> None:
    gateway, id_ = _key(clients)
    plans = gateway.get_usage_plans()["items"]
    plan = next(one["id"] for one in plans if one["name"] == "more-plan")
    gateway.delete_usage_plan_key(usagePlanId=plan, keyId=id_)


def _other_authorizer(clients: Clients) -> None:
    gateway, api = _api(clients)
    (found,) = gateway.get_authorizers(restApiId=api)["items"]
    gateway.update_authorizer(
        restApiId=api,
        authorizerId=found["id"],
        patchOperations=_replace("/authorizerResultTtlInSeconds", "3600"),
    )


def _unchecked(clients: Clients) -> None:
    gateway, api = _api(clients)
    (found,) = gateway.get_request_validators(restApiId=api)["items"]
    gateway.update_request_validator(
        restApiId=api,
        requestValidatorId=found["id"],
        patchOperations=_replace("/validateRequestBody", "false"),
    )


def _another_answer(clients: Clients) -> None:
    gateway, api = _api(clients)
    gateway.put_gateway_response(
        restApiId=api,
        responseType="UNAUTHORIZED",
        statusCode="200",
        responseTemplates={"application/json": '{"message":$context.error.messageString}'},
        responseParameters={"gatewayresponse.header.Authorization": "'Basic'"},
    )


def _no_path(clients: Clients) -> None:
    clients("apigateway").delete_base_path_mapping(domainName="more.example.org", basePath="shop")


def _alias_moved(clients: Clients) -> None:
    clients("lambda").update_alias(FunctionName="lambda-plain", Name="more-live", Description="By hand")


def _mail_unscanned(clients: Clients) -> None:
    ses = clients("ses")
    rule = ses.describe_receipt_rule(RuleSetName="more-inbound", RuleName="more-store")["Rule"]
    ses.update_receipt_rule(RuleSetName="more-inbound", Rule={**rule, "ScanEnabled": False})


def _no_set(clients: Clients) -> None:
    clients("ses").set_active_receipt_rule_set()


def _at_once(clients: Clients) -> None:
    clients("glue").update_workflow(Name="more-nightly", Description="By hand", MaxConcurrentRuns=2)


def _every_device(clients: Clients) -> None:
    clients("iot").create_policy_version(
        policyName="more-devices",
        policyDocument='{"Version": "2012-10-17", "Statement": ['
        '{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}',
        setAsDefault=True,
    )


def _for_longer(clients: Clients) -> None:
    clients("iot").update_role_alias(roleAlias="more-devices", credentialDurationSeconds=43200)


def _somebody_else(clients: Clients) -> None:
    clients("config").delete_aggregation_authorization(
        AuthorizedAccountId="111111111111", AuthorizedAwsRegion="eu-west-1"
    )


def _faster(clients: Clients) -> None:
    clients("events").update_api_destination(Name="more-partner", InvocationRateLimitPerSecond=100)


def _other_words(clients: Clients) -> None:
    clients("events").update_connection(Name="more-partner", Description="By hand")


MUTATIONS = [
    Mutation("API key", _key_off, "AWS::ApiGateway::ApiKey", "more-partner", paths=("/Description",)),
    Mutation("key of a plan", _key_of_no_plan, "AWS::ApiGateway::UsagePlanKey", ":", kind="missing"),
    Mutation(
        "authorizer",
        _other_authorizer,
        "AWS::ApiGateway::Authorizer",
        "more-login",
        paths=("/AuthorizerResultTtlInSeconds",),
    ),
    Mutation(
        "validator",
        _unchecked,
        "AWS::ApiGateway::RequestValidator",
        "more-body",
        paths=("/ValidateRequestBody",),
    ),
    Mutation(
        "gateway response",
        _another_answer,
        "AWS::ApiGateway::GatewayResponse",
        "UNAUTHORIZED",
        paths=("/StatusCode",),
    ),
    Mutation("path", _no_path, "AWS::ApiGateway::BasePathMapping", "more.example.org|shop", kind="missing"),
    Mutation("alias", _alias_moved, "AWS::Lambda::Alias", "more-live", paths=("/Description",)),
    Mutation("mail", _mail_unscanned, "AWS::SES::ReceiptRule", "more-store", paths=("/Rule/ScanEnabled",)),
    Mutation("set of rules", _no_set, "AWS::SES::ReceiptRuleSet", "more-inbound", paths=("/Active",)),
    Mutation("workflow", _at_once, "AWS::Glue::Workflow", "more-nightly", paths=("/Description",)),
    Mutation(
        "devices",
        _every_device,
        "AWS::IoT::Policy",
        "more-devices",
        paths=("/PolicyDocument/Statement/(no Sid)",),
    ),
    Mutation(
        "role alias",
        _for_longer,
        "AWS::IoT::RoleAlias",
        "more-devices",
        paths=("/CredentialDurationSeconds",),
    ),
    Mutation(
        "aggregation", _somebody_else, "AWS::Config::AggregationAuthorization", "111111111111", kind="missing"
    ),
    Mutation(
        "destination",
        _faster,
        "AWS::Events::ApiDestination",
        "more-partner",
        paths=("/InvocationRateLimitPerSecond",),
    ),
    Mutation("connection", _other_words, "AWS::Events::Connection", "more-partner", paths=("/Description",)),
]
