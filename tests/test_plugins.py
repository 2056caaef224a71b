"""What docs/plugins.md shows is a whole distribution: it is installed from a folder of its own, and works."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from drift import api

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "plugins.md"
#: Lines of an example, without those that are empty or import.
LONGEST = 40


def files() -> dict[str, str]:
    """The page's files by name: each block whose first line is a comment that names one."""
    blocks = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return dict(blocks)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the distribution is installed to, by pip."""
    project, target = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("site")
    for name, text in files().items():
        path = project / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    command = ("install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target")
    done = subprocess.run(
        [sys.executable, "-m", "pip", *command, str(target), str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the page's drift.yaml, three declared books and three live ones."""
    (tmp_path / "drift.yaml").write_text(files()["drift.yaml"], encoding="utf-8")
    (tmp_path / "library.books").write_text("emma: Austen\nomens: Pratchett, Gaiman\nlost: Nobody\n")
    (tmp_path / "drawer.json").write_text('{"hashes": "what keys the hashes"}')
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    books = {
        "emma": {"authors": ["Austen"], "copies": 2, "pin": "correct horse battery"},
        "omens": {"authors": ["Gaiman", "Pratchett"], "copies": 1},
        "stray": {"authors": ["Anon"]},
    }
    for name, book in books.items():
        (shelf / f"{name}.json").write_bytes(orjson.dumps(book))
    return tmp_path


def drift(site: Path, place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drift", *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_third_partys_plugins_are_scanned_with(site: Path, place: Path) -> None:
    done = drift(site, place, "scan", "-o", "out")
    assert done.returncode == 2, done.stderr
    report = orjson.loads((place / "out" / "report.json").read_bytes())
    found = {one["resource_id"]: one for one in report["findings"]}
    assert {id_: one["kind"] for id_, one in found.items()} == {
        "emma": "changed",
        "lost": "missing",
        "stray": "unmanaged",
    }
    assert {change["path"] for change in found["emma"]["changes"]} == {"/copies", "/pin"}
    assert found["lost"]["declared_at"]["line"] == 3
    assert report["summary"]["in_sync"] == 1
    assert "correct horse" not in (place / "out" / "report.json").read_text()
    table = (place / "out" / "report.md").read_text()
    assert "| changed | emma | /copies, /pin |" in table
    assert "0 of 1 cells could not be read." in table


def test_a_third_partys_plugin_tells_what_it_could_not_read(site: Path, place: Path) -> None:
    for file in (place / "shelf").iterdir():
        file.unlink()
    (place / "shelf").rmdir()
    done = drift(site, place, "scan", "-o", "out")
    assert done.returncode == 1, done.stderr
    assert "1 of 1 cells could not be read." in (place / "out" / "report.md").read_text()


def test_a_third_partys_plugin_is_listed_and_its_settings_are_checked(site: Path, place: Path) -> None:
    assert "shelf/Book" in drift(site, place, "types", "--only", "shelf/*").stdout
    schema = orjson.loads(drift(site, place, "schema", "config").stdout)
    assert "shelf" in schema["properties"]["live"]["properties"]
    text = files()["drift.yaml"].replace("{folder: shelf}", "{foldr: shelf}")
    (place / "drift.yaml").write_text(text, encoding="utf-8")
    assert "drift.yaml:6: live.shelf.folder: is missing" in drift(site, place, "scan").stderr


def test_a_third_partys_store_is_asked_for_what_is_needed(site: Path, place: Path) -> None:
    assert drift(site, place, "scan", "-o", "out").returncode == 2
    assert drift(site, place, "report", "out/report.json", "-f", "wiki").returncode == 0
    (place / "drawer.json").write_text("{}")
    (line,) = drift(site, place, "scan", "-o", "out").stderr.splitlines()
    key = next(
        at for at, line in enumerate(files()["drift.yaml"].splitlines(), 1) if line.startswith("redaction")
    )
    assert line == (
        f"drift: drift.yaml:{key}: redaction.key (drawer): the drawer has no such secret; put it in"
    )
    assert drift(site, place, "report", "out/report.json", "-f", "wiki").returncode == 0


def test_a_misspelt_member_is_refused_by_name(site: Path, place: Path, tmp_path: Path) -> None:
    source = site / "drift_shelf" / "source.py"
    whole = source.read_text(encoding="utf-8")
    try:
        source.write_text(whole.replace('    name = "books"\n', '    name = "books"\n    add = True\n'))
        done = drift(site, place, "scan")
    finally:
        source.write_text(whole, encoding="utf-8")
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "drift_shelf.source.Books: the contract BaseSource has no 'add'; did you mean 'adds'?" in line


@pytest.mark.parametrize("name", [name for name in files() if name.endswith(".py")])
def test_each_example_is_short_and_imports_only_the_api(name: str) -> None:
    text = files()[name]
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    within = {line for node in imports for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    code = [line for at, line in enumerate(text.splitlines(), 1) if line.strip() and at not in within]
    assert len(code) <= LONGEST
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "drift":
            assert node.module == "drift.api"


# What the built-in plugins import is what a third party may import


def imported(folder: str) -> Iterator[tuple[Path, str, str]]:
    """(file, module, name) of all that the files of a folder import from drift."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.ImportFrom)
                and node.level == 0
                and str(node.module).split(".")[0] == "drift"
            ):
                for one in node.names:
                    yield path.relative_to(ROOT), str(node.module), one.name
            elif isinstance(node, ast.Import):
                for one in node.names:
                    if one.name.split(".")[0] == "drift":
                        yield path.relative_to(ROOT), one.name, ""


@pytest.mark.parametrize("folder", ["providers", "reports", "channels", "forges"])
def test_the_api_names_all_that_built_in_plugins_import(folder: str) -> None:
    internal = {
        f"{path}: {module}.{name}"
        for path, module, name in imported(folder)
        if module.removeprefix("drift.") not in api.__all__  # named as a whole
        and (name not in api.__all__ or getattr(api, name, None) is not _member(module, name))
    }
    assert not internal


def _member(module: str, name: str) -> object:
    """What an import of a name from a module gives: a member of it, or a module below it."""
    within = importlib.import_module(module)
    return getattr(within, name) if hasattr(within, name) else importlib.import_module(f"{module}.{name}")


def test_the_api_names_what_it_imports() -> None:
    assert sorted(set(api.__all__)) == sorted(api.__all__)
    assert {name for name in vars(api) if not name.startswith("_")} - {"annotations"} == set(api.__all__)
