"""The recorded pairs, judged as a run judges them: the provider's facts and hooks, the core's comparison.

Only what the recorder put in place of what changes from run to run is undone: placeholders of names and
projects, times, and the label that its own tests set.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from drift.compare.verdict import Verdict, compare
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction.redact import Redactor
from drift.rules.severity import Graves
from drift.source import Loader, Location
from providers.gcp.config_connector import ConfigConnector
from providers.gcp.config_connector.objects import Declared
from providers.gcp.provider import provider
from tests import shared

RECORDING = "recordings/gcp-config-connector"
FOLDER = shared.path(RECORDING)
PAIRS = (("declared_create", "live_after_create"), ("declared_update", "live_after_update"))
REDACTOR = Redactor("a key for tests")
GRAVES = Graves(provider.severity_rules())
PROJECT = "${projectId}"
_NUMBER = "${projectNumber}"
CONTEXT = {"projects": {_NUMBER: PROJECT}}
_TIME = re.compile(r"2024-\d\d-01T12:34:56\.123456Z")
#: The recorder's names of the project that its answers call ``${projectId}``.
_PROJECTS = re.compile(r"\$\{(?:HIGH_CPU_QUOTA_TEST_PROJECT|KCC_ALLOYDB_TEST_PROJECT(?:_NUMBER)?)\}")
_MASK = re.compile(r"\$\{(?!projectId|projectNumber|uniqueId)\w+\}")
#: A name that its answers have been cut out of.
_CUT = "${CLOUD_FUNCTIONS_TEST_PROJECT}"
_TEST_LABEL = "cnrm-test"


def rows() -> list[dict[str, Any]]:
    """Every recorded case."""
    lines = (FOLDER / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def strict() -> list[str]:
    """The cases that are safest to score drift on."""
    found: list[str] = json.loads((FOLDER / "strict_cases.json").read_text(encoding="utf-8"))
    return found


def translate(row: dict[str, Any], which: str) -> tuple[Declared, Resource]:
    """The declared object of a case as a resource, its dependencies declared beside it."""
    texts = [
        yaml.safe_dump(row[which]),
        *([row["dependencies_yaml"]] if row.get("dependencies_yaml") else []),
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "objects.yaml"
        file.write_text("---\n".join(texts), encoding="utf-8")
        location = Location(file, file.name, options={"scope": PROJECT})
        found = ConfigConnector().load(location, Loader({}))
        one = found.objects.found[0]
        resource = found._resource(one)
    assert isinstance(resource, Resource)
    return one, resource.but(attributes=restored(resource.attributes))


def verdict(row: dict[str, Any], which: str, after: str) -> Verdict:
    """The core's verdict on a pair."""
    _, declared = translate(row, which)
    return judged(declared, row[after])


def told(row: dict[str, Any]) -> frozenset[str]:
    """The paths reported of the update before it was applied, beyond what is already said of the state before
    it."""
    before = {one.path for one in verdict(row, "declared_create", "live_after_create").changes}
    after = verdict(row, "declared_update", "live_after_create").changes
    return frozenset(one.path for one in after) - before


def wanted(row: dict[str, Any]) -> frozenset[str]:
    """The paths that the update changes, translated: those in which the two translations differ."""
    _, after = translate(row, "declared_update")
    _, before = translate(row, "declared_create")
    return frozenset(one.path for one in judged(after, before.attributes).changes)


def judged(declared: Resource, body: Mapping[str, Any]) -> Verdict:
    """The verdict of a run that reads ``body`` for what is declared."""
    facts = provider.facts(declared.type)
    assert facts is not None
    live = declared.but(attributes=unmasked(declared.attributes, restored(body)), origin=None)
    context = Context("gcp", declared.scope, None, declared.type, CONTEXT)
    said, found = REDACTOR.resource(declared, facts.root), REDACTOR.resource(live, facts.root)
    exact = provider.hooks.facts(facts, context)
    accept = provider.hooks.undeclared(said, found, exact, context)
    grave = partial(GRAVES.fit, said, found)
    return compare(said, found, exact, context, REDACTOR, accept=accept, grave=grave)


def restored(value: Any) -> Any:
    """A recorded value with the recorder's projects by their one name, without the label of its tests."""
    if isinstance(value, Mapping):
        return {
            key: restored(one)
            for key, one in value.items()
            if not (key == _TEST_LABEL and one in ("true", True))
        }
    if isinstance(value, list):
        return [restored(one) for one in value]
    return _PROJECTS.sub(PROJECT, value).replace(_CUT, "") if isinstance(value, str) else value


def unmasked(declared: Any, live: Any) -> Any:
    """The live value with the names and times that the recorder masked as they are declared; all other parts
    must agree."""
    if isinstance(declared, dict) and isinstance(live, dict):
        return {key: unmasked(declared.get(key), one) for key, one in live.items()}
    if isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        return [unmasked(want, have) for want, have in zip(declared, live, strict=True)]
    if isinstance(live, str) and _TIME.fullmatch(live) and isinstance(declared, (str, int)):
        return declared
    if isinstance(declared, str) and isinstance(live, str) and ("${" in live or "${" in declared):
        return _filled(declared, live)
    return live


def _filled(declared: str, live: str) -> str:
    """A live link whose masked last parts are what the declared one has there, if that says as much."""
    want, have = declared.split("/"), live.split("/")
    for at in range(1, min(len(want), len(have)) + 1):
        if _MASK.fullmatch(have[-at]) or (_MASK.fullmatch(want[-at]) and have[-at].isdigit()):
            have[-at] = want[-at]
        elif have[-at] == _NUMBER and have[-at - 1 : len(have) - at] == ["projects"]:
            have[-at] = _NUMBER if want[-at] == PROJECT else want[-at]  # whichever project's number it was
        elif want[-at] != have[-at]:
            return live
    return "/".join(have)
