"""From a template to declared resources: place, stack, parameters, conditions."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.declared_secrets import learn
from drift.errors import DeclaredError
from drift.model import Sensitive, Unresolved
from drift.redaction import Redactor
from providers.aws import AwsProvider
from providers.aws.cloudformation import CloudFormation

from .support import ACCOUNT, QUEUE, REGION, Live, declared, live_resource, load, queue_url, stack, types_of


def test_it_is_found_by_its_entry_point() -> None:
    assert isinstance(plugins.source("cloudformation"), CloudFormation)


def test_the_stack_gives_ids_place_and_parameters(tmp_path: Path) -> None:
    templates = load(tmp_path, QUEUE, stack="jobs")
    live = Live(
        [
            stack(
                "jobs",
                resources={"Jobs": ("AWS::SQS::Queue", queue_url("jobs-1"))},
                parameters={"Wait": "90"},
            ),
            stack("other", resources={"Jobs": ("AWS::SQS::Queue", queue_url("other-1"))}),
        ]
    )
    resources, unverifiable, problems = declared(templates, live)
    assert not unverifiable
    assert not problems
    found = resources["Jobs"]
    assert (found.scope, found.region, found.type) == (ACCOUNT, REGION, "AWS::SQS::Queue")
    assert found.id == queue_url("jobs-1")
    assert found.attributes == {"VisibilityTimeout": 90}
    assert found.origin is not None
    assert (found.origin.source, found.origin.file, found.origin.line) == (
        "cloudformation",
        "template.yaml",
        5,
    )
    assert found.origin.lines == {"/VisibilityTimeout": 9}
    assert types_of(templates) == {"AWS::SQS::Queue"}


def test_given_parameters_win_and_defaults_come_last(tmp_path: Path) -> None:
    live = Live([stack("jobs", resources={"Jobs": ("AWS::SQS::Queue", "u")}, parameters={"Wait": "90"})])
    given = declared(load(tmp_path, QUEUE, stack="jobs", parameters={"Wait": 10}), live)[0]
    assert given["Jobs"].attributes == {"VisibilityTimeout": 10}
    default = declared(load(tmp_path, QUEUE, region=REGION), Live())[0]
    assert default["Jobs"].attributes == {"VisibilityTimeout": 30}


@pytest.mark.parametrize(
    "content",
    [
        {"Wait": "7"},
        {"Parameters": {"Wait": "7"}},
        [{"ParameterKey": "Wait", "ParameterValue": "7"}],
    ],
)
def test_parameters_may_stand_in_a_file(tmp_path: Path, content: Any) -> None:
    (tmp_path / "p.json").write_text(json.dumps(content))
    resources, _, _ = declared(load(tmp_path, QUEUE, parameters="p.json", region=REGION))
    assert resources["Jobs"].attributes == {"VisibilityTimeout": 7}


def test_an_unknown_parameter_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        DeclaredError, match="template.yaml: the template has no parameter 'Wiat'; it has Wait"
    ):
        load(tmp_path, QUEUE, parameters={"Wiat": 1})
    with pytest.raises(DeclaredError, match=r"parameter file p\.json does not exist"):
        load(tmp_path, QUEUE, parameters="p.json")


def test_a_missing_parameter_is_named(tmp_path: Path) -> None:
    resources, _, _ = declared(load(tmp_path, QUEUE.replace(", Default: 30", ""), region=REGION))
    value = resources["Jobs"].attributes["VisibilityTimeout"]
    assert isinstance(value, Unresolved)
    assert "the parameter Wait has no value" in value.reason


PARAMETERS = """\
Parameters:
  Secret: {Type: String, NoEcho: true, Default: d}
  Ids: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 'a, b'}
  Numbers: {Type: List<Number>, Default: '1,2'}
  Flag: {Type: String, Default: true}
  Ami: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /ami}
  Names: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /names}
Resources:
  T:
    Type: AWS::Some::Thing
    Properties: {S: !Ref Secret, I: !Ref Ids, N: !Ref Numbers, F: !Ref Flag, A: !Ref Ami, L: !Ref Names}
"""


def test_parameters_have_the_type_they_say(tmp_path: Path) -> None:
    live = Live(resources=[live_resource("AWS::SSM::Parameter", "/names", Value="x,y")])
    resources, _, _ = declared(load(tmp_path, PARAMETERS, region=REGION), live)
    attributes = resources["T"].attributes
    assert attributes["S"] == Sensitive("d")
    assert attributes["I"] == ["a", "b"]
    assert attributes["N"] == [1, 2]
    assert attributes["F"] == "true"
    assert attributes["L"] == ["x", "y"]
    assert attributes["A"] == Unresolved(
        "the parameter Ami stands for the SSM parameter /ami, which was not read"
    )


def test_recorded_parameters_masked_or_resolved(tmp_path: Path) -> None:
    recorded = stack(
        resources={"T": ("AWS::Some::Thing", "t")},
        parameters={"Secret": "****", "Ami": "/other"},
        resolved_parameters={"Ami": "ami-1"},
    )
    attributes = declared(load(tmp_path, PARAMETERS, stack="s"), Live([recorded]))[0]["T"].attributes
    assert isinstance(attributes["S"], Unresolved)
    assert "NoEcho" in attributes["S"].reason
    assert attributes["A"] == "ami-1"
    given = declared(load(tmp_path, PARAMETERS, stack="s", parameters={"Secret": "x"}), Live([recorded]))[0][
        "T"
    ]
    assert given.attributes["S"] == Sensitive("x")


def test_the_only_stack_with_the_same_members_is_the_templates(tmp_path: Path) -> None:
    same = {"Jobs": ("AWS::SQS::Queue", queue_url("a"))}
    more = {**same, "Dead": ("AWS::SQS::Queue", queue_url("d"))}
    one = Live([stack("a", resources=same), stack("b", resources=more), stack("c", resources={})])
    assert declared(load(tmp_path, QUEUE), one)[0]["Jobs"].id == queue_url("a")
    two = Live([stack("a", resources=same), stack("b", resources=same)])
    assert declared(load(tmp_path, QUEUE), two)[0]["Jobs"].id is None
    other_region = Live([stack("a", resources=same), stack("b", region="us-east-1", resources=same)])
    found = declared(load(tmp_path, QUEUE, region="us-east-1"), other_region)[0]["Jobs"]
    assert (found.id, found.region) == (queue_url("a"), "us-east-1")


def test_a_stack_that_is_not_there_is_a_problem_and_names_still_count(tmp_path: Path) -> None:
    text = QUEUE.replace("VisibilityTimeout: !Ref Wait", "QueueName: jobs")
    resources, _, problems = declared(load(tmp_path, text, stack="gone", region=REGION), Live([]))
    assert "no stack 'gone' was found" in problems[0].message
    assert (resources["Jobs"].id, resources["Jobs"].name) == (queue_url("jobs"), "jobs")
    resources, _, problems = declared(load(tmp_path, text, stack="gone", region=REGION), Live())
    assert not problems


def test_a_stack_name_in_two_regions_needs_the_region(tmp_path: Path) -> None:
    live = Live([stack("s", resources={}), stack("s", region="us-east-1", resources={})])
    _, _, problems = declared(load(tmp_path, QUEUE, stack="s"), live)
    assert "say which with 'scope' and 'region'" in problems[0].message


def test_without_any_place_names_are_left_to_match(tmp_path: Path) -> None:
    text = QUEUE.replace("VisibilityTimeout: !Ref Wait", "QueueName: jobs")
    resources, unverifiable, _ = declared(load(tmp_path, text), Live(scopes=()))
    queue = resources["Jobs"]
    assert not unverifiable
    assert (queue.scope, queue.region, queue.id, queue.name) == ("", None, None, "jobs")


def test_what_is_attached_needs_the_place_of_its_parent(tmp_path: Path) -> None:
    text = """\
    Resources:
      Policy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [q], PolicyDocument: {}}}
    """
    _, unverifiable, _ = declared(load(tmp_path, text), Live(scopes=()))
    assert "say 'scope'" in unverifiable["Policy"].reason
    _, unverifiable, _ = declared(load(tmp_path, text), Live())
    assert "say 'region'" in unverifiable["Policy"].reason


def test_conditions_decide_what_is_declared(tmp_path: Path) -> None:
    text = """\
    Parameters: {Env: {Type: String}}
    Conditions: {Prod: !Equals [!Ref Env, prod]}
    Resources:
      Always: {Type: AWS::SNS::Topic}
      OnlyProd: {Type: AWS::SQS::Queue, Condition: Prod}
      Undefined: {Type: AWS::SQS::Queue, Condition: Nope}
    """
    prod = declared(load(tmp_path, text, region=REGION, parameters={"Env": "prod"}))
    assert set(prod[0]) == {"Always", "OnlyProd"}
    assert "the condition Nope is not defined" in prod[1]["Undefined"].reason
    test = declared(load(tmp_path, text, region=REGION, parameters={"Env": "test"}))
    assert set(test[0]) == {"Always"}
    unknown = declared(load(tmp_path, text, region=REGION))
    assert "the parameter Env has no value" in unknown[1]["OnlyProd"].reason
    recorded = stack(resources={"Always": ("AWS::SNS::Topic", "t"), "OnlyProd": ("AWS::SQS::Queue", "q")})
    assert "OnlyProd" in declared(load(tmp_path, text, stack="s"), Live([recorded]))[0]


def test_what_the_stack_does_not_hold_is_not_guessed(tmp_path: Path) -> None:
    _, unverifiable, _ = declared(load(tmp_path, QUEUE, stack="s"), Live([stack(resources={})]))
    assert "does not hold it" in unverifiable["Jobs"].reason


def test_what_stands_for_nothing_declares_nothing(tmp_path: Path) -> None:
    text = """\
    Resources:
      A: {Type: AWS::CDK::Metadata}
      B: {Type: 'Custom::Thing'}
      C: {Type: AWS::CloudFormation::WaitConditionHandle}
      D: {Type: AWS::CloudFormation::CustomResource}
    """
    templates = load(tmp_path, text, region=REGION)
    assert declared(templates) == ({}, {}, [])
    assert templates.types() == frozenset()


def test_a_type_that_is_not_supported_is_still_declared(tmp_path: Path) -> None:
    resources, _, _ = declared(load(tmp_path, "Resources:\n  A: {Type: AWS::New::Thing}\n", region=REGION))
    assert resources["A"].type == "AWS::New::Thing"


def test_what_is_secret_is_known_beforehand_and_the_template_goes_to_workers_as_it_was(
    tmp_path: Path,
) -> None:
    """It keeps nothing of the live side that it was asked of for that, which no process could be sent."""
    text = (
        "AWSTemplateFormatVersion: 2010-09-09\n"
        "Parameters: {P: {Type: String, NoEcho: true, Default: hunter2hunter2}}\n"
        "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref P}}}\n"
    )
    source, redactor = load(tmp_path, text), Redactor("k")
    assert learn([source], {"aws": AwsProvider()}, redactor) == {}
    assert "hunter2" not in redactor.known.covered("it is hunter2hunter2")
    assert source.notes == () and pickle.loads(pickle.dumps(source)).types() == source.types()
