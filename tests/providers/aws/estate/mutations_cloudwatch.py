"""What people do to the alarms of ``cloudwatch.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_CPU: dict[str, Any] = {
    "AlarmName": "cloudwatch-cpu",
    "AlarmDescription": "Too busy",
    "Namespace": "AWS/EC2",
    "MetricName": "CPUUtilization",
    "Dimensions": [{"Name": "InstanceId", "Value": "i-0123456789abcdef0"}],
    "Statistic": "Average",
    "Period": 300,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "breaching",
    "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:oncall", "arn:aws:sns:us-east-1:123456789012:audit"],
    "OKActions": ["arn:aws:sns:us-east-1:123456789012:oncall"],
}


def _put(**changes: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("cloudwatch").put_metric_alarm(**{**_CPU, **changes})

    return apply


def _mute(clients: Clients) -> None:
    clients("cloudwatch").disable_alarm_actions(AlarmNames=["cloudwatch-plain"])


def _delete(clients: Clients) -> None:
    clients("cloudwatch").delete_alarms(AlarmNames=["cloudwatch-error-rate"])


def _tag(clients: Clients) -> None:
    clients("cloudwatch").tag_resource(
        ResourceARN="arn:aws:cloudwatch:us-east-1:123456789012:alarm:cloudwatch-plain",
        Tags=[{"Key": "Owner", "Value": "somebody"}],
    )


_ALARM = "AWS::CloudWatch::Alarm"

MUTATIONS: list[Mutation] = [
    Mutation("threshold", _put(Threshold=99.0), _ALARM, "cloudwatch-cpu", paths=("/Threshold",)),
    Mutation(
        "an action removed",
        _put(Threshold=99.0, AlarmActions=["arn:aws:sns:us-east-1:123456789012:audit"]),
        _ALARM,
        "cloudwatch-cpu",
        paths=("/AlarmActions",),
    ),
    Mutation("muted", _mute, _ALARM, "cloudwatch-plain", paths=("/ActionsEnabled",)),
    Mutation("tag added", _tag, _ALARM, "cloudwatch-plain", paths=("/Tags/Owner",)),
    Mutation("alarm deleted", _delete, _ALARM, "cloudwatch-error-rate", kind="missing"),
]
