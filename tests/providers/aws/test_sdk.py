"""The parts of the SDK that are put together once say what botocore's own say."""

from __future__ import annotations

import copy
import importlib.util
from types import ModuleType
from typing import Any

import botocore.client
import botocore.session
import pytest
from botocore.context import start_as_current_context
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.useragent import UserAgentString, register_feature_id
from botocore.utils import parse_timestamp

from drift.deadline import Deadline
from drift.limits import Limits
from providers.aws import models, sdk
from providers.aws.bounded import Session

EVENTS = sorted(
    {said[0] for said in BUILTIN_HANDLERS}
    | {
        "before-call.cloudwatch.DescribeAlarms",
        "before-sign.s3.GetBucketPolicy",
        "before-parameter-build.s3.ListObjects",
        "request-created.cloudsearchdomain.Search",
        "needs-retry.events.ListRules",
        "docs.title.alexaforbusiness",
        "before-call.runtime.sagemaker.InvokeEndpoint",
    }
)


def _hearers(session: Any, event: str) -> list[str]:
    events = session.get_component("event_emitter")
    found = events._emitter._handlers.prefix_search(events._alias_event_name(event))
    return [getattr(one, "__qualname__", type(one).__name__) for one in found]


def test_everybody_hears_of_events_in_the_order_of_botocore() -> None:
    own, theirs = Session(Deadline(), Limits()), botocore.session.Session()

    assert {event: _hearers(own, event) for event in EVENTS} == {
        event: _hearers(theirs, event) for event in EVENTS
    }
    assert sum(len(_hearers(own, event)) for event in EVENTS) > 100


def test_an_event_has_the_name_that_botocore_gives_it() -> None:
    own, theirs = sdk.Events(sdk.Hearers()), EventAliaser(HierarchicalEmitter())

    names = [own._alias_event_name(event) for event in EVENTS]

    assert names == [theirs._alias_event_name(event) for event in EVENTS]
    assert names != EVENTS


def test_names_that_somebody_else_gives_are_kept() -> None:
    own = copy.copy(sdk.Events(sdk.Hearers(), {"old": "new"}))

    assert own._alias_event_name("before-call.old") == "before-call.new"


def test_who_registers_with_a_copy_is_heard_of_there_alone() -> None:
    said: list[str] = []
    events = sdk.Events(sdk.Hearers())
    events.register("a.b", lambda **_: said.append("all"))
    one, two = copy.copy(events), copy.copy(events)
    one.register("a.b", lambda **_: said.append("one, last"))
    one.register_first("a.b.c", lambda **_: said.append("one, of c"))
    two.register("a.b.*", lambda **_: said.append("two"))
    events.emit("a.b.c")
    assert said == ["all"]

    said.clear()
    one.emit("a.b.c")
    assert said == ["one, of c", "all", "one, last"]

    said.clear()
    two.emit("a.b.c")
    assert said == ["two", "all"]


def test_who_is_struck_out_of_a_copy_stays_in_the_others() -> None:
    said: list[str] = []

    def hear(**_: Any) -> None:
        said.append("heard")

    events = sdk.Events(sdk.Hearers())
    events.register("a.b", hear)
    one = copy.copy(events)
    one.unregister("a.b", hear)

    one.emit("a.b")
    assert said == []
    events.emit("a.b")
    assert said == ["heard"]


@pytest.mark.parametrize("features", [(), ("PAGINATOR",), ("PAGINATOR", "WAITER")])
def test_the_user_agent_is_that_of_botocore_for_each_set_of_features(features: tuple[str, ...]) -> None:
    config = botocore.config.Config(user_agent_extra="drift")
    own = sdk.UserAgent.from_environment().with_client_config(config)
    theirs = UserAgentString.from_environment().with_client_config(config)
    with start_as_current_context():
        own.to_string()  # of another set
        for name in features:
            register_feature_id(name)

        assert own.to_string() == theirs.to_string()
        assert own.to_string() == theirs.to_string()


def test_the_user_agent_tells_features_that_the_client_was_made_with() -> None:
    made = sdk.UserAgent.from_environment()
    made.set_client_features({"RETRY_MODE_STANDARD"})
    other = UserAgentString.from_environment()
    other.set_client_features({"RETRY_MODE_STANDARD"})
    config = botocore.config.Config()

    assert made.with_client_config(config).to_string() == other.with_client_config(config).to_string()


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-01T10:20:30Z",
        "2026-03-01T10:20:30.5Z",
        "2026-03-01T10:20:30.123456789Z",
        "2026-03-01T10:20:30+02:00",
        "2026-03-01T10:20:30",
        "20260301T102030Z",
        "Sun, 01 Mar 2026 10:20:30 GMT",
        "1772360430",
        1772360430.25,
    ],
)
def test_a_moment_is_that_of_botocore(told: object) -> None:
    own, theirs = sdk.moment(told), parse_timestamp(told)

    assert (own, own.isoformat()) == (theirs, theirs.isoformat())


@pytest.mark.parametrize("told", ["2026-02-30T10:20:30Z", "never", "2026-03-01T10:61:30Z"])
def test_what_is_no_moment_is_refused_as_by_botocore(told: str) -> None:
    for read in (sdk.moment, parse_timestamp):
        with pytest.raises(ValueError, match=r".+"):
            read(told)


def test_moments_of_answers_are_read_so() -> None:
    client = Session(Deadline(), Limits()).create_client("iam", "us-east-1")

    parser = client._endpoint._response_parser_factory.create_parser("query")

    assert parser._timestamp_parser is sdk.moment


def _by_a_botocore_without(name: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of ours as it is where botocore lacks a name; botocore itself goes on as it is."""
    spec = importlib.util.spec_from_file_location("by_another_botocore", str(module.__file__))
    assert spec is not None and spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as lacking:
        lacking.delattr(f"botocore.{name}")
        spec.loader.exec_module(fresh)
    return fresh


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("hooks._PrefixTrie", "events"),
        ("hooks._PrefixTrie._recursive_copy", "events"),
        ("hooks.NodeList", "events"),
        ("hooks.EventAliaser._alias_event_name", "events"),
        ("utils.EVENT_ALIASES", "events"),
        ("session.Session._register_builtin_handlers", "events"),
        ("context.get_context", "agent"),
        ("useragent.UserAgentString", "agent"),
        ("useragent.UserAgentString.with_client_config", "agent"),
    ],
)
def test_where_botocore_lacks_what_a_part_stands_on_its_own_is_used(
    name: str, lost: str, aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = _by_a_botocore_without(name, sdk, monkeypatch)
    session = fresh.Session()
    session.register_component("data_loader", models.loader())
    session.set_credentials("AKIALOOPBACKLOOPBACK", "loopback")

    events, agent = session.get_component("event_emitter"), session.get_component("user_agent_creator")
    assert isinstance(events, fresh.Events) is (lost != "events")
    assert isinstance(agent, fresh.UserAgent) is (lost != "agent")
    assert isinstance(events, EventAliaser) and isinstance(agent, UserAgentString)
    client = session.create_client("sts", "us-east-1", endpoint_url=aws)
    assert client.get_caller_identity()["Account"]


@pytest.mark.parametrize(
    "name",
    ["ClientCreator", "ClientCreator._load_service_model", "ClientCreator._create_client_class"],
)
def test_where_botocore_makes_clients_otherwise_its_own_ways_are_left(
    name: str, aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(botocore.client, "ClientCreator", models._OWN)
    fresh = _by_a_botocore_without(f"client.{name}", models, monkeypatch)

    assert botocore.client.ClientCreator is models._OWN
    session = botocore.session.Session()
    session.register_component("data_loader", fresh.loader())
    session.set_credentials("AKIALOOPBACKLOOPBACK", "loopback")
    client = session.create_client("sts", "us-east-1", endpoint_url=aws)
    assert client.get_caller_identity()["Account"]
