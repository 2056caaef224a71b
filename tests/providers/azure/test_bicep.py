"""Bicep files, through a stand-in for the compiler that prints a template."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from drift.errors import DeclaredError
from drift.source import Loader, Location
from providers.azure.bicep import Bicep

from .arm.support import SUB, account, arm, declared

TEXT = """\
param p string = 'x'

resource store 'Microsoft.Storage/storageAccounts@2023-01-01' = {
  name: 'a'
}
"""


def compiler(folder: Path, script: str, name: str = "bicep") -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def bin_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def location(tmp_path: Path) -> Location:
    path = tmp_path / "main.bicep"
    path.write_text(TEXT)
    return Location(path, "infra/main.bicep", options={"scope": SUB, "resource_group": "rg"})


@pytest.mark.parametrize("name", ["bicep", "az"])
def test_a_bicep_file_is_compiled_and_its_lines_are_its_own(tmp_path: Path, bin_: Path, name: str) -> None:
    template = json.dumps(arm(account(location="westeurope")))
    compiler(bin_, f"printf '%s' '{template}'", name)
    (one,), _, _ = declared(Bicep().load(location(tmp_path), Loader({})))
    assert one.id is not None
    assert one.origin is not None
    assert (one.origin.source, one.origin.file, one.origin.line) == ("bicep", "infra/main.bicep", 3)
    assert one.origin.lines["/location"] == 3


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path, bin_: Path) -> None:
    with pytest.raises(DeclaredError, match="install the Bicep CLI"):
        Bicep().load(location(tmp_path), Loader({}))


def test_a_compiler_error_names_the_file_and_what_it_says(tmp_path: Path, bin_: Path) -> None:
    compiler(bin_, 'echo "$3(3,1) : Error BCP018: Expected a brace" >&2; exit 1')
    with pytest.raises(DeclaredError, match=r"^infra/main.bicep: .*infra/main.bicep\(3,1\) : Error BCP018"):
        Bicep().load(location(tmp_path), Loader({}))


def test_recognises_bicep_files_and_folders_of_them(tmp_path: Path) -> None:
    assert not Bicep().recognises(tmp_path, b"")
    place = location(tmp_path)
    assert Bicep().recognises(place.path, TEXT.encode())
    assert Bicep().recognises(tmp_path, b"")
    assert not Bicep().recognises(tmp_path / "x.tf", TEXT.encode())


@pytest.mark.skipif(shutil.which("bicep") is None, reason="the Bicep CLI is not installed")
def test_the_real_compiler_is_understood(tmp_path: Path) -> None:
    (tmp_path / "inner.bicep").write_text(
        "param name string\nresource s 'Microsoft.Storage/storageAccounts@2023-01-01' = {\n  name: name\n"
        "  location: 'westeurope'\n  kind: 'StorageV2'\n  sku: { name: 'Standard_LRS' }\n}\n"
        "output id string = s.id\n"
    )
    path = tmp_path / "main.bicep"
    path.write_text(
        "module inner 'inner.bicep' = [for i in range(0, 2): {\n  name: 'm${i}'\n"
        "  params: { name: 'store${i}' }\n}]\n"
        "resource kv 'Microsoft.KeyVault/vaults@2023-07-01' = {\n  name: 'kv'\n  location: 'westeurope'\n"
        "  tags: { first: inner[0].outputs.id }\n"
        "  properties: { tenantId: subscription().tenantId, sku: { family: 'A', name: 'standard' } }\n}\n"
    )
    place = Location(path, "main.bicep", options={"scope": SUB, "resource_group": "rg"})
    resources, unverifiable, problems = declared(Bicep().load(place, Loader({})))
    assert not unverifiable
    assert not problems
    by_name = {one.name: one for one in resources}
    assert set(by_name) == {"store0", "store1", "kv"}
    assert by_name["kv"].attributes["tags"] == {"first": by_name["store0"].id}
