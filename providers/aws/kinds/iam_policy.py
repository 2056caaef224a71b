"""Policy documents of IAM and of all services that have resource policies."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import unquote

from drift.kinds.base import Canonical, Context, Keyed, Kind
from drift.kinds.collections import by_label, unordered
from drift.kinds.documents import parse_json
from drift.kinds.names import ascii_lower
from drift.kinds.text import canonical_text, in_any_order
from providers.aws.kinds.iam_condition import condition
from providers.aws.kinds.iam_principal import as_set, principals
from providers.aws.kinds.log_delivery import is_log_delivery

#: Where the statements without a Sid stand, as a set, beside those that have one.
ANONYMOUS = "(no Sid)"

#: What a document without ``Version`` is. Source:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html.
_OLDEST = "2008-10-17"

_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource"})


def _iam_policy(value: Any, context: Context, *, fold_log_delivery: bool = False) -> Canonical:
    """A policy document: ``{"Version": …, "Statement": {Sid: statement, "(no Sid)": set of statements}}``.

    The order of statements and of the members of their elements does not count, nor does saying them twice,
    nor the letter case of actions, condition operators and condition keys; a scalar is the list of it; Sids
    of digits only were assigned by a service and are left out. Comes as an object, JSON text, URL-encoded
    JSON text (IAM's answers), or the list of one of these. Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and
    …/reference_policies_elements_action.html ("The prefix and the action name are case insensitive").

    ``Version`` is never invented: 2008-10-17 and 2012-10-17 read variables differently. ``fold_log_delivery``
    speaks to :func:`_admits` only.
    """
    document = _document(value)
    if document is None:
        return value
    statements = document.get("Statement")
    if isinstance(document.get("Version"), date):  # what YAML makes of an unquoted one
        document = {**document, "Version": document["Version"].isoformat()}
    if isinstance(statements, Keyed):
        return document
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        return document
    return {**document, "Statement": _statements([_statement(one, context) for one in statements])}


def _admits(declared: Any, live: Any, context: Context, *, fold_log_delivery: bool = False) -> bool:
    """A document without ``Version`` admits the version that this means, said by the service.

    With ``fold_log_delivery``, the declared document also admits what AWS itself adds when log delivery is
    switched on, and nothing that only looks like it (see :mod:`providers.aws.kinds.log_delivery`).
    """
    wanted, found = _iam_policy(declared, context), _iam_policy(live, context)
    if not all(isinstance(one, dict) and "Statement" in one for one in (wanted, found)):
        return False
    if fold_log_delivery:
        found = _without_log_delivery(wanted, found, context)
    text = canonical_text({"Version": _OLDEST, **wanted})
    return text is not None and text == canonical_text({"Version": _OLDEST, **found})


def _document(value: Any) -> dict[str, Any] | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        text = value.strip()
        try:
            value = parse_json(unquote(text) if text[:1] == "%" else text)
        except ValueError:
            return None
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
    return value if isinstance(value, dict) else None


def _statement(given: Any, context: Context) -> Any:
    """One statement. It always has a ``Condition``, so that one which is added to it is a change of what is
    declared: in a ``Deny`` that is how access is gained."""
    if not isinstance(given, dict):
        return given
    statement = {name: member for name, member in given.items() if member is not None}
    sid = statement.get("Sid")
    if sid == "" or type(sid) is int or (isinstance(sid, str) and sid.isascii() and sid.isdigit()):
        del statement["Sid"]
    statement.setdefault("Condition", {})
    for name, member in statement.items():
        statement[name] = _element(name, member, statement, context)
    return statement


def _element(name: str, member: Any, statement: dict[str, Any], context: Context) -> Any:
    match name:
        case "Action" | "NotAction":
            return as_set(_lower_each(member))
        case "Resource" | "NotResource":
            return as_set(member)
        case "Principal" | "NotPrincipal":
            return principals(
                member, context, anyone=name == "Principal" and statement.get("Effect") == "Allow"
            )
        case "Condition":
            return condition(member)
    return member


def _lower_each(actions: Any) -> Any:
    if isinstance(actions, list):
        return [_lower_each(action) for action in actions]
    return ascii_lower(actions) if isinstance(actions, str) else actions


def _statements(statements: list[Any]) -> Canonical:
    """Statements by Sid, those without one as a set under :data:`ANONYMOUS`.

    Where each statement stands depends on itself alone, so that one that is added moves no other.
    """
    named = [(one["Sid"], one) for one in statements if _has_name(one)]
    others = [one for one in statements if not _has_name(one)]
    keyed = by_label(named)
    if keyed is None:
        return statements
    if others:
        anonymous = unordered(others)
        keyed[ANONYMOUS] = others if anonymous is None else anonymous
    return keyed


def _has_name(statement: Any) -> bool:
    sid = statement.get("Sid") if isinstance(statement, dict) else None
    return isinstance(sid, str) and sid != ANONYMOUS


def _without_log_delivery(wanted: dict[str, Any], found: dict[str, Any], context: Context) -> dict[str, Any]:
    declared, live = wanted.get("Statement"), found.get("Statement")
    if not isinstance(declared, Keyed) or not isinstance(live, Keyed):
        return found
    kept = Keyed(
        (sid, statement)
        for sid, statement in live.items()
        if sid in declared or not is_log_delivery(statement, context)
    )
    return {**found, "Statement": kept}


def _settled(value: Any, **_params: Any) -> Any:
    """A document, also one that is a text, in which the order of statements, actions, resources, principals
    and tested values is taken away."""
    if isinstance(value, str) and "null" not in value:  # which an object loses, and a text does not
        value = _document(value) or value
    if not isinstance(value, dict) or not isinstance(value.get("Statement"), list):
        return value
    return {**value, "Statement": in_any_order([_settled_statement(one) for one in value["Statement"]])}


def _settled_statement(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    settled = {}
    for name, member in given.items():
        if name in _SETS:
            member = in_any_order(member)
        elif name in ("Principal", "NotPrincipal") and isinstance(member, dict):
            member = {kind: in_any_order(who) for kind, who in member.items()}
        elif name == "Condition" and isinstance(member, dict):
            member = {
                operator: {key: in_any_order(values) for key, values in tests.items()}
                if isinstance(tests, dict)
                else tests
                for operator, tests in member.items()
            }
        settled[name] = member
    return settled


IAM_POLICY = Kind("iam-policy", _iam_policy, phase="after", admits=_admits, settle=_settled)
