"""Only what is proved stays in the copy: proposals are tried in turn, and a finding is adopted whole or not
at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.remediate.conftest import CONFIG, TEMPLATE, queue
from tests.remediate.harness import adopted, repository, snapshot

pytestmark = pytest.mark.usefixtures("numbers")


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
