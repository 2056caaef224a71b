"""What people do to the filters, policies and dashboards of ``logs_more.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _filter(clients: Clients) -> None:
    logs = clients("logs")  # moto keeps the old one beside the new
    logs.delete_metric_filter(logGroupName="/logs/app", filterName="logs-errors")
    logs.put_metric_filter(
        logGroupName="/logs/app",
        filterName="logs-errors",
        filterPattern="NOTHING",
        metricTransformations=[
            {"metricName": "Errors", "metricNamespace": "Shop", "metricValue": "1", "defaultValue": 0.0}
        ],
    )


def _filter_gone(clients: Clients) -> None:
    clients("logs").delete_metric_filter(logGroupName="/logs/app", filterName="logs-slow")


def _policy_gone(clients: Clients) -> None:
    clients("logs").delete_resource_policy(policyName="logs-events")


def _board(clients: Clients) -> None:
    clients("cloudwatch").put_dashboard(DashboardName="logs-shop", DashboardBody=json.dumps({"widgets": []}))


def _board_gone(clients: Clients) -> None:
    clients("cloudwatch").delete_dashboards(DashboardNames=["logs-shop"])


_FILTER, _BOARD = "AWS::Logs::MetricFilter", "AWS::CloudWatch::Dashboard"

MUTATIONS: list[Mutation] = [
    Mutation("pattern changed", _filter, _FILTER, "logs-errors", paths=("/FilterPattern",)),
    Mutation("filter deleted", _filter_gone, _FILTER, "logs-slow", kind="missing"),
    Mutation("policy deleted", _policy_gone, "AWS::Logs::ResourcePolicy", "logs-events", kind="missing"),
    Mutation("widget removed", _board, _BOARD, "logs-shop", paths=("/DashboardBody/widgets/0",)),
    Mutation("dashboard deleted", _board_gone, _BOARD, "logs-shop", kind="missing"),
]
