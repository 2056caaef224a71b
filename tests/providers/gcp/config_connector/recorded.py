"""The recorded pairs, judged by the real core: what a run would report of declared fields.

The recorder asked for numbers instead of the names of enumerations and put placeholders for what changes from run to run;
both are undone here, since no snapshot has them.
"""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.compare import Verdict, compare
from drift.facts import TypeFacts
from drift.kinds.base import Context
from drift.model import Resource
from drift.redact import Redactor
from drift.source import Loader, Location
from providers.gcp.config_connector import ConfigConnector, compile_index
from providers.gcp.config_connector.objects import Declared
from providers.gcp.facts import facts_of

FOLDER = Path(__file__).parents[5] / "shared" / "recordings" / "gcp-config-connector"
PAIRS = (("declared_create", "live_after_create"), ("declared_update", "live_after_update"))
REDACTOR = Redactor("a key for tests")
PROJECT = "${projectId}"
_LINK = re.compile(r"^https?://[a-z0-9.-]*googleapis\.com/(?:[a-z]+/)?v\w+/")
_TIME = re.compile(r"^2024-\d\d-01T12:34:56\.123456Z$")
#: The recorder's names of the project that its answers call ``${projectId}``.
_PROJECTS = re.compile(
    r"\$\{(?:projectNumber|HIGH_CPU_QUOTA_TEST_PROJECT|KCC_ALLOYDB_TEST_PROJECT(?:_NUMBER)?)\}"
)
_MASK = re.compile(r"^\$\{(?!projectId|uniqueId)\w+\}$")
#: Enumerations whose numbers are not the order of their names in the discovery documents
#: (google/api/launch_stage.proto, google/monitoring/v3/common.proto, google/cloud/bigquery/reservation/v1), or that are in no
#: discovery document (cloudsecuritycompliance, storageinsights).
_NUMBERS: tuple[dict[str, int], ...] = (
    {"ALPHA": 2, "BETA": 3, "GA": 4},
    {"ALIGN_MEAN": 12, "ALIGN_RATE": 2, "ALIGN_COUNT_FALSE": 24, "ALIGN_SUM": 14},
    {"FLEX": 3, "MONTHLY": 2, "ANNUAL": 4, "TRIAL": 5, "FLEX_FLAT_RATE": 7, "ANNUAL_FLAT_RATE": 9},
)
_UNNAMED = {"HIGH": 2, "MEDIUM": 3, "DATAPROC_METASTORE": 3, "IDENTITY_TYPE_PER_CONFIG": 1}


def rows() -> list[dict[str, Any]]:
    """Every recorded case."""
    path = FOLDER / "pairs.jsonl"
    if not path.exists():
        pytest.skip("the recording gcp-config-connector is not beside the repository")
    pytest.importorskip("googleapiclient", reason="the numbers of enumerations need the discovery documents")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


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
        resource = found.resource(one)
    assert isinstance(resource, Resource)
    return one, resource


def verdict(row: dict[str, Any], which: str, after: str, *, unsaid: str = "ignore") -> Verdict:
    """The core's verdict on a pair; ``unsaid``: what becomes of live values that nobody declares."""
    one, declared = translate(row, which)
    declared = declared.but(attributes=_named(declared.attributes, one.means.host, {"r": one.means.schema}))
    live = _unmasked(declared.attributes, _named(row[after], one.means.host, {"r": one.means.schema}))
    return _verdict(declared, live, unsaid, _facts(declared, one.means.schema))


def told(row: dict[str, Any]) -> frozenset[str]:
    """The paths reported of the update before it was applied, beyond what is already said of the state before it."""
    before = {
        one.path for one in verdict(row, "declared_create", "live_after_create", unsaid="report").changes
    }
    after = verdict(row, "declared_update", "live_after_create", unsaid="report").changes
    return frozenset(one.path for one in after) - before


def wanted(row: dict[str, Any]) -> frozenset[str]:
    """The paths that the update changes, translated: those in which the two translations differ."""
    one, after = translate(row, "declared_update")
    _, before = translate(row, "declared_create")
    node, host = {"r": one.means.schema}, one.means.host
    declared = after.but(attributes=_named(after.attributes, host, node))
    found = _verdict(
        declared, _named(before.attributes, host, node), "report", _facts(declared, one.means.schema)
    )
    return frozenset(one.path for one in found.changes)


def _facts(declared: Resource, name: str) -> TypeFacts:
    """What the API's schema says of the declared type."""
    found = facts_of(declared.type, name or None)
    assert found is not None
    return found


def _verdict(declared: Resource, live: dict[str, Any], unsaid: str, facts: TypeFacts) -> Verdict:
    said = REDACTOR.resource(declared.but(attributes=_filled(declared.attributes)), facts.root)
    found = REDACTOR.resource(declared.but(attributes=_filled(live), origin=None), facts.root)
    context = Context("gcp", PROJECT, None, declared.type, {"projects": {"${projectNumber}": PROJECT}})
    return compare(said, found, facts, context, REDACTOR, policy=lambda _type, _path: unsaid)


def _filled(value: Any) -> Any:
    """A value without members that are false, zero or empty, which Google leaves out of its answers."""
    if isinstance(value, dict):
        kept = {key: _filled(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in (None, False, 0, "", [], {})}
    return [_filled(one) for one in value] if isinstance(value, list) else value


@cache
def _index() -> dict[str, Any]:
    return compile_index.compile_index(enums=True)


def _named(value: Any, host: str, node: dict[str, Any] | None) -> Any:
    """A recorded value with enumerations by name, links without their host, numbers in texts as numbers."""
    node = node or {}
    if isinstance(value, dict):
        known = node.get("p") or _index().get(host, {}).get("schemas", {}).get(node.get("r"), {})
        return {key: _named(one, host, known.get(key, node.get("m"))) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, host, node.get("i")) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and "e" in node:
        numbers = next((one for one in _NUMBERS if one.keys() <= set(node["e"])), {})
        named = [one for one, number in numbers.items() if number == value]
        return named[0] if named else node["e"][value] if 0 <= value < len(node["e"]) else value
    if isinstance(value, str):
        value = _LINK.sub("", _PROJECTS.sub(PROJECT, value))
        return int(value) if re.fullmatch(r"-?\d{1,15}", value) else value
    return value


def _unmasked(declared: Any, live: Any) -> Any:
    """The live value with the parts of links that the recorder masked as they are declared; all other parts must agree."""
    if isinstance(declared, dict) and isinstance(live, dict):
        return {key: _unmasked(declared.get(key), one) for key, one in live.items()}
    if isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        return [_unmasked(want, have) for want, have in zip(declared, live, strict=True)]
    if isinstance(declared, str) and isinstance(live, int) and _UNNAMED.get(declared) == live:
        return declared
    if isinstance(declared, int) and isinstance(live, str) and _TIME.match(live):
        return declared  # a number of milliseconds, for which the recorder wrote a time of its own
    if isinstance(declared, str) and isinstance(live, str) and "${" in live:
        want, have = declared.split("/"), live.split("/")
        if len(want) == len(have) and all(a == b or _MASK.match(b) for a, b in zip(want, have, strict=True)):
            return declared
    return live
