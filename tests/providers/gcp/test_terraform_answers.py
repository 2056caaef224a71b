"""The maps of google's types on bodies that Google answered: the state that Terraform would have of one is
silent, and a live change of any value that it declares is the one finding, where it stands.

The state is made from the body by reading the map backwards (:mod:`tests.providers.gcp.inverted`).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from drift.dialect import Foreign
from drift.model import Sensitive, Unresolved
from providers.gcp import terraform_names
from providers.gcp.provider import provider
from providers.gcp.terraform import _SCHEMAS, GcpTerraform, _guessed, entries
from providers.gcp.terraform_entries import Entry
from tests import shared
from tests.comparing import told
from tests.providers.gcp.config_connector import recorded
from tests.providers.gcp.inverted import Unfit, attributes, snake

FIRST, SECOND = "recordings/gcp-config-connector", "recordings/gcp-config-connector-second"
pytestmark = shared.needs(FIRST, SECOND)
DIALECT = GcpTerraform()


@cache
def answers() -> Mapping[str, list[tuple[str, str, Any]]]:
    """Cloud Asset's type → (case, full name, body) of each answer."""
    found: dict[str, list[tuple[str, str, Any]]] = {}
    for folder in (FIRST, SECOND):
        for line in (shared.path(folder) / "pairs.jsonl").read_text().splitlines():
            row = json.loads(line)
            for which, after in recorded.PAIRS:
                if row.get(which) and row.get(after):
                    _, one = recorded.translate(row, which)
                    body = recorded.restored(row[after])
                    if body.get("id") == "0" * 21:  # as the recorder masks it
                        body["id"] = (one.id or "").rpartition("/")[2]
                    found.setdefault(one.type, []).append((f"{row['case']} {after}", one.id or "", body))
    return found


def guessed(type: str) -> Iterator[tuple[str, Entry]]:
    """The Terraform types without a map that a type of Cloud Asset's is called by, as a state's id tells."""
    host, _, kind = type.partition("/")
    for name in sorted(_SCHEMAS.types() - entries().keys()):
        words = name.removeprefix("google_")
        if name.endswith(f"_{snake(kind)}") and terraform_names.host_of(words) == host:
            for _, full, _ in answers()[type]:
                entry = _guessed(Foreign(name, "a.b", {"id": full.removeprefix("//").partition("/")[2]}))
                if entry is not None and entry.type == type:
                    yield name, entry
                    break


def cases() -> Iterator[tuple[str, Entry, str]]:
    """(Terraform type, its entry, Cloud Asset's type) of each one that has recordings."""
    if not shared.path(FIRST).exists():
        return
    for type in sorted(answers()):
        own = [(name, one) for name, one in entries().items() if one.type == type and "/" not in name]
        yield from ((name, one, type) for name, one in own or guessed(type))


CASES = list(cases())
#: What stands in recorded bodies and no argument of the schemas that we know says: type → beginnings of
#: paths.
NOT_TERRAFORM = {
    # newer than the provider's schemas
    "google_alloydb_instance": ("/observabilityConfig/trackClientAddress", "/connectionPoolConfig"),
    "google_bigquery_analytics_hub_listing": ("/bigqueryDataset/restrictedExportPolicy",),
    "google_backup_dr_backup_plan": ("/labels/",),
    "google_container_node_pool": (
        "/config/containerdConfig/registryHosts",
        "/config/containerdConfig/writableCgroups",
        "/config/linuxNodeConfig/swapConfig",
    ),
    "google_dataform_repository": ("/setAuthenticatedUserAdmin",),
    "google_gke_hub_fleet": ("/labels/",),
    "google_network_security_firewall_endpoint": ("/endpointSettings",),
    # a state says each index of a field by arguments that have no place of their own in the API
    "google_firestore_field": ("/indexConfig/indexes/",),
    # policies of the API's second version, which have conditions, parameters and dry runs
    "google_project_organization_policy": ("/dryRunSpec", "/spec/rules/"),
}


#: Types of which no recorded body has anything that a state declares and that may change: they have names
#: alone, or what was recorded is of a neighbouring type.
BARE = frozenset(
    {
        "google_apigee_envgroup",
        "google_apphub_service_project_attachment",
        "google_backup_dr_management_server",
        "google_compute_disk",
        "google_compute_region_target_http_proxy",
        "google_compute_region_url_map",
        "google_dataflow_flex_template_job",
        "google_dataflow_job",
        "google_dns_policy",
        "google_eventarc_channel",
        "google_firestore_field",
        "google_project_service",
        "google_secure_source_manager_repository",
    }
)


def leaves(said: Any, live: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The steps into the live body of each plain value that both sides have alike."""
    if isinstance(said, (Unresolved, Sensitive)):
        return
    if isinstance(said, dict) and isinstance(live, dict):
        for key in (said.keys() & live.keys()) - {"managed-by-cnrm"}:  # Config Connector's own label
            yield from leaves(said[key], live[key], (*steps, key))
    elif isinstance(said, list) and isinstance(live, list) and len(said) == len(live):
        for at, one in enumerate(said):
            yield from leaves(one, live[at], (*steps, at))
    elif type(said) is type(live) and said == live and said and not _masked(said):
        yield steps


def _masked(value: Any) -> bool:
    return isinstance(value, str) and ("$" in value or value.endswith("_UNSPECIFIED"))


def changed(body: Any, steps: tuple[Any, ...]) -> Any:
    """The body with another value of the same kind at ``steps``."""
    found = at = copy.deepcopy(body)
    for step in steps[:-1]:
        at = at[step]
    value = at[steps[-1]]
    if isinstance(value, bool):
        at[steps[-1]] = not value
    elif isinstance(value, (int, float)):
        at[steps[-1]] = value + 1
    else:
        at[steps[-1]] = f"{int(value[0]) ^ 1}{value[1:]}" if value[:1].isdigit() else f"{value}x"
    return found


@pytest.mark.parametrize(("name", "entry", "type"), CASES, ids=[name for name, _, _ in CASES])
def test_the_state_of_an_answer_is_silent_and_each_change_of_it_is_one_finding(
    name: str, entry: Entry, type: str
) -> None:
    known, facts = DIALECT.attributes(name), provider.facts(type)
    assert known is not None and facts is not None
    loud: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    seen: set[str] = set()
    for case, full, body in answers()[type]:
        try:
            state = attributes(entry, known, full, body)
        except Unfit:
            continue
        (mine, *_) = DIALECT.translate(Foreign(name, "a.b", state, scope=recorded.PROJECT)) or []
        before = told(recorded.judged(mine, body))
        left = {path for path in before if not path.startswith(NOT_TERRAFORM.get(name, "-"))}
        loud.update({f"{case} {path}": before[path] for path in left})
        for steps in leaves(mine.attributes, body):
            shown = "/".join("*" if isinstance(step, int) else step for step in steps)
            if shown in seen or before or facts.root.find(shown).read_only:
                continue
            seen.add(shown)
            after = list(told(recorded.judged(mine, changed(body, steps))))
            if not _exact(after):
                wrong[shown] = (case, after)
    assert (loud, wrong) == ({}, {})
    assert bool(seen) is (name not in BARE)


def _exact(found: list[str]) -> bool:
    """Whether what is found is the one change: of a member's key it is one that is gone and one that came."""
    return len(found) == 1 or (len(found) == 2 and len({path.rpartition("/")[0] for path in found}) == 1)


def test_how_many_types_are_proven_by_answers() -> None:
    proven = [name for name, _, _ in CASES if name not in BARE]
    mapped = [name for name in proven if name in entries()]
    print(f"{len(mapped)} types with a map, {len(proven) - len(mapped)} without one")
    assert (len(mapped), len(proven) - len(mapped)) == (53, 51)
