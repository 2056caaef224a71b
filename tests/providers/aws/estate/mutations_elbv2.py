"""What people and attackers do to the load balancers of ``elbv2.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


def _balancer(client: Any, name: str = "elbv2-rich") -> str:
    return str(client.describe_load_balancers(Names=[name])["LoadBalancers"][0]["LoadBalancerArn"])


def _group(client: Any, name: str = "elbv2-rich") -> str:
    return str(client.describe_target_groups(Names=[name])["TargetGroups"][0]["TargetGroupArn"])


def _listener(client: Any, port: int) -> str:
    listeners = client.describe_listeners(LoadBalancerArn=_balancer(client))["Listeners"]
    return str(next(one["ListenerArn"] for one in listeners if one["Port"] == port))


def _rule(client: Any, priority: str) -> str:
    rules = client.describe_rules(ListenerArn=_listener(client, 8080))["Rules"]
    return str(next(one["RuleArn"] for one in rules if one["Priority"] == priority))


def _tagged(find: Callable[[Any], str]) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        client = clients("elbv2")
        client.add_tags(ResourceArns=[find(client)], Tags=[{"Key": "Intruder", "Value": "yes"}])

    return apply


def _balancer_attribute(key: str, value: str, name: str = "elbv2-rich") -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        client = clients("elbv2")
        client.modify_load_balancer_attributes(
            LoadBalancerArn=_balancer(client, name), Attributes=[{"Key": key, "Value": value}]
        )

    return apply


def _other_groups(clients: Clients) -> None:
    groups = clients("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["elbv2", "elbv2-other"]}]
    )
    client = clients("elbv2")
    client.set_security_groups(
        LoadBalancerArn=_balancer(client),
        SecurityGroups=[group["GroupId"] for group in groups["SecurityGroups"]],
    )


def _sticky(clients: Clients) -> None:
    client = clients("elbv2")
    client.modify_target_group_attributes(
        TargetGroupArn=_group(client), Attributes=[{"Key": "stickiness.enabled", "Value": "false"}]
    )


def _health(clients: Clients) -> None:
    client = clients("elbv2")
    client.modify_target_group(TargetGroupArn=_group(client), HealthCheckPath="/")


def _target(clients: Clients) -> None:
    client = clients("elbv2")
    client.register_targets(TargetGroupArn=_group(client), Targets=[{"Id": "10.20.2.99", "Port": 8080}])


def _forwards(clients: Clients) -> None:
    client = clients("elbv2")
    client.modify_listener(
        ListenerArn=_listener(client, 8080),
        DefaultActions=[{"Type": "forward", "TargetGroupArn": _group(client)}],
    )


def _redirects(clients: Clients) -> None:
    client = clients("elbv2")
    redirect = {"Host": "evil.example.com", "Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"}
    client.modify_listener(
        ListenerArn=_listener(client, 80), DefaultActions=[{"Type": "redirect", "RedirectConfig": redirect}]
    )


def _opened(clients: Clients) -> None:
    client = clients("elbv2")
    client.create_listener(
        LoadBalancerArn=_balancer(client),
        Port=8888,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": _group(client, "elbv2-minimal")}],
    )


def _weights(clients: Clients) -> None:
    client = clients("elbv2")
    groups = [
        {"TargetGroupArn": _group(client), "Weight": 0},
        {"TargetGroupArn": _group(client, "elbv2-minimal"), "Weight": 100},
    ]
    client.modify_rule(
        RuleArn=_rule(client, "10"),
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    )


def _condition(clients: Clients) -> None:
    client = clients("elbv2")
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*", "/admin/*"]}}
    client.modify_rule(RuleArn=_rule(client, "20"), Conditions=[condition])


def _deleted(clients: Clients) -> None:
    client = clients("elbv2")
    client.delete_rule(RuleArn=_rule(client, "20"))


MUTATIONS = [
    Mutation(
        "tag on a load balancer", _tagged(_balancer), _BALANCER, "elbv2-rich", paths=("/Tags/Intruder",)
    ),
    Mutation(
        "headers let through",
        _balancer_attribute("routing.http.drop_invalid_header_fields.enabled", "false"),
        _BALANCER,
        "elbv2-rich",
        paths=("/LoadBalancerAttributes/routing.http.drop_invalid_header_fields.enabled",),
    ),
    Mutation(
        "across zones",
        _balancer_attribute("load_balancing.cross_zone.enabled", "true", "elbv2-network"),
        _BALANCER,
        "elbv2-network",
        paths=("/LoadBalancerAttributes/load_balancing.cross_zone.enabled",),
    ),
    Mutation("another security group", _other_groups, _BALANCER, "elbv2-rich", paths=("/SecurityGroups",)),
    Mutation(
        "not sticky", _sticky, _GROUP, "elbv2-rich", paths=("/TargetGroupAttributes/stickiness.enabled",)
    ),
    Mutation("other health check", _health, _GROUP, "elbv2-rich", paths=("/HealthCheckPath",)),
    Mutation("target added", _target, _GROUP, "elbv2-rich", paths=("/Targets",)),
    Mutation("tag on a target group", _tagged(_group), _GROUP, "elbv2-rich", paths=("/Tags/Intruder",)),
    Mutation(
        "forwards elsewhere",
        _forwards,
        _LISTENER,
        "elbv2-rich",
        paths=("/DefaultActions/0/ForwardConfig/TargetGroups", "/DefaultActions/0/TargetGroupArn"),
    ),
    Mutation(
        "redirects elsewhere",
        _redirects,
        _LISTENER,
        "elbv2-rich",
        paths=("/DefaultActions/0/RedirectConfig/Host",),
    ),
    Mutation("listener opened", _opened, _LISTENER, "elbv2-rich", "unmanaged"),
    Mutation(
        "tag on a listener",
        _tagged(lambda client: _listener(client, 80)),
        _LISTENER,
        "elbv2-rich",
        paths=("/Tags/Intruder",),
    ),
    Mutation(
        "other weights", _weights, _RULE, "elbv2-rich", paths=("/Actions/0/ForwardConfig/TargetGroups",)
    ),
    Mutation("other condition", _condition, _RULE, "elbv2-rich", paths=("/Conditions",)),
    Mutation("rule deleted", _deleted, _RULE, "elbv2-rich", "missing"),
]
