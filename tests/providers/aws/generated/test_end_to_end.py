"""Generated bodies as a template of a stack, and live behind a loopback Cloud Control: a whole run is silent,
and tells each change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.facts import catalogue
from providers.aws.loopback import environment
from providers.aws.loopback_cloud_control import CloudControl, Folders, beside
from providers.aws.resource_types import resource_type
from tests.providers.aws import cloud_control_estate
from tests.providers.aws.cloud_control_estate import REGION, found
from tests.providers.aws.generated.bodies import Bodies
from tests.providers.aws.generated.service import answer
from tests.providers.aws.generated.test_types import SAMPLE, changed, places, schema, told_at

#: One resource of each: those of a region that one property identifies, which no list needs a parent for.
TYPES = [
    type_
    for type_ in SAMPLE
    if (known := resource_type(type_)) is not None
    and len(known.identifier) == 1
    and known.listable
    and not known.parents
    and (entry := catalogue().entry(type_)) is not None
    and entry.regional
][::6]


class Estate:
    """What is declared and what is live of each type."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.front = folder, CloudControl(Folders(folder / "bodies"))
        self.bodies = {type_: Bodies(schema(type_), Random(type_)) for type_ in TYPES}
        self.declared = {type_: one.body() for type_, one in self.bodies.items()}
        self.live = {type_: self.answer(type_, self.declared[type_]) for type_ in TYPES}
        self.url = ""

    def answer(self, type_: str, body: dict[str, Any]) -> dict[str, Any]:
        """What is live of a body, with an identifier."""
        known = resource_type(type_)
        assert known is not None
        (name,) = known.identifier
        live = answer(self.bodies[type_], body)
        return {**live, name: live.get(name) or f"id-of-{type_.replace('::', '-').lower()}"}

    def id(self, type_: str) -> str:
        known = resource_type(type_)
        assert known is not None
        return str(self.live[type_][known.identifier[0]])

    def scan(self) -> dict[str, Any]:
        resources = {}
        for type_ in TYPES:
            file = self.folder / "bodies" / type_ / "one.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(self.live[type_]))
            resources[type_.replace("::", "")] = {"Type": type_, "Properties": self.declared[type_]}
        template = self.folder / "odd.json"
        template.write_text(json.dumps({"Resources": resources}))
        said = {
            "version": 1,
            "declared": [{"path": str(template), "stack": "odd"}],
            "live": {"aws": {"regions": [REGION], "endpoint": self.url, "include": TYPES}},
            "history": False,
            "blame": {"enabled": False},
        }
        return Run(parse(json.dumps(said), "drift.yaml", self.folder, None, {})).scan().report


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    made = Estate(tmp_path_factory.mktemp("generated"))
    server = beside("http://127.0.0.1:9", made.front)
    physical = {type_.replace("::", ""): (type_, made.id(type_)) for type_ in TYPES}
    known = server.answer
    server.answer = lambda request: cloud_control_estate._stacks(request, physical) or known(request)
    made.url = server.url
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment(server.url).items():
                patch.setenv(name, value)
            yield made
    finally:
        server.close()


def test_untouched_is_silent_and_each_change_is_told(estate: Estate) -> None:
    assert len(TYPES) > 15
    report = estate.scan()
    read = {row["type"]: row["status"] for row in report["coverage"] if row["type"] in TYPES}
    assert set(read.values()) == {"checked"} and len(read) == len(TYPES)
    assert found(report) == set()
    expected = set()
    for type_ in TYPES:
        bodies, body = estate.bodies[type_], estate.declared[type_]
        known = resource_type(type_)
        assert known is not None
        for place in places(bodies.schema, body, bodies.schema.raw):
            path = told_at(type_, body, place)
            other = changed(bodies, body, place) if path and place.way[0] not in known.identifier else None
            if other is not None:
                fresh = {**estate.answer(type_, other[0]), known.identifier[0]: estate.id(type_)}
                estate.live[type_] = fresh
                expected.add(("changed", type_, path))
                break
    assert len(expected) > 12
    assert found(estate.scan()) == expected
