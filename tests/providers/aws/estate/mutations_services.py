"""What people do behind Git's back to certificates, firewalls, event sources, queries and schedules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _tag_certificate(clients: Clients) -> None:
    acm = clients("acm")
    found = acm.list_certificates()["CertificateSummaryList"]
    arn = next(one["CertificateArn"] for one in found if one["DomainName"] == "shop.acm.example.org")
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "Owner", "Value": "somebody"}])


def _waf(clients: Clients, kind: str, name: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The client, what names a thing of AWS WAF, and the thing."""
    waf = clients("wafv2")
    plural = {"web_acl": "WebACLs", "ip_set": "IPSets", "rule_group": "RuleGroups"}.get(
        kind, "RegexPatternSets"
    )
    found = getattr(waf, f"list_{kind}s")(Scope="REGIONAL")[plural]
    one = next(each for each in found if each["Name"] == name)
    told = getattr(waf, f"get_{kind}")(Name=name, Scope="REGIONAL", Id=one["Id"])
    named = {"Name": name, "Scope": "REGIONAL", "Id": one["Id"], "LockToken": told["LockToken"]}
    return waf, named, told


def _everybody_is_the_office(clients: Clients) -> None:
    waf, named, told = _waf(clients, "ip_set", "waf-office")
    waf.update_ip_set(**named, Description="The office", Addresses=[*told["IPSet"]["Addresses"], "0.0.0.0/1"])


def _less_is_admin(clients: Clients) -> None:
    waf, named, _ = _waf(clients, "regex_pattern_set", "waf-admin")
    waf.update_regex_pattern_set(**named, RegularExpressionList=[{"RegexString": "^/admin"}])


def _one_country_less(clients: Clients) -> None:
    waf, named, told = _waf(clients, "rule_group", "waf-group")
    rules = told["RuleGroup"]["Rules"]
    rules[0]["Statement"]["GeoMatchStatement"]["CountryCodes"] = ["KP"]
    waf.update_rule_group(**named, Rules=rules, VisibilityConfig=told["RuleGroup"]["VisibilityConfig"])


def _only_counted(clients: Clients) -> None:
    waf, named, told = _waf(clients, "web_acl", "waf-shop")
    acl = told["WebACL"]
    next(one for one in acl["Rules"] if one["Name"] == "rate")["Action"] = {"Count": {}}
    waf.update_web_acl(
        **named,
        **{name: acl[name] for name in ("DefaultAction", "Description", "Rules", "VisibilityConfig")},
        CustomResponseBodies=acl.get("CustomResponseBodies") or {},
    )


def _slower(clients: Clients) -> None:
    aws = clients("lambda")
    found = aws.list_event_source_mappings()["EventSourceMappings"]
    aws.update_event_source_mapping(UUID=found[0]["UUID"], BatchSize=1)


def _layer_gone(clients: Clients) -> None:
    clients("lambda").delete_layer_version(LayerName="lambda-common", VersionNumber=1)


def _open_url(clients: Clients) -> None:
    clients("lambda").update_function_url_config(FunctionName="lambda-plain", AuthType="NONE")


def _forgotten_sooner(clients: Clients) -> None:
    aws = clients("lambda")  # moto keeps the first of those that it is told
    (found,) = aws.list_function_event_invoke_configs(FunctionName="lambda-plain")[
        "FunctionEventInvokeConfigs"
    ]
    aws.delete_function_event_invoke_config(FunctionName="lambda-plain")
    aws.put_function_event_invoke_config(
        FunctionName="lambda-plain",
        MaximumEventAgeInSeconds=60,
        MaximumRetryAttempts=found["MaximumRetryAttempts"],
        DestinationConfig=found["DestinationConfig"],
    )


def _provider(clients: Clients) -> None:
    clients("ecs").update_capacity_provider(
        name="ecs-spot", autoScalingGroupProvider={"managedScaling": {"targetCapacity": 100}}
    )


def _tag_workgroup(clients: Clients) -> None:
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/athena-reports"
    clients("athena").tag_resource(ResourceARN=arn, Tags=[{"Key": "Owner", "Value": "somebody"}])


def _switched_off(clients: Clients) -> None:
    aws = clients("scheduler")
    said = aws.get_schedule(Name="scheduler-plain", GroupName="default")
    kept = ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    aws.update_schedule(**{name: said[name] for name in kept}, State="DISABLED")


def _tag_group(clients: Clients) -> None:
    aws = clients("scheduler")
    arn = aws.get_schedule_group(Name="scheduler-nightly")["Arn"]
    aws.tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "somebody"}])


MUTATIONS: list[Mutation] = [
    Mutation(
        "certificate tagged",
        _tag_certificate,
        "AWS::CertificateManager::Certificate",
        "shop.acm.example.org",
        paths=("/Tags/Owner",),
    ),
    Mutation(
        "half the world is the office",
        _everybody_is_the_office,
        "AWS::WAFv2::IPSet",
        "waf-office",
        paths=("/Addresses",),
    ),
    Mutation(
        "pattern removed",
        _less_is_admin,
        "AWS::WAFv2::RegexPatternSet",
        "waf-admin",
        paths=("/RegularExpressionList",),
    ),
    Mutation(
        "country let in",
        _one_country_less,
        "AWS::WAFv2::RuleGroup",
        "waf-group",
        paths=("/Rules/countries/Statement/GeoMatchStatement/CountryCodes",),
    ),
    Mutation(
        "no more than counted",
        _only_counted,
        "AWS::WAFv2::WebACL",
        "waf-shop",
        paths=("/Rules/rate/Action/Block", "/Rules/rate/Action/Count"),
    ),
    Mutation(
        "one at a time",
        _slower,
        "AWS::Lambda::EventSourceMapping",
        "",
        paths=("/BatchSize",),
    ),
    Mutation("layer deleted", _layer_gone, "AWS::Lambda::LayerVersion", "lambda-common", kind="missing"),
    Mutation("URL opened", _open_url, "AWS::Lambda::Url", "lambda-plain", paths=("/AuthType",)),
    Mutation(
        "forgotten sooner",
        _forgotten_sooner,
        "AWS::Lambda::EventInvokeConfig",
        "lambda-plain",
        paths=("/MaximumEventAgeInSeconds",),
    ),
    Mutation(
        "target of a capacity provider",
        _provider,
        "AWS::ECS::CapacityProvider",
        "ecs-spot",
        paths=("/AutoScalingGroupProvider/ManagedScaling/TargetCapacity",),
    ),
    Mutation(
        "workgroup tagged",
        _tag_workgroup,
        "AWS::Athena::WorkGroup",
        "athena-reports",
        paths=("/Tags/Owner",),
    ),
    Mutation(
        "schedule switched off",
        _switched_off,
        "AWS::Scheduler::Schedule",
        "scheduler-plain",
        paths=("/State",),
    ),
    Mutation(
        "schedule group tagged",
        _tag_group,
        "AWS::Scheduler::ScheduleGroup",
        "scheduler-nightly",
        paths=("/Tags/Owner",),
    ),
]
