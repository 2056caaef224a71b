"""Only what is proved stays in the copy: proposals are tried in turn, and a finding is adopted whole or not
at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from drift import plugins
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Wish, places
from drift.model import MISSING
from tests.remediate.harness import adopted, repository, snapshot

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
        for found in re.finditer(rb"(\w+): (\d+)".replace(rb"\w+", name.encode()), file.read_bytes()):
            edit = Replacement(file, found.start(2), found.end(2), str(wish.live).encode())
            yield Edit((edit,), f"sets {name} to {wish.live}")


@pytest.fixture(autouse=True)
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The editor, in place of the installed one."""
    installed = plugins.editor

    def editor(name: str) -> object:
        return Numbers() if name == "cloudformation" else installed(name)

    monkeypatch.setattr(plugins, "editor", editor)
    monkeypatch.setattr(
        plugins,
        "names",
        lambda kind, known=plugins.names: (*known(kind), *(["cloudformation"] if kind == "editors" else [])),
    )


def test_the_second_proposal_is_taken_where_the_first_does_not_hold(tmp_path: Path) -> None:
    folder = repository(tmp_path / "infra", {"queues.yaml": TEMPLATE, "drift.yaml": CONFIG})
    live = snapshot(
        tmp_path / "live.jsonl",
        [
            queue("orders", VisibilityTimeout=30, DelaySeconds=5),
            queue("mails", VisibilityTimeout=45),
        ],
    )
    done = adopted(folder, live)
    assert done.files == {"queues.yaml": TEMPLATE[:-3] + "45\n"}
    assert done.after.findings == {}
    assert done.numstat == {"queues.yaml": (1, 1)}


def test_a_finding_of_which_one_change_cannot_be_written_is_not_adopted_at_all(tmp_path: Path) -> None:
    folder = repository(tmp_path / "infra", {"queues.yaml": TEMPLATE, "drift.yaml": CONFIG})
    live = snapshot(
        tmp_path / "live.jsonl",
        [
            queue("orders", VisibilityTimeout=60, DelaySeconds=5, FifoQueue=True),
            queue("mails", VisibilityTimeout=45),
        ],
    )
    done = adopted(folder, live)
    assert done.files == {"queues.yaml": TEMPLATE[:-3] + "45\n"}
    ((id_, (why, _)),) = done.described.items()
    assert done.before[id_].resource.name == "orders"
    assert "/FifoQueue" in why
    assert set(done.after.findings) == {id_}


def test_many_changes_of_one_file_are_made_together(tmp_path: Path) -> None:
    folder = repository(tmp_path / "infra", {"queues.yaml": TEMPLATE, "drift.yaml": CONFIG})
    live = snapshot(
        tmp_path / "live.jsonl",
        [queue("orders", VisibilityTimeout=120, DelaySeconds=7), queue("mails", VisibilityTimeout=5)],
    )
    done = adopted(folder, live)
    wanted = TEMPLATE.replace("30", "120", 1).replace("Seconds: 5", "Seconds: 7").replace("30", "5")
    assert done.files == {"queues.yaml": wanted}
    assert done.after.findings == {}
