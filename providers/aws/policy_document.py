"""The data source ``aws_iam_policy_document``: a function of its arguments alone, with the spelling of
Terraform's provider.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document,
and what the provider answers (``tests/providers/aws/data_sources.json``).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from drift import go_json
from drift.model import Unresolved
from drift.values import unresolved

_VERSION = "2012-10-17"
_OLD_VERSION = "2008-10-17"
#: What it once took, and no longer does.
_GONE = frozenset({"source_json", "override_json"})
#: Argument of a statement → the policy's word.
_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
_ATTRIBUTES = ("id", "json", "minified_json")
_ORDER = ("Sid", "Effect", *_LISTS.values(), *_PRINCIPALS.values(), "Condition")

Statement = dict[str, Any]


def answer(said: Mapping[str, Any]) -> dict[str, Any]:
    """Its attributes; all are Unresolved where a part of what it is given is not known, or where the provider
    refuses it."""
    lacking = unresolved(said)
    if lacking is None and not _GONE.isdisjoint(said):
        lacking = Unresolved("it is given source_json or override_json, which later versions do not know")
    if lacking is not None:
        return dict.fromkeys(_ATTRIBUTES, lacking)
    try:
        made = _merged(said)
    except ValueError as error:
        return dict.fromkeys(_ATTRIBUTES, Unresolved(f"it is no policy document: {error}"))
    text = go_json.escaped(json.dumps(made, indent=2, ensure_ascii=False))
    small = go_json.escaped(json.dumps(made, separators=(",", ":"), ensure_ascii=False))
    return {"id": str(zlib.crc32(text.encode())), "json": text, "minified_json": small}


def _merged(said: Mapping[str, Any]) -> dict[str, Any]:
    version, id_, statements = "", "", list[Statement]()
    own: dict[str, Any] = {
        "Version": said.get("version") or _VERSION,
        "Id": said.get("policy_id") or "",
        "Statement": [_statement(one, said.get("version") or _VERSION) for one in _blocks(said, "statement")],
    }
    _distinct(own["Statement"])
    sources = [_read(one) for one in _several(said.get("source_policy_documents")) if one]
    _distinct([one for source in sources for one in source["Statement"]])
    overriding = [_read(one) for one in _several(said.get("override_policy_documents")) if one]
    for one in [*sources, own, *overriding]:
        version, id_ = max(version, one["Version"]), one["Id"] or id_
        for statement in one["Statement"]:
            sid = statement.get("Sid")
            same = (at for at, other in enumerate(statements) if sid and other.get("Sid") == sid)
            place = next(same, len(statements))
            statements[place : place + 1] = [statement]
    made = {"Version": version, "Id": id_, "Statement": statements}
    return {name: value for name, value in made.items() if value}


def _distinct(statements: list[Statement]) -> None:
    named = [one["Sid"] for one in statements if one.get("Sid")]
    if len(named) != len(set(named)):
        raise ValueError("two statements have the same Sid")


def _read(text: Any) -> dict[str, Any]:
    """A document that is given as JSON."""
    content = json.loads(text)
    told = content.get("Statement", [])
    if not isinstance(told, list):
        raise ValueError("Statement is no list")  # noqa: TRY004 - of a document, not of a call
    statements = [_spelled(one) for one in told]
    return {"Version": content.get("Version") or "", "Id": content.get("Id") or "", "Statement": statements}


def _spelled(statement: Mapping[str, Any]) -> Statement:
    made = {name: statement[name] for name in _ORDER if statement.get(name)}
    for name in _PRINCIPALS.values():
        if name in made:
            made[name] = _principals(_pairs(made[name]))
    if "Condition" in made:
        given = made["Condition"].items()
        made["Condition"] = _conditions(
            (test, variable, values) for test, told in given for variable, values in told.items()
        )
    return made


def _pairs(said: Any) -> list[tuple[str, Any]]:
    return [("*", said)] if isinstance(said, str) else list(said.items())


def _statement(said: Mapping[str, Any], version: str) -> Statement:
    made: Statement = {"Sid": said.get("sid") or "", "Effect": said.get("effect") or "Allow"}
    for argument, name in _LISTS.items():
        values = sorted({_text(one) for one in _several(said.get(argument))}, reverse=True)
        if argument.endswith("resources"):
            values = [_variables(one, version) for one in values]
        made[name] = values[0] if len(values) == 1 else values
    for argument, name in _PRINCIPALS.items():
        told = [
            (one["type"], [_variables(_text(each), version) for each in _several(one.get("identifiers"))])
            for one in _blocks(said, argument)
        ]
        made[name] = _principals(told)
    made["Condition"] = _conditions(
        (
            one["test"],
            _text(one["variable"]),
            [_variables(_text(each), version) for each in _several(one.get("values"))],
        )
        for one in _blocks(said, "condition")
    )
    return {name: made[name] for name in _ORDER if made.get(name)}


def _principals(told: Iterable[tuple[str, Any]]) -> Any:
    made: dict[str, Any] = {}
    for type_, identifiers in told:
        made.setdefault(type_, []).extend(sorted({*_several(identifiers)}, reverse=True))
    if made == {"*": ["*"]}:
        return "*"
    return {type_: made[type_][0] if len(made[type_]) == 1 else made[type_] for type_ in sorted(made)}


def _conditions(told: Iterable[tuple[str, str, Any]]) -> dict[str, Any]:
    made: dict[str, dict[str, Any]] = {}
    for test, variable, values in told:
        made.setdefault(test, {}).setdefault(variable, []).extend(_text(one) for one in _several(values))
    return {
        test: {name: one[0] if len(one) == 1 else one for name, one in sorted(made[test].items())}
        for test in sorted(made)
    }


def _variables(text: str, version: str) -> str:
    """``&{aws:username}`` is how Terraform's own ``${`` is kept apart from a policy's."""
    if version == _OLD_VERSION and "&{" in text:
        raise ValueError(f"a policy of {_OLD_VERSION} has no variables")
    return text.replace("&{", "${")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _blocks(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return _several(said.get(name))
