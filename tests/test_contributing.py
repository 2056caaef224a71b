"""CONTRIBUTING's ten minutes, done: its files written into a copy of the tree, its commands run there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.aws.facts import catalogue

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTION = TEXT.split("## Add an AWS type in ten minutes", 1)[1].split("\n## ", 1)[0]
#: A file to write: its path at the end of a paragraph, then its text.
FILES = re.findall(r"`([\w/.]+)`:\n\n```\w+\n(.*?)```", SECTION, re.S)
COMMANDS = re.findall(r"```sh\n(.*?)\n```", SECTION, re.S)
#: The types that the document adds.
TYPES = re.findall(r"^(AWS::[\w:]+):$", FILES[0][1], re.M)
COPIED = (
    "drift",
    "providers",
    "reports",
    "channels",
    "forges",
    "tests",
    "Makefile",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the document's files in it."""
    folder = tmp_path_factory.mktemp("contributing")
    ignored = shutil.ignore_patterns("*.pyc.*", "*.zst", "recordings", "public_templates")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder)
    for type_ in TYPES:
        _take_out(folder / "providers" / "aws" / "types", type_)
    for path, text in FILES:
        assert not (folder / path).exists(), path
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def run(tree: Path, *arguments: str) -> str:
    """Python in the copy; its output. Fails with what it said."""
    env = {**os.environ, "PYTHONPATH": str(tree)}
    env.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def _take_out(types: Path, type_: str) -> None:
    """Takes an entry out of the files of types of which only existence is compared."""
    for file in sorted(types.glob("existence-*.yaml")):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(rf"^{type_}:\n(?:(?:[ #].*)?\n)*", "", text, flags=re.M), encoding="utf-8")


def test_the_documents_type_is_new() -> None:
    """Once more of the type than its existence is in the package, the document shows another one."""
    assert FILES[0][0].startswith("providers/aws/types/")
    assert TYPES
    known = catalogue().entries
    assert [type_ for type_ in TYPES if type_ in known and not known[type_].facts.existence] == []


def test_the_steps_work(tree: Path) -> None:
    assert [command.split()[:2] for command in COMMANDS] == [["make", "facts"], ["make", "test"]]
    for module in _facts_of_aws():
        run(tree, "-m", module)
    tests = dict(word.split("=", 1) for word in shlex.split(COMMANDS[1]) if "=" in word)["PYTEST"].split()
    assert FILES[1][0] in tests
    told = run(
        tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", "not wheel and not contracts"
    )
    assert re.search(r"\b[1-9]\d* passed", told) and "failed" not in told
    assert "Step Functions activity" in run(tree, "-m", "drift", "types", "--only", "AWS::StepFunctions::*")


def _facts_of_aws() -> Iterator[str]:
    """The modules that `make facts` runs, as far as they are about AWS."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nfacts:", 1)[1].split("\n\n", 1)[0]
    yield from re.findall(r"-m (providers\.aws\.\S+)", recipe)
