"""The GitHub Action and the GitLab component, their own scripts run by a shell where a runner's environment
and a forge on loopback stand in for the real ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from drift.loopback import Answer, Request, Server
from drift.loopback import json as as_json
from tests.rules.support import queue, write

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
SPEC, COMPONENT = list(yaml.safe_load_all((ROOT / "templates" / "drift.yml").read_text()))
(JOB,) = COMPONENT.values()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION = PROJECT["version"]
BIN = Path(sys.executable).parent
FILES = {
    "base/q.yaml": [queue("a", DelaySeconds=1), queue("gone")],
    "live.yaml": [queue("a", DelaySeconds=9)],
    "drift.yaml": "version: 1\ndeclared: [{path: base}]\nblame: {enabled: false}\n",
}
#: A drift that ends as it is told, for what comes after it: what it was asked for, and its report.
STAND_IN = """\
#!/bin/sh
printf '%s\\n' "$@" > asked
[ -n "$ENDS_WITHOUT" ] || { mkdir -p drift-report && cp -R canned/. drift-report/; }
exit "$ENDS"
"""


class Forge:
    """Comments of one pull or merge request, in the words of both forges."""

    def __init__(self) -> None:
        self.comments: dict[int, str] = {}
        self.asked: list[str] = []
        self.refuses = False
        self.server = Server(self.answer)

    def answer(self, request: Request) -> Answer:
        self.asked.append(f"{request.method} {request.path}")
        assert "s3cret" in (
            request.headers.get("Authorization") or request.headers.get("PRIVATE-TOKEN") or ""
        )
        if self.refuses:
            return as_json(403, {"message": "Resource not accessible by integration"})
        if request.method == "GET":
            page = int(re.findall(r"[?&]page=(\d+)", f"?{request.query}")[0])
            ones = [{"id": key, "body": body} for key, body in sorted(self.comments.items())]
            return as_json(200, ones[(page - 1) * 100 : page * 100])
        body = json.loads(request.body)["body"]
        key = int(request.path.rpartition("/")[2]) if request.method != "POST" else len(self.comments) + 1
        self.comments[key] = body
        return as_json(201, {"id": key})


@pytest.fixture
def forge() -> Iterator[Forge]:
    made = Forge()
    yield made
    made.server.close()


class Runner:
    """A folder in which steps run, with what GitHub's runner has there."""

    def __init__(self, folder: Path, forge: Forge) -> None:
        self.folder = folder
        self.log = ""
        self.used: list[dict[str, Any]] = []
        self.outputs: dict[str, str] = {}
        self.env = {
            "PATH": f"{folder / 'bin'}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "NO_PROXY": "127.0.0.1",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": forge.server.url,
            "GITHUB_REPOSITORY": "acme/infra",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
        }
        for name in ("OUTPUT", "STEP_SUMMARY", "PATH"):
            self.env[f"GITHUB_{name}"] = str(folder / name.lower())
            (folder / name.lower()).touch()
        (folder / "bin").mkdir()
        write(folder, {**FILES, "event.json": json.dumps({"pull_request": {"number": 7}})})

    def stand_in(self, code: int, report: dict[str, Any] | None, text: str = "# Drift\n") -> None:
        """drift ends with this code and report from now on."""
        program = self.folder / "bin" / "drift"
        program.write_text(STAND_IN)
        program.chmod(0o755)
        self.env |= {"ENDS": str(code), "ENDS_WITHOUT": "" if report else "1"}
        write(self.folder, {"canned/report.json": json.dumps(report), "canned/report.md": text})
        write(self.folder, {"canned/report.sarif": "{}"})

    def act(self, **inputs: str) -> int:
        """Runs every step of the action whose condition holds; the exit code of the first that fails."""
        said = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
        self.inputs = {**said, **{name.replace("_", "-"): value for name, value in inputs.items()}}
        for step in ACTION["runs"]["steps"]:
            if "if" in step and not self._holds(step["if"]):
                continue
            if "uses" in step:
                self.used.append({**step, "with": {k: self._put(v) for k, v in step["with"].items()}})
                continue
            env = {name: self._put(value) for name, value in step["env"].items()}
            (self.folder / "output").write_text("")
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self._put(step["run"])],
                cwd=self.folder,
                env={**self.env, **env},
                capture_output=True,
                text=True,
                check=False,
            )
            self.log += done.stdout + done.stderr
            if step.get("id") == "run":
                lines = (self.folder / "output").read_text().splitlines()
                self.outputs = dict(line.split("=", 1) for line in lines)
            if done.returncode:
                return done.returncode
        return 0

    @property
    def summary(self) -> str:
        return (self.folder / "step_summary").read_text()

    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()

    def _value(self, name: str) -> str:
        if name.startswith("inputs."):
            return self._put(self.inputs[name.removeprefix("inputs.")])
        if name.startswith("steps.run.outputs."):
            return self.outputs.get(name.removeprefix("steps.run.outputs."), "")
        return {"github.token": "s3cret", "github.run_id": "1", "github.run_attempt": "1"}[name]

    def _put(self, text: str) -> str:
        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: self._value(found[1]), text)

    def _holds(self, condition: str) -> bool:
        """Whether a condition holds: comparisons of what is told with texts, joined by ``&&``."""
        for part in condition.removeprefix("${{").removesuffix("}}").split("&&"):
            if part.strip() == "!cancelled()":
                continue
            name, sign, text = part.split()
            assert sign in ("==", "!=") and text[0] == text[-1] == "'"
            if (self._value(name) == text[1:-1]) is (sign == "!="):
                return False
        return True


@pytest.fixture
def runner(tmp_path: Path, forge: Forge) -> Runner:
    return Runner(tmp_path, forge)


def report(*statuses: str, unread: int = 0) -> dict[str, Any]:
    return {
        "findings": [{"status": status} for status in statuses],
        "coverage": [{"status": "denied"}] * unread + [{"status": "checked"}],
    }


# GitHub


def test_a_scan_is_reported_everywhere_and_ends_as_drift_did(runner: Runner, forge: Forge) -> None:
    """By the real program."""
    asked = {
        "install": "none",
        "args": "--live live.yaml",
        "history": "cache",
        "sarif": "true",
        "comment": "true",
    }
    assert runner.act(**asked) == 2, runner.log
    assert runner.outputs == {
        "exit": "2",
        "findings": "2",
        "new": "2",
        "unread": "0",
        "report": "drift-report/report.json",
        "sarif": "drift-report/report.sarif",
    }
    names = {one.name for one in (runner.folder / "drift-report").iterdir()}
    assert names >= {"report.json", "report.html", "report.md", "report.sarif", "evidence.jsonl.zst"}
    assert (runner.folder / ".drift" / "history.db").is_file()
    assert "DelaySeconds" in runner.summary
    assert list(forge.comments.values()) == ["<!-- drift default -->\n" + runner.summary.removesuffix("\n")]
    assert "::error title=drift::there is drift" in runner.log and "s3cret" not in runner.log
    (upload,) = (step for step in runner.used if "upload-sarif" in step["uses"])
    assert upload["with"] == {"sarif_file": "drift-report/report.sarif", "category": "drift/"}
    assert [step["uses"].split("@")[0].rpartition("/")[2] for step in runner.used] == [
        "restore",
        "save",
        "upload-sarif",
    ]


def test_options_reach_drift_as_they_are_said(runner: Runner) -> None:
    runner.stand_in(0, report())
    said = {"args": "--only 'AWS::IAM::*' --mail", "env": "staging", "fail_on": "never", "config": "a b.yaml"}
    assert runner.act(install="none", history="postgresql://u@h/d", formats="junit,json", **said) == 0
    asked = runner.asked()
    assert asked[0] == "scan" and asked[-3:] == ["--only", "AWS::IAM::*", "--mail"]
    options = dict(zip(asked[1:-3:2], asked[2:-3:2], strict=False))
    assert asked[asked.index("--format") + 1] == "json,sarif,markdown,junit"
    assert asked[asked.index("--config") + 1] == "a b.yaml"
    assert asked[asked.index("--env") + 1] == "staging"
    assert asked[asked.index("--history") + 1] == "postgresql://u@h/d"
    assert "--exit-zero" in asked and "--fail-on" not in asked and options
    assert not runner.used


@pytest.mark.parametrize(
    ("code", "inputs", "ends"),
    [
        (0, {}, 0),
        (2, {}, 2),
        (3, {}, 3),
        (3, {"fail_on_unread": "false"}, 0),
        (2, {"fail_on_unread": "false"}, 2),
    ],
)
def test_it_ends_as_it_is_asked_to(code: int, inputs: dict[str, str], ends: int, runner: Runner) -> None:
    runner.stand_in(code, report("new", "recurring", unread=int(code == 3)))
    assert runner.act(install="none", **inputs) == ends
    assert runner.outputs["exit"] == str(code)
    assert [runner.outputs[name] for name in ("findings", "new")] == ["2", "1"]
    assert runner.outputs["unread"] == str(int(code == 3))


def test_where_there_is_no_report_it_is_said(runner: Runner, forge: Forge) -> None:
    """And the report of an earlier step is not taken for this one's, whose folder may hold other files."""
    write(runner.folder, {"drift-report/report.json": json.dumps(report("new")), "drift-report/mine": "x"})
    runner.stand_in(1, None)
    assert runner.act(install="none", comment="true", sarif="true") == 1
    assert runner.outputs["report"] == "" and "has no report" in runner.summary
    assert (runner.folder / "drift-report" / "mine").is_file()
    assert not forge.asked and not runner.used


def test_options_that_are_no_words_are_an_error_in_one_line(runner: Runner) -> None:
    assert runner.act(install="none", args="--only 'AWS::*") == 1
    assert "::error title=drift::args, command: no words of a shell: No closing quotation" in runner.log
    assert "Traceback" not in runner.log


def test_another_command_is_run_as_it_is(runner: Runner) -> None:
    runner.stand_in(0, None)
    assert runner.act(install="none", command="history list", args="--last 3") == 0
    assert runner.asked() == ["history", "list", "--last", "3"]


def test_a_comment_is_replaced_also_behind_a_hundred_others(runner: Runner, forge: Forge) -> None:
    forge.comments = dict.fromkeys(range(1, 131), "well done")
    runner.stand_in(0, report(), "# First\n")
    assert runner.act(install="none", comment="true", env="prod") == 0
    assert forge.comments[131] == "<!-- drift prod -->\n# First\n"
    runner.stand_in(0, report(), "# Second\n" + "x" * 70 + "\n" + ("y" * 99 + "\n") * 700)
    assert runner.act(install="none", comment="true", env="prod") == 0
    assert len(forge.comments) == 131 and "# Second" in forge.comments[131]
    assert len(forge.comments[131]) <= 65_536
    assert forge.comments[131].endswith("\nCut here: the rest is in the report.\n")


def test_a_comment_that_is_refused_is_a_warning(runner: Runner, forge: Forge) -> None:
    forge.refuses = True
    runner.stand_in(0, report())
    assert runner.act(install="none", comment="true") == 0
    assert "::warning title=drift::not commented: HTTP 403" in runner.log
    (runner.folder / "event.json").write_text("{}")
    asked = len(forge.asked)
    assert runner.act(install="none", comment="true") == 0 and len(forge.asked) == asked


@pytest.mark.parametrize("how", ["uv", "pipx"])
def test_it_installs_its_own_version_or_the_one_that_is_asked_for(how: str, runner: Runner) -> None:
    program = runner.folder / "bin" / how
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> installed\n[ "$2" = dir ] && echo /tools || true\n')
    program.chmod(0o755)
    runner.stand_in(0, report())
    assert runner.act(install=how) == 0
    assert runner.act(install=how, version="1.2.3", extras="azure") == 0
    lines = (runner.folder / "installed").read_text().splitlines()
    own, other = (Requirement(line) for line in lines if line.startswith("driftline"))
    assert own.url == ROOT.as_uri() and own.extras <= PROJECT["optional-dependencies"].keys()
    assert own.extras and str(other) == "driftline[azure]==1.2.3"
    assert ("/tools" in (runner.folder / "path").read_text()) is (how == "uv")
    assert runner.act(install="snap") == 1 and "'snap' is none of" in runner.log


def test_the_action_is_whole() -> None:
    assert ACTION["runs"]["using"] == "composite"
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == ACTION["inputs"].keys()
    for step in ACTION["runs"]["steps"]:
        assert ("shell" in step) is ("run" in step)
        assert "${{" not in step.get("run", ""), "what is said goes by the environment, never into a script"
    for action, comment in re.findall(r"uses: (\S+/\S+@\S+)(.*)", text.split("\nruns:")[1]):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_the_guide_names_inputs_and_outputs_that_there_are() -> None:
    action, component = (ROOT / "docs" / "ci" / "README.md").read_text().split("## The G")[1:]
    (said,) = re.findall(r"id: drift\n    with: (\{.*\})", action)
    assert yaml.safe_load(said).keys() <= ACTION["inputs"].keys()
    (told,) = re.findall(r"Outputs: (.*)\.", action)
    assert set(re.findall(r"`([\w-]+)`", told)) == ACTION["outputs"].keys()
    assert set(re.findall(r"\(`([\w-]+)`\)", action)) <= ACTION["inputs"].keys()
    (said,) = re.findall(r"inputs: (\{.*\})", component)
    assert yaml.safe_load(said).keys() <= SPEC["spec"]["inputs"].keys()


# GitLab


def component(folder: Path, forge: Forge, **inputs: Any) -> subprocess.CompletedProcess[str]:
    """Runs the script of the component's job, with inputs put in as GitLab does."""
    said = {name: one.get("default", "") for name, one in SPEC["spec"]["inputs"].items()} | inputs

    def put(text: str) -> str:
        def told(found: re.Match[str]) -> str:
            value = said[found[1]]
            return str(value).lower() if isinstance(value, bool) else str(value)

        return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", told, text)

    write(folder, FILES)
    env = {
        "PATH": f"{folder / 'bin'}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "NO_PROXY": "127.0.0.1",
        "CI_API_V4_URL": f"{forge.server.url}/api/v4",
        "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "7",
        "DRIFT_COMMENT_TOKEN": "s3cret",
    }
    env |= {
        name: put(value).replace("$CI_PROJECT_DIR", str(folder)) for name, value in JOB["variables"].items()
    }
    script = "\n".join(JOB["script"])
    return subprocess.run(
        ["sh", "-ec", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_the_component_scans_reports_and_comments(tmp_path: Path, forge: Forge) -> None:
    """By the real program; once more, the note is replaced."""
    done = component(tmp_path, forge, args="--live live.yaml --only AWS::*", comment=True)
    assert done.returncode == 2, done.stderr
    for name in JOB["artifacts"]["reports"].values():
        assert (tmp_path / name).is_file(), name
    assert (tmp_path / ".drift" / "history.db").is_file() and JOB["cache"][0]["paths"] == [".drift"]
    assert list(forge.comments) == [1] and "DelaySeconds" in forge.comments[1]
    assert forge.asked[-1] == "POST /api/v4/projects/5/merge_requests/7/notes"


@pytest.mark.parametrize(("warn", "ends"), [(True, 3), (False, 1)])
def test_the_component_ends_as_it_is_asked_to(warn: bool, ends: int, tmp_path: Path, forge: Forge) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "drift"
    program.write_text(STAND_IN.replace("$ENDS_WITHOUT", "").replace("$ENDS", "3"))
    program.chmod(0o755)
    write(tmp_path, {"canned/report.md": "# Drift\n"})
    forge.comments = {4: "<!-- drift prod -->\nold"}
    done = component(tmp_path, forge, env="prod", fail_on="new:high", comment=True, allow_unread=warn)
    assert done.returncode == ends, done.stderr
    assert forge.comments == {4: "<!-- drift prod -->\n# Drift\n"}
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[asked.index("--env") + 1] == "prod" and asked[asked.index("--fail-on") + 1] == "new:high"
    assert 3 in JOB["allow_failure"]["exit_codes"]


def test_a_note_that_is_refused_changes_nothing(tmp_path: Path, forge: Forge) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "drift").write_text(STAND_IN.replace("$ENDS_WITHOUT", "").replace("$ENDS", "0"))
    (tmp_path / "bin" / "drift").chmod(0o755)
    write(tmp_path, {"canned/report.md": "# Drift\n"})
    forge.refuses = True
    done = component(tmp_path, forge, comment=True)
    assert done.returncode == 0 and "has no note of this run" in done.stdout


def test_the_component_is_whole() -> None:
    text = (ROOT / "templates" / "drift.yml").read_text().split("\n---\n")[1]
    assert set(re.findall(r"inputs\.(\w+)", text)) == SPEC["spec"]["inputs"].keys()
    assert all(isinstance(value, str) for value in JOB["variables"].values())
    assert SPEC["spec"]["inputs"]["image"]["default"].endswith(f":{VERSION}")
    assert "$[[" not in "".join(JOB["script"]), "what is said goes by variables, never into a script"
