"""Expressions give what Terraform gives: ``expressions.json`` holds each with the value of Terraform 1.11,
which is asked again where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from drift.declared.terraform.configuration import expressions
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.instance import ModuleInstance
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.values import Failure, settled
from drift.declared.terraform.configuration.variables import Variables
from drift.model import Unresolved

HERE = Path(__file__).parent
SAID: list[tuple[str, Any]] = json.loads((HERE / "expressions.json").read_text())
TIMEOUT_SECONDS = 120


def tree(folder: Path, text: str, **files: str) -> Tree:
    for name, content in {"main.tf": text, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return Tree(Folders(folder, "infra"), Variables())


def outputs() -> str:
    return (HERE / "expressions.tf").read_text() + "".join(
        f'output "o{number}" {{\n  value = {text}\n}}\n' for number, (text, _) in enumerate(SAID)
    )


def test_each_has_the_value_of_terraform(tmp_path: Path) -> None:
    root = tree(tmp_path, outputs()).root
    assert root.module.faults == []
    wrong = []
    for number, (text, value) in enumerate(SAID):
        made = settled(root.output(f"o{number}"))
        if json.dumps(made, sort_keys=True, default=repr) != json.dumps(value, sort_keys=True):
            wrong.append((text, made, value))
    assert wrong == []


def test_terraform_still_says_so(tmp_path: Path) -> None:
    binary = shutil.which("terraform") or shutil.which("tofu")
    if binary is None:
        pytest.skip("no terraform or tofu binary on PATH")
    (tmp_path / "main.tf").write_text(outputs())

    def run(*arguments: str) -> str:
        command = [binary, f"-chdir={tmp_path}", *arguments]
        env = {"PATH": "", "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"}
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    run("init", "-no-color", "-input=false")
    run("plan", "-no-color", "-input=false", "-out=plan.bin")
    told = json.loads(run("show", "-json", "plan.bin"))["planned_values"]["outputs"]
    assert [(text, told[f"o{number}"].get("value")) for number, (text, _) in enumerate(SAID)] == [
        (text, value) for text, value in SAID
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("var.none", "has no value here"),
        ("aws_vpc.v.id", "known once it is applied"),
        ("uuid()", "uuid is not evaluated"),
        ("provider::aws::arn_parse(var.none)", "is not evaluated"),
        ('"a-${aws_vpc.v.id}"', "known once it is applied"),
        ("local.loop", "needs itself"),
        ('file("../secret")', "leads out"),
        ('file("/etc/passwd")', "leads out"),
        ('file("none.txt")', "there is no file"),
        ('regex("(a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")', "matches nothing"),
        ("range(1000000)", "1,000,000 members"),
        ('regex("(a", "a")', "is no regular expression: missing )"),
        ('format("%999999999d", 1)', "more than 1,024 signs"),
        ('yamldecode("a: [")', "yamldecode"),
        ("1 / 0", "divides by zero"),
        ("[1][5]", "no member 5"),
        ('pathexpand("~/x")', "of the machine"),
        ("local.none", "there is no local.none"),
        ("[for x in toset([aws_vpc.v.id]) : x]", "known once it is applied"),
    ],
)
def test_what_cannot_be_known_is_said(tmp_path: Path, text: str, reason: str) -> None:
    hcl = 'variable "none" {}\nresource "aws_vpc" "v" {}\n'
    hcl += "locals {\n  loop = local.pool\n  pool = local.loop\n}\n"
    root = tree(tmp_path, f'{hcl}output "o" {{\n  value = {text}\n}}\n').root
    try:
        made = settled(root.output("o"))
    except Failure as error:
        made = Unresolved(str(error))
    assert isinstance(made, Unresolved)
    assert reason in made.reason


def test_what_is_known_of_something_else_stays(tmp_path: Path) -> None:
    hcl = (
        'resource "aws_vpc" "v" {}\noutput "o" {\n'
        "  value = { a = merge({ x = 1 }, { y = aws_vpc.v.id }).x, b = keys({ k = aws_vpc.v.id }),\n"
        '    c = try(aws_vpc.v.id, "no"), d = true || aws_vpc.v.id == "x", e = length([aws_vpc.v.id]) }\n}\n'
    )
    made = settled(tree(tmp_path, hcl).root.output("o"))
    assert isinstance(made.pop("c"), Unresolved)
    assert made == {"a": 1, "b": ["k"], "d": True, "e": 1}


def test_endless_work_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MOST_STEPS", 100_000)  # of all of them it takes ten seconds
    loops = "".join(f"for x{n} in range(1000) : [" for n in range(4)) + "1" + "]" * 5
    hcl = f'resource "aws_vpc" "v" {{\n  tags = {{ a = [{loops} }}\n}}\n'
    found = list(tree(tmp_path, hcl).declared())
    (one,) = found
    assert not isinstance(one, Unresolved)
    assert isinstance(one.settings.attributes["tags"].value, Unresolved)


def test_what_names_one_of_many_instances_looks_through_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hcl = 'resource "aws_vpc" "v" {\n  count = 40\n  cidr_block = "10.${count.index}.0.0/16"\n}\n'
    hcl += 'resource "aws_subnet" "s" {\n  count = 40\n  cidr_block = aws_vpc.v[count.index].cidr_block\n}\n'
    made: list[object] = []
    known = ModuleInstance._attributes

    def counting(self: ModuleInstance, *said: Any) -> Any:
        made.append(said)
        return known(self, *said)

    monkeypatch.setattr(ModuleInstance, "_attributes", counting)
    found = [one for one in tree(tmp_path, hcl).declared() if not isinstance(one, Unresolved)]
    subnets = [one.settings.attributes["cidr_block"].value for one in found if one.type == "aws_subnet"]
    assert subnets == [f"10.{number}.0.0/16" for number in range(40)]
    assert len(made) == 40
