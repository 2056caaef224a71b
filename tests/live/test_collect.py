"""Reading the live side: whatever fails is in the ledger, and what is read goes through the edge."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from drift.errors import CredentialsError, SnapshotError
from drift.facts import PathFacts
from drift.live import collect
from drift.live.estate import ANY, Estate
from drift.live.tasks import Progress, Waiting, Watch
from drift.model import Cell, Coverage, Problem
from drift.redaction import Redactor, is_secret
from drift.task import Wanted
from tests.live.test_estate import CELL, Connected, Task
from tests.match.test_match import GLOBAL_TYPE, TYPE, Cloud, live

NOBODY = Cell("cloud", ANY, ANY, ANY)


def from_clouds(watch: Watch = lambda _: None, **clouds: Connected) -> Estate:
    found = Estate(clouds)  # type: ignore[arg-type]
    collect.from_clouds(
        found, dict.fromkeys(clouds), dict.fromkeys(clouds, Wanted(frozenset())), Redactor("k"), 2, watch
    )
    return found


def test_a_cloud_that_can_not_be_entered_is_denied_while_others_are_read() -> None:
    found = from_clouds(cloud=Connected(refused="no key"), other=Connected(Task(live("a"))))
    assert found.coverage[NOBODY] == Coverage(NOBODY, "denied", 0, "no key")
    assert len(found) == 1


def test_where_no_cloud_can_be_entered_the_run_is_useless() -> None:
    with pytest.raises(CredentialsError, match="no key; no role"):
        from_clouds(cloud=Connected(refused="no key"), other=Connected(refused="no role"))


def test_a_provider_that_breaks_while_it_plans_keeps_what_it_planned() -> None:
    found = from_clouds(cloud=Connected(Task(live("a")), ValueError("broken")))
    assert len(found) == 1 and found.coverage[CELL].status == "checked"
    row = found.coverage[NOBODY]
    assert (row.status, row.message) == ("failed", "unexpected ValueError: broken")


def test_what_is_known_to_be_unreadable_needs_no_task() -> None:
    found = from_clouds(cloud=Connected(Coverage(CELL, "denied", 0, "refused account")))
    assert found.coverage[CELL].message == "refused account"


def test_what_was_learnt_is_kept_for_comparison() -> None:
    assert from_clouds(cloud=Connected(learnt={"names": {"1": "a"}})).context("cloud") == {
        "names": {"1": "a"}
    }


def test_a_watcher_is_told_when_a_task_begins_and_ends() -> None:
    seen: list[Progress | Waiting] = []
    from_clouds(seen.append, cloud=Connected(Task(live("a"), live("b"))))
    assert seen == [Progress((CELL,), False), Progress((CELL,), True, 2)]


@pytest.mark.parametrize(
    ("told", "times"),
    [((Task(live("a")), Task(live("b"))), 1), ((Coverage(CELL, "denied", 0, "refused account"),), 0)],
)
def test_what_is_done_meanwhile_begins_with_the_first_task(told: tuple[Any, ...], times: int) -> None:
    begun: list[str] = []
    cloud, wanted = Connected(*told), {"cloud": Wanted(frozenset())}
    collect.from_clouds(
        Estate({"cloud": cloud}),  # type: ignore[dict-item]
        {"cloud": None},
        wanted,
        Redactor("k"),
        2,
        meanwhile=lambda: begun.append("begun"),
    )
    assert len(begun) == times


def test_at_the_edge_ids_get_their_one_spelling_and_secrets_are_hidden() -> None:
    cloud = Connected(
        Task(
            live("a", Key="secret text").but(id="a"),
            live("g", type_=GLOBAL_TYPE, region="r"),
        )
    )
    facts = cloud.facts(TYPE)
    assert facts is not None
    facts.root.children["Key"] = PathFacts(secret=True)
    found = from_clouds(cloud=cloud)
    read = found.get(CELL, "arn:a")
    assert read is not None and is_secret(read.attributes["Key"])
    everywhere = found.get(Cell("cloud", "s", "global", GLOBAL_TYPE), "arn:g")
    assert everywhere is not None and everywhere.region is None


# From snapshots


def record(id_: str, **attributes: Any) -> dict[str, Any]:
    return {
        "provider": "cloud",
        "scope": "s",
        "region": "r",
        "type": TYPE,
        "id": id_,
        "attributes": attributes,
    }


def header(**more: Any) -> dict[str, Any]:
    return {"drift_snapshot": 1, **more}


def from_files(folder: Path, *files: Iterable[dict[str, Any]]) -> tuple[Estate, list[Problem]]:
    paths = []
    for number, lines in enumerate(files):
        paths.append(folder / f"{number}.jsonl")
        paths[-1].write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    found = Estate({"cloud": Cloud()})  # type: ignore[dict-item]
    return found, collect.from_files(found, paths, Redactor("k"))


def test_without_a_header_what_is_in_a_file_was_read(tmp_path: Path) -> None:
    found, problems = from_files(tmp_path, [record("a"), record("b")])
    assert (found.coverage[CELL], problems) == (Coverage(CELL, "checked", 2), [])
    assert found.get(CELL, "arn:a") is not None, "ids get their one spelling here, too"


def test_the_headers_ledger_and_context_hold(tmp_path: Path) -> None:
    row = Coverage(CELL, "denied", 1, "no", listed=True)
    found, _ = from_files(
        tmp_path,
        [header(coverage=[row.record()], context={"cloud": {"a": 1}}, environment="prod"), record("a")],
    )
    assert (found.coverage[CELL], found.context("cloud"), found.environments) == (row, {"a": 1}, {"prod"})


def test_several_snapshots_are_one_live_side(tmp_path: Path) -> None:
    found, problems = from_files(
        tmp_path,
        [header(context={"cloud": {"list": [1], "map": {"a": 1}}}, environment="prod"), record("a")],
        [header(context={"cloud": {"list": [1, 2], "map": {"b": 2}}}, environment="staging"), record("b")],
    )
    assert (len(found), problems) == (2, [])
    assert found.context("cloud") == {"list": [1, 2], "map": {"a": 1, "b": 2}}
    assert found.environments == {"prod", "staging"}


def test_a_resource_in_two_snapshots_is_told(tmp_path: Path) -> None:
    found, (problem,) = from_files(tmp_path, [record("a", A=1)], [record("a", A=2)])
    assert f"{TYPE} a is in another snapshot already" in problem.message
    assert [one.attributes for one in found] == [{"A": 1}]


def test_a_snapshot_that_breaks_off_proves_no_absence(tmp_path: Path) -> None:
    row = Coverage(CELL, "checked", 3)
    found, (problem,) = from_files(tmp_path, [header(resources=3, coverage=[row.record()]), record("a")])
    assert problem.message.endswith("breaks off: 1 of 3 resources; what is there is judged")
    assert not found.coverage[CELL].complete


def test_a_second_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SnapshotError, match="a header after records; join snapshots by giving --live several times"
    ):
        from_files(tmp_path, [header(), record("a"), header()])


def test_records_of_a_provider_that_is_not_installed_are_in_the_ledger(tmp_path: Path) -> None:
    found, _ = from_files(tmp_path, [{**record("a"), "provider": "moon"}])
    row = found.coverage[CELL._replace(provider="moon")]
    assert row.status == "unsupported" and "there is no provider moon" in row.message
