"""What people do to the log groups of ``logs.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _retain(name: str, days: int) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("logs").put_retention_policy(logGroupName=name, retentionInDays=days)

    return apply


def _tag(clients: Clients) -> None:
    clients("logs").tag_resource(
        resourceArn="arn:aws:logs:us-east-1:123456789012:log-group:/logs/app", tags={"Owner": "somebody"}
    )


def _delete(clients: Clients) -> None:
    clients("logs").delete_log_group(logGroupName="/logs/plain")


_GROUP = "AWS::Logs::LogGroup"

MUTATIONS: list[Mutation] = [
    Mutation("retention cut", _retain("/logs/app", 1), _GROUP, "/logs/app", paths=("/RetentionInDays",)),
    Mutation("tag added", _tag, _GROUP, "/logs/app", paths=("/Tags/Owner",)),
    Mutation("retention set", _retain("/logs/plain", 3), _GROUP, "/logs/plain", paths=("/RetentionInDays",)),
    Mutation("group deleted", _delete, _GROUP, "/logs/plain", kind="missing"),
]
