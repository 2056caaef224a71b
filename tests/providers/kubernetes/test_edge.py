"""A page that holds no trace of a secret is not searched again object by object; one that does, is."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from providers.kubernetes.edge import LAST_APPLIED, Reader
from providers.kubernetes.names import TypeName

CONFIG_MAP = TypeName("", "v1", "ConfigMap")


def page(*data: dict[str, str]) -> tuple[list[dict[str, Any]], bytes]:
    items = [
        {"metadata": {"name": f"c{number}", "namespace": "n"}, "data": one} for number, one in enumerate(data)
    ]
    return items, orjson.dumps(items)


def searched(reader: Reader, *data: dict[str, str]) -> bool:
    found = list(reader.resources(*page(*data)))
    assert len(found) == len(data)
    assert len({one.searched for one in found}) == 1
    return found[0].searched


@pytest.mark.parametrize(
    "guilty",
    [
        {"password": "x"},
        {"a": "AKIAIOSFODNN7EXAMPLE"},
        {"a": "https://user:hunter2@example.com/"},
        {"a": "q9Xv2Lr7Tz4Kp1Ws8Nd3"},
        {"client_key": "x"},
        {"a": '{"auth": "abcd1234"}'},
    ],
)
def test_a_trace_is_seen_on_whichever_page_it_is(guilty: dict[str, str]) -> None:
    reader = Reader("c", CONFIG_MAP)
    assert searched(reader, {"color": "red"}, {"color": "blue"})
    assert not searched(reader, {"color": "red"}, guilty)
    assert not searched(reader, guilty)
    assert searched(reader, {"color": "green"})


def test_a_password_that_holds_a_quotation_mark_is_seen_in_two_halves() -> None:
    reader = Reader("c", CONFIG_MAP)
    assert searched(reader, {"a": 'https://user:pass"'.replace("pass", "ab")})
    assert not searched(reader, {"a": 'https://user:ab"cd@example.com'})


def test_equal_field_names_are_kept_once() -> None:
    reader = Reader("c", CONFIG_MAP)
    bodies = [
        {
            "metadata": {
                "name": name,
                "managedFields": [{"manager": "m", "fieldsV1": {"f:data": {}}}, "broken"],
            }
        }
        for name in ("a", "b")
    ]
    first, second = (reader.resource(body) for body in bodies)
    assert first is not None and second is not None
    told = [one.attributes["metadata"]["managedFields"] for one in (first, second)]
    assert told[0] == [{"manager": "m", "fieldsV1": '{"f:data":{}}'}]
    assert told[0][0]["fieldsV1"] is told[1][0]["fieldsV1"]


def test_a_last_applied_secret_has_no_values_even_on_an_innocent_page() -> None:
    reader = Reader("c", TypeName("", "v1", "Secret"))
    metadata = {
        "name": "s",
        "managedFields": [{"manager": "kubectl-client-side-apply"}],
        "annotations": {LAST_APPLIED: '{"data":{"a":"YWJj"}}'},
    }
    found = reader.resource({"metadata": metadata}, searched=True)
    assert found is not None
    assert "YWJj" not in str(found.attributes)


def test_of_a_status_only_what_is_asked_later_is_kept() -> None:
    entry = {"name": "web", "image": "web:1", "imageID": "web@sha256:1", "ready": True}
    pod = Reader("c", TypeName("", "v1", "Pod")).resource(
        {"metadata": {"name": "p"}, "status": {"phase": "Running", "containerStatuses": [entry]}}
    )
    assert pod is not None
    assert pod.attributes["status"] == {
        "containerStatuses": [{"image": "web:1", "imageID": "web@sha256:1", "name": "web"}]
    }
    for status in ({"phase": "Running"}, {"containerStatuses": "broken"}, None):
        pod = Reader("c", TypeName("", "v1", "Pod")).resource({"metadata": {"name": "p"}, "status": status})
        assert pod is not None
        assert not pod.attributes.get("status", {}).get("containerStatuses")
    node = Reader("c", TypeName("", "v1", "Node")).resource({"metadata": {"name": "n"}, "status": {"a": 1}})
    assert node is not None and "status" not in node.attributes
