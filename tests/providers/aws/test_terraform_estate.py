"""A real `terraform apply` on a loopback AWS: the untouched estate is silent, each change gives exactly its
finding."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from drift.config.model import parse
from drift.dialect import Foreign
from drift.report.exit_code import exit_code
from drift.scan import Run
from providers.aws import AwsProvider
from providers.aws.loopback import ACCOUNT, environment
from tests import forked_aws
from tests.conftest import client
from tests.providers.aws import estate
from tests.providers.aws.estate.mutation import Mutation
from tests.providers.aws.terraform import ESTATE, Terraform, find

found = find()
pytestmark = [
    pytest.mark.terraform,
    pytest.mark.long,
    pytest.mark.skipif(isinstance(found, str), reason=f"real Terraform: {found}"),
]

MUTATIONS: list[Mutation] = [
    mutation
    for module in pkgutil.iter_modules(estate.__path__)
    if module.name.startswith("mutations_")
    for mutation in importlib.import_module(f"{estate.__name__}.{module.name}").MUTATIONS
]


#: Where the state lies without its configuration.
ALONE = "alone/terraform.tfstate"
#: What other types are compared with is learnt from these (``providers.aws.live``).
LEARNT = ("AWS::KMS::Alias", "AWS::Route53::HostedZone")
#: What opens or grants and only the state says: type, name and paths of each finding.
OPEN = [("AWS::EC2::SecurityGroup", "ec2-web", ["/SecurityGroupIngress"])]
#: What of the estate nothing of its state is compared with.
PASSED_OVER = ["aws_account_alternate_contact", "aws_secretsmanager_secret_version"]
#: type → id of a finding → its changes as JSON.
Told = dict[str, dict[str, frozenset[bytes]]]


#: What a plan says of resources: those that drifted, and those that an apply would change.
Planned = dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Applied:
    url: str
    folder: Path
    env: dict[str, str]

    def client(self, service: str) -> Any:
        return client(self.url, service)

    def scan(self, *types: str, state: str = ALONE) -> dict[str, Any]:
        """The report, by the state alone or beside its configuration; with types, these only are read, and
        what is learnt live of aliases and zones."""
        include = f", include: [{', '.join((*types, *LEARNT))}]" if types else ""
        text = f"version: 1\ndeclared:\n  - path: {state}\nlive:\n  aws: {{regions: [us-east-1]{include}}}\n"
        return Run(parse(text, "drift.yaml", self.folder, None, {})).scan().report


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    assert isinstance(found, Terraform)
    folder = tmp_path_factory.mktemp("terraform")
    with forked_aws.moto() as url:
        env = environment(url)
        before = dict(os.environ)
        os.environ.update(env)
        try:
            state = found.apply(folder, env, sorted(ESTATE.glob("*.tf")))
            (folder / ALONE).parent.mkdir()
            shutil.copy(state, folder / ALONE)
            yield Applied(url, folder, env)
        finally:
            os.environ.clear()
            os.environ.update(before)


@pytest.fixture(scope="module")
def untouched(applied: Applied) -> dict[str, Any]:
    return applied.scan()


@pytest.fixture(scope="module")
def untouched_plan(applied: Applied, untouched: dict[str, Any]) -> Planned:
    """What Terraform says of the estate as it was read for ``untouched``, too."""
    assert opened(untouched) == OPEN
    return plan(applied)


@dataclass(slots=True)
class Mutated:
    """The estate after all mutations: what the rounds found, what was wrong with it, and a whole scan."""

    told: Told
    wrong: list[str]
    report: dict[str, Any]


@pytest.fixture(scope="module")
def mutated(applied: Applied, untouched: dict[str, Any], untouched_plan: Planned) -> Mutated:
    """Changes each type once a round."""
    assert opened(untouched) == OPEN
    told = by_type(untouched)
    wrong = [line for mutations in rounds(MUTATIONS) for line in play(mutations, applied, told)]
    return Mutated(told, wrong, applied.scan())


def test_the_estate_is_of_size(applied: Applied) -> None:
    state = orjson.loads((applied.folder / "terraform.tfstate").read_bytes())
    instances = [i for r in state["resources"] if r["mode"] == "managed" for i in r["instances"]]
    assert len(instances) >= 60


def test_untouched_is_silent(untouched: dict[str, Any]) -> None:
    """But for what opens or grants: a refresh may have written it into the state, which alone proves no
    intent. Each value of it is one that nobody is known to declare."""
    assert opened(untouched) == OPEN, [summary(finding) for finding in untouched["findings"]]
    assert not any("declared" in change for one in untouched["findings"] for change in one["changes"])
    assert untouched["problems"] == []


def test_untouched_is_fully_read(untouched: dict[str, Any]) -> None:
    """All but the one type that the estate holds to show what an unsupported one looks like, and the
    inventory of all types, which the loopback AWS has not."""
    rows = [(row["type"], row["status"]) for row in untouched["coverage"] if row["status"] != "checked"]
    assert rows == [("inventory", "skipped"), ("aws_account_alternate_contact", "unsupported")]
    assert untouched["run"]["exit_code"] == 2
    assert exit_code(untouched, "any", forgive_drift=True) == 3


def test_untouched_is_judged(untouched: dict[str, Any]) -> None:
    """Nothing else declared is passed over as a whole: what can't be verified is single paths, and those that
    only the state says, which are named once a resource."""
    whole = [one for one in untouched["unverifiable"] if one["path"] == ""]
    remembered = [one for one in whole if one["reason"].startswith("only the state says /")]
    assert [one["type"] for one in whole if one not in remembered] == PASSED_OVER
    named = [(one["type"], one["resource_id"]) for one in remembered]
    assert 0 < len(named) == len(set(named))


def test_beside_its_configuration_is_told_what_terraform_would_change(
    applied: Applied, untouched_plan: Planned
) -> None:
    """The loopback AWS forgets some of what it is told. Of all else configuration and live side agree: what
    opens or grants is declared there, and nothing rests on the state's word alone."""
    told = applied.scan(state="terraform.tfstate")
    assert told["problems"] == []
    assert [one for one in opened(told) if one in OPEN] == []
    assert [one["type"] for one in told["unverifiable"] if one["path"] == ""] == PASSED_OVER
    changes = [one for one in untouched_plan["resource_changes"] if one["change"]["actions"] == ["update"]]
    changing = {found for one in changes for found in resources(one)}
    for finding in told["findings"]:
        names = {(finding["type"], str(finding[name])) for name in ("resource_id", "name")}
        assert names & changing, summary(finding)
    assert 0 < len(told["findings"]) < 12


def test_each_mutation_gives_exactly_its_finding(mutated: Mutated) -> None:
    """Of the findings of each type that a round changed exactly one is new or has new paths, exactly
    those."""
    assert mutated.wrong == []


def test_no_mutation_gives_a_finding_elsewhere(mutated: Mutated) -> None:
    """A scan of all types finds what the rounds found of theirs, and nothing else."""
    assert [
        summary(finding) for finding in mutated.report["findings"] if finding["type"] not in mutated.told
    ] == []
    assert by_type(mutated.report) == {type_: told for type_, told in mutated.told.items() if told}


def test_whatever_terraform_sees_is_found(
    applied: Applied, untouched_plan: Planned, mutated: Mutated
) -> None:
    """After the mutations, each resource that a plan calls drifted is in a finding of ours.

    What the same plan said of the untouched estate does not count: null turned into empty, what separate
    resources added after a state was written, what the loopback AWS does not give back as it was told.
    """
    found_ids = {
        (finding["type"], name)
        for finding in mutated.report["findings"]
        for name in (finding["resource_id"], finding["name"])
    }
    before = {drift["address"]: changed(drift) for drift in untouched_plan["resource_drift"]}
    theirs = [
        drift
        for drift in plan(applied, "-refresh-only")["resource_drift"]
        if changed(drift) - before.get(drift["address"], set())
    ]
    assert len(theirs) >= 50
    assert [drift["address"] for drift in theirs if not resources(drift) & found_ids] == []


def play(mutations: list[Mutation], applied: Applied, told: Told) -> Iterator[str]:
    """Makes the changes, reads their types again, and yields what is wrong with the findings that are new
    since ``told``, which then tells of these types what is found now."""
    for mutation in mutations:
        mutation.apply(applied.client)
    expected = {mutation.type: mutation for mutation in mutations}
    report = applied.scan(*expected)
    now = by_type(report)
    for finding in report["findings"]:
        before = told.get(finding["type"], {})
        fresh = [
            orjson.loads(one)
            for one in now[finding["type"]][finding["id"]] - before.get(finding["id"], frozenset())
        ]
        if not fresh and finding["id"] in before:
            continue
        shown = summary({**finding, "changes": fresh})
        made = expected.pop(finding["type"], None)
        if made is None or finding["kind"] != made.kind or not names(finding, made.resource):
            yield f"unexpected: {shown}"
        elif finding["kind"] == "changed" and {change["path"] for change in fresh} != set(made.paths):
            yield f"{made.name}: expected {sorted(made.paths)}: {shown}"
    yield from (f"{mutation.name}: no finding for {mutation.type}" for mutation in expected.values())
    told.update({mutation.type: now.get(mutation.type, {}) for mutation in mutations})


def opened(report: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """What a report finds, as ``OPEN`` writes it."""
    return sorted(
        (one["type"], one["name"] or one["resource_id"], [change["path"] for change in one["changes"]])
        for one in report["findings"]
    )


def by_type(report: dict[str, Any]) -> Told:
    """What a report finds."""
    told: Told = {}
    for finding in report["findings"]:
        changes = frozenset(orjson.dumps(change) for change in finding["changes"])
        told.setdefault(finding["type"], {})[finding["id"]] = changes
    return told


def plan(applied: Applied, *options: str) -> Planned:
    """What ``terraform plan`` says drifted, and what an apply would do."""
    assert isinstance(found, Terraform)
    found.run(applied.folder, applied.env, "plan", *options, "-no-color", "-input=false", "-out=plan.bin")
    told = orjson.loads(found.run(applied.folder, applied.env, "show", "-json", "plan.bin"))
    return {
        part: [one for one in told.get(part, ()) if one["mode"] == "managed"]
        for part in ("resource_drift", "resource_changes")
    }


def changed(drift: dict[str, Any]) -> set[str]:
    """The attributes that differ in more than null and empty."""
    before, after = drift["change"]["before"] or {}, drift["change"]["after"] or {}
    return {name for name in {*before, *after} if (before.get(name) or None) != (after.get(name) or None)}


def resources(drift: dict[str, Any]) -> set[tuple[str, str]]:
    """(type, id or name) of the resources that a Terraform resource is a declaration, or a part, of."""
    provider = AwsProvider()
    foreign = Foreign(drift["type"], drift["address"], drift["change"]["before"], ACCOUNT, "us-east-1")
    told = set()
    for one in provider.terraform.translate(foreign) or ():
        told |= {(one.type, str(name)) for name in (provider.canonical_id(one), one.id, one.name) if name}
    return told


def rounds(mutations: list[Mutation]) -> Iterator[list[Mutation]]:
    """The mutations in as few rounds as leave each type one a round, each type's in their order."""
    left = list(mutations)
    while left:
        chosen: dict[str, Mutation] = {}
        for mutation in left:
            chosen.setdefault(mutation.type, mutation)
        yield list(chosen.values())
        taken = {id(mutation) for mutation in chosen.values()}
        left = [mutation for mutation in left if id(mutation) not in taken]


def names(finding: dict[str, Any], resource: str) -> bool:
    return resource in finding["resource_id"] or resource in (finding["name"] or "")


def summary(finding: dict[str, Any]) -> str:
    changes = "; ".join(
        f"{c['path']}: {c.get('declared', '-')} -> {c.get('live', '-')}" for c in finding["changes"]
    )
    return f"{finding['kind']} {finding['type']} {finding['name'] or finding['resource_id']}: {changes}"[
        :1500
    ]
