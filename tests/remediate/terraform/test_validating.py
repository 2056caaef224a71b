"""`remediate.validate`: the real Terraform looks at edited folders, and its word is told with the line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drift.deadline import Deadline
from drift.declared.terraform.editing.editor import TerraformEditor
from drift.editor import NotEdited

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed"),
]
VALID = 'variable "name" {\n  type = string\n}\n\noutput "name" {\n  value = var.name\n}\n'


def validate(folder: Path, text: str) -> None:
    file = folder / "main.tf"
    file.write_text(text)
    TerraformEditor().validate([file, folder / "notes.md"], Deadline())


def test_what_is_valid_is_let_through(tmp_path: Path) -> None:
    validate(tmp_path, VALID)


def test_what_is_not_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(NotEdited, match="Reference to undeclared input variable") as told:
        validate(tmp_path, VALID.replace("var.name", "var.nobody"))
    (place,) = told.value.places
    assert (place.file, place.line) == (tmp_path / "main.tf", 6)


def test_a_module_that_is_not_there_ends_it(tmp_path: Path) -> None:
    with pytest.raises(NotEdited, match="init failed"):
        validate(tmp_path, 'module "a" {\n  source = "./nowhere"\n}\n')


def test_without_a_binary_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotEdited, match="neither terraform nor tofu is installed"):
        validate(tmp_path, VALID)
