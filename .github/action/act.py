"""The steps of action.yml: install, run, comment, end. Needs nothing but Python 3.8; what was asked for comes
by DRIFT_… variables, and the runner's own by GITHUB_…."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

#: Commands that write a report.
REPORTING = ("scan", "diff")
#: What GitHub takes of a comment (characters) and of a summary (bytes).
COMMENT, SUMMARY = 65_536, 1_000_000
PAGES, SECONDS, ANSWER = 20, 30, 10_000_000


def said(name: str, default: str = "") -> str:
    return os.environ.get(f"DRIFT_{name}", "").strip() or default


def output(**values: object) -> None:
    """Outputs of the step, one line each."""
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        for name, value in values.items():
            file.write(f"{name}={' '.join(str(value).split())}\n")


def tell(level: str, text: str) -> None:
    """An annotation of the run."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::{level} title=drift::{escaped}", flush=True)


def install() -> int:
    """Installs this action's own drift, or the version that is asked for."""
    version, extras = said("VERSION"), said("EXTRAS")
    name = f"driftline[{extras}]" if extras else "driftline"
    own = Path(os.environ["GITHUB_ACTION_PATH"]).resolve()
    wanted = f"{name}=={version}" if version else f"{name} @ {own.as_uri()}"
    how = said("INSTALL", "auto")
    if how == "auto":
        how = "uv" if shutil.which("uv") else "pipx"
    commands = {
        "uv": ["uv", "tool", "install", "--force", wanted],
        "pipx": ["pipx", "install", "--force", wanted],
    }
    if how not in commands:
        tell("error", f"install: {how!r} is none of auto, uv, pipx and none")
        return 1
    done = subprocess.run(commands[how], check=False)
    if done.returncode == 0 and how == "uv":
        folder = subprocess.run(["uv", "tool", "dir", "--bin"], check=True, capture_output=True, text=True)
        with Path(os.environ["GITHUB_PATH"]).open("a", encoding="utf-8") as file:
            file.write(folder.stdout.strip() + "\n")
    return done.returncode


def run() -> int:
    """Runs drift. Its exit code is an output: what comes after it is done whatever it is."""
    command, folder = said("COMMAND", "scan"), Path(said("OUTPUT", "drift-report"))
    reports = command in REPORTING
    for earlier in filter(Path.is_file, folder.glob("report.*") if reports else ()):
        earlier.unlink()  # never taken for this one's; all else in the folder is somebody's
    try:
        asked = ["drift", *shlex.split(command), *_options(command, folder)]
    except ValueError as error:
        tell("error", f"args, command: no words of a shell: {error}")
        output(exit=1, report="", sarif="", findings="", new="", unread="")
        return 0
    done = subprocess.run(asked, check=False)
    report = _report(folder) if reports else None
    output(exit=done.returncode)
    if report is None:
        output(report="", sarif="", findings="", new="", unread="")
        if reports and said("SUMMARY", "true") == "true":
            _summarise(f"**drift ended with {done.returncode} and has no report**: the log says why.\n")
        return 0
    new = [one for one in report["findings"] if one.get("status") in ("new", "flapping")]
    unread = [one for one in report["coverage"] if one["status"] in ("denied", "throttled", "failed")]
    sarif = folder / "report.sarif"
    output(
        findings=len(report["findings"]),
        new=len(new),
        unread=len(unread),
        report=folder / "report.json",
        sarif=sarif if sarif.is_file() else "",
    )
    if said("SUMMARY", "true") == "true":
        _summarise((folder / "report.md").read_text(encoding="utf-8"))
    return 0


def _options(command: str, folder: Path) -> list[str]:
    more = shlex.split(said("ARGS"))
    if command not in REPORTING:
        return more
    config, fail_on, history = said("CONFIG", "drift.yaml"), said("FAIL_ON", "any"), said("HISTORY")
    formats = ["json", "sarif", "markdown", *said("FORMATS").split(",")]
    options = ["--output", f"{folder}/", "--format", ",".join(dict.fromkeys(filter(None, formats)))]
    options += ["--deadline", said("DEADLINE", "50m")]
    options += ["--exit-zero"] if fail_on == "never" else ["--fail-on", fail_on]
    if command == "scan" or Path(config).exists():
        options += ["--config", config]
    if command == "scan" and said("ENV"):
        options += ["--env", said("ENV")]
    if history:
        options += ["--history", ".drift/history.db" if history == "cache" else history]
    return [*options, *more]


def _report(folder: Path) -> dict | None:
    file = folder / "report.json"
    return json.loads(file.read_bytes()) if file.is_file() else None


def _summarise(text: str) -> None:
    with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
        file.write(text.encode("utf-8")[:SUMMARY].decode("utf-8", "ignore") + "\n")


def comment() -> int:
    """Writes the report as a comment of the pull request, in the place of the one that an earlier run wrote.
    What fails is a warning: the report is in the summary, too."""
    import urllib.error

    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_bytes())
    number = (event.get("pull_request") or {}).get("number")
    if number is None:
        print("no pull request: nothing to comment on")
        return 0
    mark = f"<!-- drift {said('ENV', 'default')} -->\n"
    text = Path(said("OUTPUT", "drift-report"), "report.md").read_text(encoding="utf-8")
    if len(mark) + len(text) > COMMENT:
        text = (
            text[: COMMENT - len(mark) - 100].rpartition("\n")[0]
            + "\n\nCut here: the rest is in the report.\n"
        )
    base = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    try:
        old = _earlier(f"{base}/{number}/comments", mark)
        if old is None:
            _call("POST", f"{base}/{number}/comments", {"body": mark + text})
        else:
            _call("PATCH", f"{base}/comments/{old}", {"body": mark + text})
    except urllib.error.HTTPError as error:
        tell("warning", f"not commented: HTTP {error.code}; the token needs `pull-requests: write`")
    except OSError as error:
        tell("warning", f"not commented: {error}")
    return 0


def _earlier(url: str, mark: str) -> int | None:
    """The id of the comment that begins with the mark."""
    for page in range(1, PAGES + 1):
        ones = _call("GET", f"{url}?per_page=100&page={page}")
        for one in ones:
            if str(one.get("body", "")).replace("\r\n", "\n").startswith(mark):
                return int(one["id"])
        if len(ones) < 100:
            break
    return None


def _call(method: str, url: str, body: object = None) -> list:
    import urllib.request

    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    request.add_header("Authorization", f"Bearer {said('TOKEN')}")
    request.add_header("Accept", "application/vnd.github+json")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.loads(answer.read(ANSWER) or b"[]")


def end() -> int:
    """The exit code of drift, which is the job's."""
    code = int(said("EXIT", "1"))
    if code == 3 and said("FAIL_ON_UNREAD", "true") != "true":
        tell("warning", "something could not be read; the report says what")
        return 0
    told = {1: "nothing useful could be done; the log says why", 2: "there is drift"}
    if code:
        tell("error", told.get(code, "something could not be read; the report says what"))
    return code


if __name__ == "__main__":
    sys.exit({"install": install, "run": run, "comment": comment, "end": end}[sys.argv[1]]())
