"""What a resource of AWS is and gives, in words: policies by name and effect, open ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.hooks import Around
from drift.kinds.documents import parse_json
from drift.model import Resource
from drift.rules.content import Content, Function, tail
from providers.aws.owned import stack_of

_MANAGED = ":aws:policy/"
#: So many actions or resources of a statement are named.
_SHOWN = 6


@cache
def content() -> Content:
    functions: dict[str, Function] = {
        "policy": _policy,
        "inline": _inline,
        "statements": _statements,
        "rule": _rule,
        "stack": _stack,
    }
    return Content(Path(__file__).with_name("content.yaml"), functions)


def _stack(resource: Resource, around: Around) -> str | None:
    """The CloudFormation stack that has a resource in its list."""
    found = stack_of(resource, around.context("aws"))
    return None if found is None else str(found)


def _policy(resource: Resource, around: Around, arn: Any) -> list[str] | None:
    """A managed policy by name, with what it allows where it was read."""
    if not isinstance(arn, str):
        return None
    if _MANAGED in arn:
        return [f"{arn.split(':policy/')[-1]} (of AWS)"]
    account = arn.split(":")[4] if arn.count(":") > 4 else None  # whose it is: no other is asked
    found = around.find("aws", account, "AWS::IAM::ManagedPolicy", arn)
    lines = [] if found is None else _said(found.attributes.get("PolicyDocument"))
    return [f"{tail(arn)}: {line}" for line in lines] or [str(tail(arn))]


def _inline(resource: Resource, around: Around, policy: Any) -> list[str] | None:
    if not isinstance(policy, Mapping):
        return None
    name = policy.get("PolicyName") or "inline"
    return [f"{name}: {line}" for line in _said(policy.get("PolicyDocument"))]


def _statements(resource: Resource, around: Around, document: Any) -> list[str]:
    return _said(document)


def _rule(resource: Resource, around: Around, rule: Any) -> str | None:
    """A rule of a security group: what it lets through, and whom.

    >>> _rule(None, None, {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"})
    'tcp 22 from 0.0.0.0/0'
    """
    if not isinstance(rule, Mapping):
        return None
    protocol, first, last = (rule.get(name) for name in ("IpProtocol", "FromPort", "ToPort"))
    ports = "" if first is None or first == -1 else f" {first}" if first == last else f" {first}-{last}"
    said = "everything" if str(protocol) == "-1" else f"{protocol}{ports}"
    peers = [
        value
        for name in ("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourcePrefixListId")
        for value in _listed(rule.get(name))
    ]
    why = f" ({rule['Description']})" if rule.get("Description") else ""
    return f"{said} from {', '.join(map(str, peers)) or 'nowhere'}{why}"


def _said(document: Any) -> list[str]:
    """The statements of a policy document, a line each."""
    if isinstance(document, str):
        try:
            document = parse_json(document)
        except ValueError:
            return []
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    return [line for one in _listed(statements) if isinstance(one, Mapping) for line in _statement(one)]


def _statement(said: Mapping[str, Any]) -> Iterator[str]:
    actions = _few(said.get("Action")) or f"all but {_few(said.get('NotAction'))}"
    effect = "allows" if said.get("Effect") == "Allow" else "denies"
    who = _who(said.get("Principal"))
    if "NotPrincipal" in said:
        who = f"all but {_who(said['NotPrincipal'])}"
    where = _few(said.get("Resource"))
    if "NotResource" in said:
        where = f"all but {_few(said['NotResource'])}"
    under = said.get("Condition")
    tests = under.values() if isinstance(under, Mapping) else ()
    keys = sorted({str(key) for test in tests if isinstance(test, Mapping) for key in test})
    yield " ".join(
        filter(
            None,
            (
                effect,
                f"{who} to" if who else "",
                actions,
                f"on {where}" if where else "",
                f"if {', '.join(keys)} fits" if keys else "",
            ),
        )
    )


def _who(principal: Any) -> str:
    """A statement's principals; empty where it names none."""
    if principal is None:
        return ""
    if not isinstance(principal, Mapping):
        return "anybody" if principal == "*" else _few(principal)
    names = [one for members in principal.values() for one in _listed(members)]
    return ", ".join("anybody" if one == "*" else str(one) for one in names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    )


def _few(value: Any) -> str:
    names = _listed(value)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(str, names[:_SHOWN])) + more


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
