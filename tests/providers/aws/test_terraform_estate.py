"""A real `terraform apply` on a loopback AWS: the untouched estate is silent, each change gives exactly its finding."""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import orjson
import pytest

from drift.config import parse
from drift.scan import Run
from providers.aws.loopback import environment, moto
from tests.providers.aws import estate
from tests.providers.aws.estate.mutation import Mutation
from tests.providers.aws.terraform import ESTATE, Terraform, find

found = find()
pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(isinstance(found, str), reason=f"real Terraform: {found}"),
    pytest.mark.xdist_group("terraform-estate"),
]

MUTATIONS: list[Mutation] = [
    mutation
    for module in pkgutil.iter_modules(estate.__path__)
    if module.name.startswith("mutations_")
    for mutation in importlib.import_module(f"{estate.__name__}.{module.name}").MUTATIONS
]


@dataclass(slots=True)
class Applied:
    url: str
    folder: Path
    env: dict[str, str]

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1")

    def scan(self) -> dict[str, Any]:
        text = "version: 1\ndeclared:\n  - path: terraform.tfstate\nlive:\n  aws: {regions: [us-east-1]}\n"
        return Run(parse(text, "drift.yaml", self.folder, None, {})).scan().report


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    assert isinstance(found, Terraform)
    folder = tmp_path_factory.mktemp("terraform")
    with moto() as url:
        env = environment(url)
        before = dict(os.environ)
        os.environ.update(env)
        try:
            found.apply(folder, env, sorted(ESTATE.glob("*.tf")))
            yield Applied(url, folder, env)
        finally:
            os.environ.clear()
            os.environ.update(before)


@pytest.fixture(scope="module")
def untouched(applied: Applied) -> dict[str, Any]:
    return applied.scan()


def test_the_estate_is_of_size(applied: Applied) -> None:
    state = orjson.loads((applied.folder / "terraform.tfstate").read_bytes())
    instances = [i for r in state["resources"] if r["mode"] == "managed" for i in r["instances"]]
    assert len(instances) >= 60


def test_untouched_is_silent(untouched: dict[str, Any]) -> None:
    assert [summary(finding) for finding in untouched["findings"]] == []
    assert untouched["problems"] == []


def test_untouched_is_fully_read(untouched: dict[str, Any]) -> None:
    assert [row for row in untouched["coverage"] if row["status"] != "checked"] == []


def test_untouched_is_judged(untouched: dict[str, Any]) -> None:
    """Nothing declared is passed over as a whole: what can't be verified is single paths."""
    assert [one for one in untouched["unverifiable"] if one["path"] == ""] == []


def test_terraform_agrees_that_nothing_drifted(applied: Applied) -> None:
    assert isinstance(found, Terraform)
    plan = found.run(
        applied.folder, applied.env, "plan", "-refresh-only", "-detailed-exitcode", "-no-color", ok=(0, 2)
    )
    assert "No changes" in plan or "Objects have changed" not in plan


def test_mutations_give_exactly_their_findings(applied: Applied, untouched: dict[str, Any]) -> None:
    """All changes at once: each resource's finding has the union of its changes' paths, and nothing else is found."""
    assert untouched["findings"] == []
    expected: dict[tuple[str, str, str], set[str]] = {}
    for mutation in MUTATIONS:
        mutation.apply(applied.client)
        expected.setdefault((mutation.kind, mutation.type, mutation.resource), set()).update(mutation.paths)
    report = applied.scan()
    unexplained = list(report["findings"])
    wrong: list[str] = []
    for (kind, type_, resource), paths in expected.items():
        matching = [f for f in unexplained if f["kind"] == kind and f["type"] == type_ and names(f, resource)]
        if len(matching) != 1:
            wrong.append(f"{kind} {type_} {resource}: {len(matching)} findings")
            continue
        unexplained.remove(matching[0])
        if kind == "changed" and {change["path"] for change in matching[0]["changes"]} != paths:
            wrong.append(f"{summary(matching[0])}; expected {sorted(paths)}")
    assert wrong == []
    assert [summary(finding) for finding in unexplained] == []


def names(finding: dict[str, Any], resource: str) -> bool:
    return resource in finding["resource_id"] or resource in (finding["name"] or "")


def summary(finding: dict[str, Any]) -> str:
    changes = "; ".join(
        f"{c['path']}: {c.get('declared', '-')} -> {c.get('live', '-')}" for c in finding["changes"]
    )
    return f"{finding['kind']} {finding['type']} {finding['name'] or finding['resource_id']}: {changes}"[
        :1500
    ]
