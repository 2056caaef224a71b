"""What a template's parameters stand for: given by the user, recorded with the stack, or the template's
default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.model import Sensitive, Unresolved
from providers.aws.cloudformation.functions import Unknown, as_text
from providers.aws.cloudformation.place import Place
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template

MASKED = "****"

_SSM = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"CommaDelimitedList|List<(.+)>")
_NAMED = re.compile(r"\$\{\s*([A-Za-z0-9]+)\s*\}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]+)?")

#: Asks for the live value of an SSM parameter by its name; None where it was not read.
SsmLookup = Callable[[str], Any]


def given(option: Any, where: str, folder: Path) -> dict[str, Any]:
    """The user's ``parameters``: a mapping, CloudFormation's list of key and value, or the path of a file
    with either, also one that says tags beside them (of CodePipeline, Rain or Git sync).

    Raises:
        DeclaredError: when it is none of these.
    """
    option = _read(option, where, folder)
    if option is None:
        return {}
    if isinstance(option, Mapping):
        return {str(name): value for name, value in _inner(option, "Parameters", option).items()}
    if isinstance(option, list) and all(isinstance(one, Mapping) and "ParameterKey" in one for one in option):
        return {str(one["ParameterKey"]): one["ParameterValue"] for one in option if "ParameterValue" in one}
    raise DeclaredError(f"{where}: parameters must be a mapping of names to values, or a parameter file")


def tags(option: Any, where: str, folder: Path) -> dict[str, str] | None:
    """The tags of the stack that a parameter file says; None where it says none. Raises as :func:`given`."""
    said = _read(option, where, folder) if isinstance(option, (str, Path)) else None
    found = _inner(said, "Tags", None) if isinstance(said, Mapping) else None
    if isinstance(found, list):
        found = {one.get("Key"): one.get("Value") for one in found if isinstance(one, Mapping)}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, Mapping) else None


def policy(option: Any, where: str, folder: Path) -> Any:
    """What ``stack_policy`` says, or the file that it names: a document, in YAML or JSON. None where it is
    not said. Raises as :func:`given`."""
    said = _read(option, where, folder)
    if said is not None and not isinstance(said, Mapping):
        raise DeclaredError(f"{where}: stack_policy must be a policy, or the path of a file that holds one")
    return said


def policy_beside(option: Any, where: str, folder: Path) -> Any:
    """The policy of the stack that a parameter file says, as CodePipeline reads it; None where it says none.
    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html
    """
    said = _read(option, where, folder) if isinstance(option, (str, Path)) else None
    return said.get("StackPolicy") if isinstance(said, Mapping) else None


def _read(option: Any, where: str, folder: Path) -> Any:
    """What is said, or stands in the file that is named."""
    if isinstance(option, (str, Path)):
        file = next((one for one in (Path(option), folder / option) if one.is_file()), None)
        if file is None:
            raise DeclaredError(f"{where}: the parameter file {option} does not exist")
        option = parse(reading.content(file, str(option)), str(option))
    if isinstance(option, Mapping) and isinstance(_inner(option, "Parameters", None), list):
        return _inner(option, "Parameters", None)
    return option


def _inner(said: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """A section of a parameter file, which Git sync writes in lower case."""
    for one in (name, name.lower()):
        if isinstance(said.get(one), (Mapping, list)):
            return said[one]
    return otherwise


def values(template: Template, said: Mapping[str, Any], place: Place, ssm: SsmLookup) -> dict[str, Any]:
    """Parameter name → value, :class:`Sensitive` where NoEcho says so, :class:`Unresolved` where it can't be
    known."""
    found = {}
    for name, words in template.parameters.items():
        words = words if isinstance(words, Mapping) else {}
        value = _value(name, words, said, place, ssm)
        secret = as_bool(words.get("NoEcho")) and not isinstance(value, Unresolved)
        found[name] = Sensitive(value) if secret else value
    return found


def as_bool(value: Any) -> bool:
    """A flag, which a template may write as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _value(name: str, words: Mapping[str, Any], said: Mapping[str, Any], place: Place, ssm: SsmLookup) -> Any:
    type_ = str(words.get("Type", "String"))
    from_ssm = _SSM.fullmatch(type_)
    recorded = place.stack.parameters if place.stack else {}
    if name in said:
        raw = said[name]
    elif recorded.get(name) == MASKED:
        return Unresolved(f"CloudFormation masks the parameter {name} (NoEcho); give it with 'parameters'")
    elif name in recorded:
        if from_ssm and place.stack and name in place.stack.resolved:
            return _typed(place.stack.resolved[name], from_ssm[1])
        raw = recorded[name]
    elif "Default" in words:
        raw = words["Default"]
    else:
        return Unresolved(f"the parameter {name} has no value and no default; give it with 'parameters'")
    if isinstance(raw, (Unresolved, Sensitive)):
        return raw
    if not from_ssm:
        return _typed(raw, type_)
    live = ssm(str(raw))
    if not isinstance(live, str):
        return Unresolved(f"the parameter {name} stands for the SSM parameter {raw}, which was not read")
    return _typed(live, from_ssm[1])


def _typed(raw: Any, type_: str) -> Any:
    """A raw value as its type asks for. What does not fit its type stays as it is: odd, but not ours to
    refuse."""
    listed = _LIST.fullmatch(type_)
    try:
        if not listed:
            text = ",".join(as_text(one) for one in raw) if isinstance(raw, list) else as_text(raw)
            return _number(text) if type_ == "Number" else text
        items = raw if isinstance(raw, list) else as_text(raw).split(",")
        texts = [as_text(item).strip() for item in items]
    except Unknown as error:
        return Unresolved(f"a parameter of type {type_}: {error}")
    if texts == [""]:
        return []
    return [_number(text) for text in texts] if listed[1] == "Number" else texts


def _number(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        return text
    if "." not in text:
        return int(text)
    value = float(text)
    return value if repr(value) == text else text


def text(value: Any) -> str | None:
    """A value as a stack records it; None where it is not known."""
    try:
        return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
    except Unknown:
        return None


def named(text: Any) -> list[str]:
    """The names in the text of a ``Fn::Sub``."""
    text = text[0] if isinstance(text, list) and text else text
    return _NAMED.findall(text) if isinstance(text, str) else []


def refusal(words: Mapping[str, Any], value: Any) -> str | None:
    """Why a parameter may not have a value, by what its template says of it; None where it may."""
    allowed = words.get("AllowedValues")
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    if isinstance(allowed, list) and text not in map(str, allowed):
        return f"allows no {text}"
    pattern = words.get("AllowedPattern")
    if isinstance(pattern, str):
        try:
            if not re.fullmatch(pattern, text):
                return f"allows only what fits {pattern}"
        except re.error:
            return f"has a pattern that is not understood ({pattern})"
    for limit, size, low in (
        ("MinValue", text, True),
        ("MaxValue", text, False),
        ("MinLength", str(len(text)), True),
        ("MaxLength", str(len(text)), False),
    ):
        try:
            if (
                limit in words
                and (float(size) < float(words[limit])) is low
                and float(size) != float(words[limit])
            ):
                return f"has {limit} {words[limit]}"
        except (TypeError, ValueError):
            return f"has a {limit} that {text} can't be told by"
    return None


def refuse_unknown(said: Mapping[str, Any], templates: list[Template], where: str) -> None:
    """Raises DeclaredError when the user gives a parameter that no template has."""
    known = sorted({name for template in templates for name in template.parameters})
    for name in said:
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise DeclaredError(f"{where}: the template has no parameter {name!r}; {has}")
