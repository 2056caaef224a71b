"""What people do to the rules and buses of ``events.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_ARN = "arn:aws:events:us-east-1:123456789012:"


def _disable(clients: Clients) -> None:
    clients("events").disable_rule(Name="events-nightly")


def _siphon(clients: Clients) -> None:
    clients("events").put_targets(
        Rule="events-placed",
        EventBusName="events-orders",
        Targets=[{"Id": "copy", "Arn": "arn:aws:sqs:us-east-1:210987654321:elsewhere"}],
    )


def _detach(clients: Clients) -> None:
    clients("events").remove_targets(Rule="events-nightly", Ids=["topic"])


def _reschedule(clients: Clients) -> None:
    clients("events").put_rule(
        Name="events-nightly", Description="Cleans up", ScheduleExpression="rate(2 hours)", State="DISABLED"
    )


def _tag(resource: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("events").tag_resource(
            ResourceARN=_ARN + resource, Tags=[{"Key": "Owner", "Value": "somebody"}]
        )

    return apply


def _open(clients: Clients) -> None:
    clients("events").put_permission(
        EventBusName="events-orders", StatementId="All", Action="events:PutEvents", Principal="*"
    )


_RULE, _BUS = "AWS::Events::Rule", "AWS::Events::EventBus"

MUTATIONS: list[Mutation] = [
    Mutation("rule disabled", _disable, _RULE, "events-nightly", paths=("/State",)),
    Mutation("rescheduled", _reschedule, _RULE, "events-nightly", paths=("/ScheduleExpression",)),
    Mutation("target added", _siphon, _RULE, "events-placed", paths=("/Targets/copy",)),
    Mutation("target removed", _detach, _RULE, "events-nightly", paths=("/Targets/topic",)),
    Mutation("rule tagged", _tag("rule/events-nightly"), _RULE, "events-nightly", paths=("/Tags/Owner",)),
    Mutation("bus opened", _open, _BUS, "events-orders", paths=("/Policy",)),
    Mutation("bus tagged", _tag("event-bus/events-orders"), _BUS, "events-orders", paths=("/Tags/Owner",)),
]
