"""A folder that no source reads as a whole names the folders in it that are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.declared import recognise
from drift.errors import DeclaredError
from drift.source import Location


def configuration(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text('resource "aws_sqs_queue" "orders" {}\n')


def refused(folder: Path) -> str:
    with pytest.raises(DeclaredError) as told:
        recognise(Location(folder, "apps"))
    return str(told.value)


def test_the_parent_of_terraform_folders_names_them(tmp_path: Path) -> None:
    configuration(tmp_path / "shop" / "overlays" / "production")
    configuration(tmp_path / "base")
    (tmp_path / "base" / "more").mkdir()
    told = refused(tmp_path)
    assert told == (
        "apps: no declared source reads this folder as a whole; declare each of the folders in it: "
        "base (terraform), shop/overlays/production (terraform)"
    )


def test_of_many_the_first_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    for number in range(7):
        configuration(tmp_path / f"app{number}")
    assert refused(tmp_path).endswith("app4 (terraform) and 2 more")


def test_what_is_hidden_or_a_link_or_too_deep_is_none(tmp_path: Path) -> None:
    configuration(tmp_path / "x" / ".git" / "a")
    configuration(tmp_path / "a" / "b" / "c" / "d")
    (tmp_path / "link").symlink_to(tmp_path / "a" / "b" / "c" / "d")
    assert "not recognised as any declared source" in refused(tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("main.tf", "is one file of a configuration; declare its folder: shop"),
        ("prod.tfvars", "declare the folder of the .tf files, shop, with `var_files:`"),
    ],
)
def test_one_file_of_a_configuration_names_its_folder(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_text("a = 1\n", encoding="utf-8")
    with pytest.raises(DeclaredError) as told:
        recognise(Location(tmp_path / name, f"shop/{name}"))
    assert said in str(told.value)
