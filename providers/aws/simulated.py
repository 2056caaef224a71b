"""Asks IAM's own simulator which actions an identity lacks. It performs none of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.errors import DriftError
from providers.aws import bounded
from providers.aws.accounts import Entered
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.session import Clients

#: What it does not know. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
#: (it evaluates identity-based policies, service control policies and what it is given).
UNSEEN = (
    "it does not see resource-based policies, resource control policies, nor policies of sessions and "
    "endpoints, "
    "and the region that it assumes is one of those that are read"
)
#: So many actions are asked for at once.
_LOT = 100
_ASSUMED = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/.+")
_ENTITY = re.compile(r"arn:[\w-]+:iam::\d+:(?:user|role)/.+")


class Untold(DriftError):
    """The simulator can't be asked, or does not know the identity."""


def denied(clients: Clients, one: Entered, arn: str, actions: Sequence[str]) -> dict[str, str]:
    """Action → why it is denied, of those that are. Raises Untold."""
    source = principal(arn, one.place.role)
    client = clients.client(one.place, "iam", clients.home_of(one.place))
    region = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string"}
    context = [{**region, "ContextKeyValues": [one.regions[0]]}]
    found: dict[str, str] = {}
    for start in range(0, len(actions), _LOT):
        lot = list(actions[start : start + _LOT])
        try:
            told = bounded.whole(
                client,
                "simulate_principal_policy",
                clients.limits,
                PolicySourceArn=source,
                ActionNames=lot,
                ContextEntries=context,
            )
        except CALL_ERRORS as error:
            why = explain(error, "iam:SimulatePrincipalPolicy").message
            raise Untold(f"IAM's simulator does not tell: {why}") from error
        answers = {str(each["EvalActionName"]).lower(): each for each in told.get("EvaluationResults", ())}
        for action in lot:
            answer = answers.get(action.lower())
            if answer is None:
                raise Untold(f"IAM's simulator says nothing of {action}")
            if answer["EvalDecision"] != "allowed":
                found[action] = _why(answer)
    return found


def principal(arn: str, role: str | None) -> str:
    """The user or role that is simulated, of who calls and of the role that was assumed: a session's name
    does not tell the role's path. Raises Untold."""
    if role is not None:
        return role
    if _ENTITY.fullmatch(arn):
        return arn
    session = _ASSUMED.fullmatch(arn)
    if session is None:
        raise Untold(f"IAM's simulator knows users and roles alone, not {arn}")
    return f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"


def _why(answer: Mapping[str, Any]) -> str:
    """What denies an action, as far as the simulator says."""
    if answer.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        return "a service control policy of the organisation denies it"
    if answer.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        return "the permissions boundary does not allow it"
    if answer["EvalDecision"] == "explicitDeny":
        return "a policy denies it"
    lacking = ", ".join(answer.get("MissingContextValues", ()))
    return "is not granted" + (f", unless by its conditions on {lacking}" if lacking else "")
