"""Own pairs of azurerm's state and ARM's answer: silent, and a live change of anything declared is found
where it stands."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drift.compare.verdict import Verdict, compare
from drift.declared.terraform.unmapped import Unmapped
from drift.dialect import Foreign
from drift.kinds.base import Context
from drift.model import Resource, Sensitive, Unresolved
from drift.redaction.redact import Redactor
from providers.azure import AzureProvider
from providers.azure.terraform import AzureTerraform
from tests.comparing import told
from tests.reading import read_yaml

GROUP = "/subscriptions/0A1B2C3D-0000-4000-8000-000000000000/resourceGroups/rg/providers"
PROVIDER = AzureProvider()
REDACTOR = Redactor("a key for tests")


def filled(value: Any) -> Any:
    """The pair with ``@`` as the group's id."""
    if isinstance(value, dict):
        return {filled(key): filled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one) for one in value]
    return value.replace("@/M", f"{GROUP}/M") if isinstance(value, str) else value


PAIRS = [
    filled(pair)
    for file in sorted((Path(__file__).parent / "terraform_pairs").glob("*.yaml"))
    for pair in read_yaml(file)
]


def declared(pair: dict[str, Any]) -> Resource:
    """What the pair's state declares of the resource itself."""
    made = AzureTerraform().translate(Foreign(pair["terraform"], "a.b", pair["attributes"]))
    assert made
    return made[0]


def judged(mine: Resource, body: dict[str, Any]) -> Verdict:
    """The verdict as a scan comes to it."""
    facts = PROVIDER.facts(mine.type)
    assert facts is not None
    context = Context("azure", mine.scope, None, mine.type)
    live = Resource("azure", mine.scope, mine.type, mine.id, copy.deepcopy(body))
    return compare(
        REDACTOR.resource(mine, facts.root),
        REDACTOR.resource(live, facts.root),
        facts,
        context,
        REDACTOR,
        accept=PROVIDER.hooks.undeclared(mine, live, facts, context),
    )


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["terraform"])
def test_what_is_in_sync_is_silent(pair: dict[str, Any]) -> None:
    verdict = judged(declared(pair), pair["live"])
    assert told(verdict) == {}
    assert sorted(path for path, _ in verdict.unverifiable) == sorted(pair.get("unverifiable", []))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["terraform"])
def test_a_change_of_anything_declared_is_found_where_it_stands(pair: dict[str, Any]) -> None:
    mine = declared(pair)
    missed = []
    facts = PROVIDER.facts(mine.type)
    assert facts is not None
    for steps, shown in leaves(mine.attributes, pair["live"]):
        if facts.root.find(shown).read_only:  # a child has its parent's location
            continue
        body = copy.deepcopy(pair["live"])
        changed(body, steps)
        found = told(judged(mine, body))
        if not any(_covers(path, shown) for path in found):
            missed.append((shown, sorted(found)))
    assert missed == []


Steps = tuple[Any, ...]


def leaves(said: Any, live: Any, steps: Steps = (), shown: str = "") -> Iterator[tuple[Steps, str]]:
    """The steps into the live body, and the canonical path, of each plain value that both have."""
    if isinstance(said, (Unresolved, Sensitive)) or live is None:
        return
    if isinstance(said, dict) and isinstance(live, dict):
        for name, one in said.items():
            if name in live and not (
                name in ("name", "lun", "service") and steps and isinstance(steps[-1], int)
            ):
                yield from leaves(one, live[name], (*steps, name), f"{shown}/{name.replace('/', '~1')}")
    elif isinstance(said, list) and isinstance(live, list):
        for at, one in enumerate(said):
            other = _same(one, at, live)
            if other is not None:
                yield from leaves(one, live[other], (*steps, other), f"{shown}/*")
    elif not isinstance(said, (dict, list)):
        yield steps, shown


def _same(member: Any, at: int, live: list[Any]) -> int | None:
    """The place in the live list of the member with the same name, id or value."""
    if isinstance(member, dict):
        for key in ("name", "id", "objectId", "locationName", "lun", "service", "category", "ruleSetType"):
            if key in member:
                return next(
                    (
                        n
                        for n, one in enumerate(live)
                        if str(one.get(key)).lower() == str(member[key]).lower()
                    ),
                    None,
                )
        whole = [n for n, one in enumerate(live) if one == member]
        return whole[0] if whole else at if at < len(live) else None
    return live.index(member) if member in live else at if at < len(live) else None


def changed(body: Any, steps: Steps) -> None:
    """Another value of the same kind at ``steps``."""
    for step in steps[:-1]:
        body = body[step]
    value = body[steps[-1]]
    if isinstance(value, bool):
        body[steps[-1]] = not value
    elif isinstance(value, (int, float)):
        body[steps[-1]] = value + 1
    elif str(value).lower() in ("enabled", "disabled", "true", "false"):
        other = {"enabled": "Disabled", "disabled": "Enabled", "true": "false", "false": "true"}
        body[steps[-1]] = other[str(value).lower()]
    elif str(value)[:1].isdigit():
        body[steps[-1]] = f"{(int(str(value)[0]) + 1) % 10}{str(value)[1:]}"
    else:
        body[steps[-1]] = f"{value}x"


def _covers(path: str, shown: str) -> bool:
    """Whether a finding stands at the path, or at the list, or its member, that the path leads into.

    A rule's one address is compared in the field for several.
    """
    mine, theirs = path.strip("/").split("/"), shown.strip("/").split("/")
    if len(mine) > len(theirs):
        mine = mine[: len(theirs)]
    same = all(
        one in (two, f"{two}s", f"{two}es") or two == "*" for one, two in zip(mine, theirs, strict=False)
    )
    return same and (len(mine) == len(theirs) or "*" in theirs[len(mine) - 1 : len(mine) + 1])


#: What these pairs declare and no translation says, by type.
LEFT_OUT = {
    # A pair has an attribute under its old and its new name: either alone would change nothing.
    "azurerm_kubernetes_cluster": {
        "/api_server_access_profile/authorized_ip_ranges",
        "/default_node_pool/auto_scaling_enabled",
    },
    "azurerm_kubernetes_cluster_node_pool": {"/auto_scaling_enabled"},
    # Not translated: the answer holds them in a body of their own.
    "azurerm_linux_web_app": {
        "/connection_string/name",
        "/connection_string/type",
        "/connection_string/value",
    },
}


def test_what_is_compared_is_not_said_to_be_left_out() -> None:
    unmapped, dialect = Unmapped(), AzureTerraform()
    found: dict[str, set[str]] = {}
    for pair in PAIRS:
        foreign = Foreign(pair["terraform"], "a.b", pair["attributes"])
        for name, _ in unmapped.reasons(dialect, foreign, dialect.translate(foreign) or []):
            found.setdefault(foreign.type, set()).add(name)
    assert found == LEFT_OUT
