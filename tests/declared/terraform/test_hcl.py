"""Terraform's files: each form of ignore_changes, overrides, modules, and what can't be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drift.declared.terraform.hcl import Folder, read, steps
from drift.declared.terraform.hcl_modules import Configuration, module_path


def folder(place: Path, **texts: str) -> Folder:
    for name, text in texts.items():
        (place / name.replace("__", ".")).write_text(text)
    return read(place, lambda file: file.name)


def block(ignored: str, name: str = "a") -> str:
    return f'resource "aws_x" "{name}" {{\n  lifecycle {{\n    ignore_changes = {ignored}\n  }}\n}}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tags", ("tags",)),
        ('tags["Name"]', ("tags", "Name")),
        ('tags["a.b/c \\" d"]', ("tags", 'a.b/c " d')),
        ("rule[0].x", ("rule", 0, "x")),
        ("rule.0.x", ("rule", 0, "x")),
        ("tags.Name", ("tags", "Name")),
        ("0x", None),
        ("rule[*].x", None),
        ("", None),
    ],
)
def test_steps(text: str, expected: tuple[str | int, ...] | None) -> None:
    assert steps(text) == expected


@pytest.mark.parametrize("text", ["all", '"all"', '["*"]'])
def test_all(tmp_path: Path, text: str) -> None:
    said = folder(tmp_path, main__tf=block(text)).ignores["aws_x.a"]
    assert said.paths is None
    assert (said.file, said.line) == ("main.tf", 3)


def test_lists(tmp_path: Path) -> None:
    text = '[\n tags, # why\n  /* and */ tags["Name"],\n rule[0].x,\n "legacy", "old.0.x" ,\n]'
    said = folder(tmp_path, main__tf=block(text)).ignores["aws_x.a"]
    assert said.paths == (
        ("tags",),
        ("tags", "Name"),
        ("rule", 0, "x"),
        ("legacy",),
        ("old", 0, "x"),
    )
    assert said.strange == ()


def test_what_is_no_attribute_is_kept_apart(tmp_path: Path) -> None:
    said = folder(tmp_path, main__tf=block("[tags, rule[*].x]")).ignores["aws_x.a"]
    assert said.paths == (("tags",),)
    assert said.strange == ("rule[*].x",)


def test_json(tmp_path: Path) -> None:
    content = {
        "resource": [{"aws_x": {"a": [{"lifecycle": [{"ignore_changes": ["tags", "rule[0].x"]}]}]}}],
        "module": {"m": {"source": "./m"}},
    }
    found = folder(tmp_path, main__tf__json=json.dumps(content, indent=1))
    assert found.ignores["aws_x.a"].paths == (("tags",), ("rule", 0, "x"))
    assert found.ignores["aws_x.a"].line == 9
    assert found.modules["m"].source == "./m"


def test_override_files_come_last(tmp_path: Path) -> None:
    found = folder(
        tmp_path,
        zzz__tf=block("[tags]") + block("[tags]", "b") + 'module "m" {\n  source = "./m"\n}\n',
        a_override__tf=block("[name]") + 'module "m" {\n  providers = {}\n}\n',
        override__tf__json='{"resource": {"aws_x": {"b": {"lifecycle": {"ignore_changes": []}}}}}',
    )
    assert found.ignores["aws_x.a"].paths == (("name",),)
    assert found.ignores["aws_x.a"].file == "a_override.tf"
    assert found.ignores["aws_x.b"].paths == ()
    assert found.modules["m"].source == "./m"


def test_opentofu_files_stand_for_terraform_files_of_the_same_name(tmp_path: Path) -> None:
    found = folder(
        tmp_path,
        main__tf=block("[tags]"),
        main__tofu=block("[name]"),
        other__tf=block("all", "b"),
        b_override__tofu=block("[size]", "b"),
    )
    assert found.files == 3
    assert found.ignores["aws_x.a"].paths == (("name",),)
    assert found.ignores["aws_x.b"].paths == (("size",),)


def test_what_cannot_be_parsed_is_told_and_the_rest_read(tmp_path: Path) -> None:
    found = folder(
        tmp_path,
        bad__tf="# ignore_changes\nresource {\n  a = \n}\n",
        bad__tf__json='{\n"module": ',
        good__tf=block("all"),
    )
    assert set(found.ignores) == {"aws_x.a"}
    assert [(one.file, one.line) for one in found.unread] == [("bad.tf", 3), ("bad.tf.json", 2)]
    assert all("can't be parsed as" in one.reason for one in found.unread)


def test_module_paths() -> None:
    assert module_path(None) == ()
    assert module_path('module.a["x.y]"].module.b[0].module.c') == ("a", "b", "c")


def configuration(root: Path, files: dict[str, str], top: Path | None = None) -> Configuration:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Configuration(root, "infra", top)


def call(name: str, source: str) -> str:
    return f'module "{name}" {{\n  source = "{source}"\n}}\n'


def test_modules_are_followed(tmp_path: Path) -> None:
    found = configuration(
        tmp_path / "root",
        {
            "main.tf": call("a", "./a") + call("far", "acme/far/aws"),
            "a/main.tf": call("b", "../../shared"),
            "../shared/main.tf": block("[tags]"),
            ".terraform/modules/far/main.tf": block("all"),
            ".terraform/modules/modules.json": json.dumps(
                {"Modules": [{"Key": "", "Dir": "."}, {"Key": "far", "Dir": ".terraform/modules/far"}]}
            ),
        },
    )
    local = found.ignored('module.a["x"].module.b[0]', "aws_x", "a")
    assert local is not None
    assert local[0] == "aws_x.a"
    assert local[1].file == "shared/main.tf"
    far = found.ignored("module.far", "aws_x", "a")
    assert far is not None
    assert far[1].paths is None
    assert found.unread == []


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"main.tf": call("a", "acme/far/aws")},
            "acme/far/aws is not installed; run `terraform init` in infra",
        ),
        ({"main.tf": call("a", "./a")}, "./a is no folder"),
        ({"main.tf": block("all")}, "no module block in infra"),
        ({"main.tf": call("a", "../a"), "../a/main.tf": ""}, "leads out of the repository"),
    ],
)
def test_modules_that_are_not_found_are_told_once(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    root = tmp_path / "root"
    found = configuration(root, files, root)
    assert found.ignored("module.a[0]", "aws_x", "a") is None
    assert found.ignored("module.a[1]", "aws_x", "b") is None
    assert [one.what for one in found.unread] == ["module.a"]
    assert reason in found.unread[0].reason
