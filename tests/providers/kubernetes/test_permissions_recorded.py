"""`drift permissions kubernetes` against the requests that a run makes: none is missing, and nothing is
granted that is not asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from drift.provider import Grant
from drift.task import Wanted
from providers.kubernetes.loopback import Loopback, cluster
from providers.kubernetes.permissions import role
from providers.kubernetes.settings import Settings
from tests.providers.kubernetes import helpers

#: What is listed: its group, its plural, and the namespace, or "" over all of them.
Listed = tuple[str, str, str]
NOTHING = Wanted(frozenset())
SHOP = "acme.example/v1/Shop"


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    shop = {
        "apiVersion": "acme.example/v1",
        "kind": "Shop",
        "metadata": {"name": "s", "namespace": "web"},
    }
    with cluster([shop]) as running:
        yield running


def asked(server: Loopback, settings: Settings, wanted: Iterable[str] = ()) -> tuple[set[Listed], set[str]]:
    """What a run lists, and the other paths that it asks."""
    before = len(server.requests)
    helpers.read(settings, wanted)
    listed, other = set(), set()
    for method, path in server.requests[before:]:
        assert method == "GET"
        bare = urlsplit(path).path
        found = re.fullmatch(r"/(?:api|apis/([^/]+))/v[^/]+(?:/namespaces/([^/]+))?/([^/]+)", bare)
        if found is None:
            other.add(bare)
        else:
            listed.add((found[1] or "", found[3], found[2] or ""))
    return listed, other


def granted(server: Loopback, grant: Grant) -> tuple[set[Listed], list[str]]:
    """What the bound roles allow to list of what the cluster serves, and the other paths."""
    documents = list(yaml.safe_load_all(grant.text))
    for one in documents:
        kubernetes_validate.validate(one, "1.34", strict=True)
    roles = {one["metadata"]["name"]: one["rules"] for one in documents if one["kind"] == "ClusterRole"}
    found: set[Listed] = set()
    paths: list[str] = []
    for bound in documents:
        if bound["kind"] == "ClusterRole":
            continue
        place = bound["metadata"].get("namespace", "")
        for rule in roles[bound["roleRef"]["name"]]:
            paths += rule.get("nonResourceURLs", ())
            assert rule["verbs"] == (["get"] if "nonResourceURLs" in rule else ["list"])
            for kind in server.store.kinds:
                if place and not kind.namespaced:
                    continue
                if _names(rule, "apiGroups", kind.group) and _names(rule, "resources", kind.plural):
                    found.add((kind.group, kind.plural, place))
    return found, paths


def _names(rule: dict[str, Any], part: str, name: str) -> bool:
    return bool({name, "*"} & {*rule.get(part, ())})


NAMED = [
    {},
    {"exclude_kinds": ["Secret"]},
    {"kinds": ["apps/*", "Service", "acme.example/*"]},
    {"namespaces": ["web", "shop"]},
    {"namespaces": ["web", "shop"], "exclude_namespaces": ["shop"], "kinds": ["ConfigMap", "Node"]},
    {"namespaces": ["web*"], "kinds": ["Namespace", "batch/*"]},
]


@pytest.mark.parametrize("said", NAMED)
def test_what_is_listed_is_granted_and_nothing_else(server: Loopback, said: dict[str, Any]) -> None:
    settings = helpers.of(server.kubeconfig, **said)
    wanted = Wanted(frozenset({SHOP}))
    listed, other = asked(server, settings, wanted.types)
    allowed, paths = granted(server, role(settings, wanted).forms["named"])
    assert allowed == listed
    assert len(listed) > 1
    assert [one for one in other if not any(fnmatchcase(one, glob) for glob in paths)] == []


def test_all_that_a_cluster_serves_is_one_rule_that_has_events_besides(server: Loopback) -> None:
    settings = helpers.of(server.kubeconfig)
    listed, _ = asked(server, settings)
    allowed, _ = granted(server, role(settings, NOTHING))
    assert allowed - listed == {("", "events", ""), ("events.k8s.io", "events", "")}
    assert listed <= allowed


def test_only_narrows_it() -> None:
    wanted = Wanted(frozenset(), selects=lambda type_: type_.startswith("autoscaling/"))
    (rule, _) = next(yaml.safe_load_all(role(Settings(), wanted).text))["rules"]
    assert (rule["apiGroups"], rule["resources"]) == (["autoscaling"], ["*"])


def test_secrets_are_a_rule_of_their_own() -> None:
    rules = next(yaml.safe_load_all(role(Settings(), NOTHING).forms["named"].text))["rules"]
    assert {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]} in rules
    assert sum("secrets" in rule.get("resources", ()) for rule in rules) == 1
