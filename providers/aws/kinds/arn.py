"""Amazon Resource Names and what can be read from them."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_LOG_GROUP = re.compile(r"(arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:*]+):\*")


def _arn(value: Any, context: Context) -> Canonical:
    """An ARN without the white space around it. Partition, region and account count as they are given."""
    return value.strip() if isinstance(value, str) and value.strip().startswith("arn:") else value


def _arn_tail(value: Any, context: Context, *, prefix: str | None = None) -> Canonical:
    """The name at the end of an ARN: what follows its last ``/`` or ``:``; everything else is already a name.

    An ARN of another account or region than the resource's own stays whole: its name is that of something
    else.

    With ``prefix``, what follows that beginning of the ARN's resource part, for names that hold slashes
    (``prefix: "log-group:"``).

    >>> _arn_tail("arn:aws:sqs:eu-west-1:123456789012:orders", Context())
    'orders'
    """
    if not isinstance(value, str):
        return value
    parts = value.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not _is_near(parts[3], parts[4], context):
        return value
    if prefix is None:
        return re.split("[:/]", parts[5])[-1] or value
    name = parts[5].removeprefix(prefix)
    return value if name == parts[5] or not name or name.startswith("arn:") else name


def _task_definition(value: Any, context: Context) -> Canonical:
    """A task definition by family and revision."""
    return _arn_tail(value, context, prefix="task-definition/")


def _any_revision(declared: Any, live: Any, context: Context) -> bool:
    """A family alone admits each of its revisions: it was the latest when the service was changed last.

    Source: ``taskDefinition`` of https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    ("If a revision isn't specified, the latest ACTIVE revision is used").
    """
    if not isinstance(declared, str) or not isinstance(live, str) or ":" in declared:
        return False
    family, _, revision = live.rpartition(":")
    return family == declared and revision.isdecimal()


def _is_near(region: str, account: str, context: Context) -> bool:
    """Whether an ARN's region and account are the resource's own, or not said, or nobody knows what is its
    own."""
    return region in ("", context.region or region) and account in ("", context.scope or account)


def _log_group_arn(value: Any, context: Context) -> Canonical:
    """A log group's ARN without the trailing ``:*`` that CloudWatch Logs gives and takes for "and its
    streams".

    Source: DescribeLogGroups answers both ``arn`` (with) and ``logGroupArn`` (without).
    """
    match = _LOG_GROUP.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else value


def _name(value: Any, context: Context) -> Canonical:
    """A name, or an ARN; as it is."""
    return value


def _same_thing(declared: Any, live: Any, context: Context) -> bool:
    """Whether one side is the ARN, in the resource's own account and region, of what the other one names; of
    IAM, where names are unique, without the path.

    >>> _same_thing("orders", "arn:aws:sqs:eu-west-1:123456789012:orders", Context())
    True
    """
    if not (isinstance(declared, str) and isinstance(live, str)):
        return False
    for arn, name in ((declared, live), (live, declared)):
        parts = arn.split(":", 5)
        if len(parts) == 6 and parts[0] == "arn" and name and not name.startswith("arn:"):
            whole = re.split("[:/]", parts[5], maxsplit=1)[-1]
            named = {whole, whole.rpartition("/")[2]} if parts[2] == "iam" else {whole}
            return _is_near(parts[3], parts[4], context) and name in named
    return False


ARN = Kind("arn", _arn)
NAME_OR_ARN = Kind("name-or-arn", _name, admits=_same_thing)
ARN_TAIL = Kind("arn-tail", _arn_tail)
ECS_TASK_DEFINITION = Kind("ecs-task-definition", _task_definition, admits=_any_revision)
LOG_GROUP_ARN = Kind("log-group-arn", _log_group_arn)
