"""What a resource of a type without a map may set of another one in its template is unverifiable there,
nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from drift.model import Unresolved
from providers.aws import AwsProvider

from .support import ACCOUNT, REGION, Live, load, stack

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"


def told(folder: Path, type_: str, properties: dict[str, Any]) -> list[Any]:
    """What is declared of a function besides itself."""
    function = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f", "Timeout": 3}}
    text = json.dumps({"Resources": {"F": function, "X": {"Type": type_, "Properties": properties}}})
    recorded = Live([stack(resources={"F": ("AWS::Lambda::Function", "f"), "X": (type_, "x")})])
    items = list(load(folder, text, stack="s").resources(recorded))
    return [one for one in items if one.type == "AWS::Lambda::Function"][1:]


def test_the_property_that_it_says_is_unverifiable(tmp_path: Path) -> None:
    (part,) = told(
        tmp_path, "AWS::Lambda::Release", {"FunctionName": {"Ref": "F"}, "TracingConfig": {"Mode": "Active"}}
    )
    assert (part.partial, AwsProvider().canonical_id(part)) == (True, FUNCTION)
    reason = "may be set by X, whose type AWS::Lambda::Release is not supported"
    assert part.attributes == {"TracingConfig": Unresolved(reason)}


def test_where_only_its_name_goes_on_all_is_compared_and_it_is_said(tmp_path: Path) -> None:
    (one,) = told(tmp_path, "AWS::Lambda::FunctionMirror", {"Of": {"Fn::GetAtt": ["F", "Arn"]}})
    assert (one.path, one.resource_id) == ("", "f")
    assert one.reason == "may be changed by X, whose type AWS::Lambda::FunctionMirror is not supported"


def test_what_does_not_name_it_or_is_of_another_service_hides_nothing(tmp_path: Path) -> None:
    assert (
        told(tmp_path, "AWS::Lambda::Release", {"FunctionName": "f", "TracingConfig": {"Mode": "Active"}})
        == []
    )
    assert (
        told(tmp_path, "AWS::Other::Release", {"F": {"Ref": "F"}, "TracingConfig": {"Mode": "Active"}}) == []
    )
    assert told(tmp_path, "AWS::Lambda::Release", {"F": {"Ref": "F"}, "Description": "of its own"}) == []
