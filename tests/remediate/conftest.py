"""A story's parts: a bare repository with a server, a clone with drift.yaml, a live side, and runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.config.model import load
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Wish, places
from drift.model import MISSING
from drift.remediate.plan import choices
from drift.remediate.work import Remediation
from drift.report import runs
from drift.scan import Run
from tests.conftest import Repository, git_handler, serving
from tests.remediate.harness import snapshot

TEMPLATE = """\
Resources:
  Orders:  # what the shop waits for
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      VisibilityTimeout: 30
      DelaySeconds: 5
  Mails:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: mails
      VisibilityTimeout: 30
"""
CONFIG = """\
version: 1
declared:
  - {path: queues.yaml, scope: "111122223333", region: eu-west-1}
"""


def queue(name: str, **attributes: object) -> dict[str, object]:
    arn = f"arn:aws:sqs:eu-west-1:111122223333:{name}"
    return {
        "provider": "aws",
        "scope": "111122223333",
        "region": "eu-west-1",
        "type": "AWS::SQS::Queue",
        "id": arn,
        "name": name,
        "attributes": {"QueueName": name, **attributes},
    }


class Numbers(BaseEditor):
    """Proposes the number for each line of the file that holds the old one, the first line first, right or
    wrong."""

    name = "cloudformation"

    def change(self, wish: Wish) -> Iterable[Edit]:
        if wish.live is MISSING:
            raise NotEdited("nothing to write", *places(wish))
        file = wish.location.path
        name = wish.change.path.removeprefix("/") if wish.change else ""
        for found in re.finditer(rf"{name}: (\d+)".encode(), file.read_bytes()):
            edit = Replacement(file, found.start(1), found.end(1), str(wish.live).encode())
            yield Edit((edit,), f"sets {name} to {wish.live}")


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The editor, in place of the installed one."""
    installed, known = plugins.editor, plugins.names

    def editor(name: str) -> object:
        return Numbers() if name == "cloudformation" else installed(name)

    def names(kind: str) -> tuple[str, ...]:
        return (*known(kind), "cloudformation") if kind == "editors" else known(kind)

    monkeypatch.setattr(plugins, "editor", editor)
    monkeypatch.setattr(plugins, "names", names)


@dataclass
class Story:
    """A bare repository that a server serves, and a clone of it in which runs are made."""

    folder: Path
    bare: Repository
    clone: Repository
    url: str
    config: str = CONFIG
    number: int = 0
    live: list[dict[str, Any]] = field(default_factory=list)

    def run(self, *live: dict[str, Any], declared: dict[str, str] | None = None) -> Path:
        """A run with this live side; gives its report. ``declared`` is committed and pushed before."""
        self.number += 1
        if declared:
            self.clone.commit(declared)
            self.clone.git("push", "-q", "origin", "main")
        self.live = list(live)
        file = snapshot(self.folder / f"live-{self.number}.jsonl", self.live)
        config = load(self.clone.path / "drift.yaml", None, {})
        result = Run(config, live=[file]).scan()
        folder = self.folder / f"run-{self.number}"
        runs.write(folder, result.report, [], result.evidence)
        result.live(folder / "live.jsonl.zst")
        return folder / "report.json"

    def remediate(
        self,
        report: Path,
        *adopt: str,
        revert: Iterable[str] = (),
        accept: Iterable[str] = (),
        dry: bool = False,
    ) -> dict[str, Any]:
        """What became of the findings of a run."""
        config = load(self.clone.path / "drift.yaml", None, {})
        live = [report.with_name("live.jsonl.zst")]
        chosen = choices(adopt, revert, accept, "The mailer is slow.")
        return Remediation(config, runs.find(str(report)), live, chosen, bool(chosen), dry).run()

    def branches(self) -> dict[str, str]:
        """Name → commit, of the bare repository's branches but main."""
        told = self.bare.git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")
        pairs = (line.split() for line in told.splitlines())
        return {name: commit for name, commit in pairs if name != "main"}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    bare = Repository(tmp_path / "repos" / "infra.git")
    bare.path.mkdir(parents=True)
    bare.git("init", "-q", "--bare", "-b", "main")
    bare.git("config", "http.receivepack", "true")
    clone = Repository(tmp_path / "clone")
    with serving(git_handler(bare.path.parent)) as server:
        url = f"{server}/infra.git"
        clone.path.mkdir()
        clone.git("init", "-q", "-b", "main")
        clone.git("remote", "add", "origin", url)
        clone.commit({"queues.yaml": TEMPLATE, "drift.yaml": CONFIG})
        clone.git("push", "-q", "origin", "main")
        yield Story(tmp_path, bare, clone, url)
