"""Records: every format, and every way in which a file can be broken, with the rest still judged."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from drift.errors import SnapshotError
from drift.model import Problem, Resource
from drift.records import snapshot
from tests.conftest import Drift

pytestmark = pytest.mark.long


QUEUE = "AWS::SQS::Queue"


def record(name: str, **attributes: Any) -> dict[str, Any]:
    return {
        "provider": "aws",
        "scope": "123456789012",
        "region": "us-east-1",
        "type": QUEUE,
        "id": f"arn:aws:sqs:us-east-1:123456789012:{name}",
        "name": name,
        "attributes": {"QueueName": name, **attributes},
    }


def lines(*records: Any) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in records)


def read(path: Path) -> tuple[list[str | None], list[str]]:
    """(names of the resources, problems)."""
    found = list(snapshot.read(path))
    return (
        [one.name for one in found if isinstance(one, Resource)],
        [one.message.removeprefix(f"{path}") for one in found if isinstance(one, Problem)],
    )


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_what_is_written_is_read(tmp_path: Path, ending: str) -> None:
    resources = [
        Resource("aws", "s", "T", f"id-{n}", {"A": [n, None, {"B": "é"}]}, "r", f"n{n}") for n in range(9)
    ]
    resources[3] = resources[3].but(unread={"/A": "denied"}, region=None, name=None)
    path = tmp_path / f"live{ending}"
    assert snapshot.write(path, resources, {"coverage": []}) == 9
    head, *read_back = snapshot.read(path)
    assert head == {"drift_snapshot": 1, "coverage": []}
    assert read_back == resources
    assert snapshot.write(path.with_name("again" + ending), resources, {"coverage": []}) == 9
    assert path.read_bytes() == path.with_name("again" + ending).read_bytes()


def test_yaml_of_several_documents(tmp_path: Path) -> None:
    path = tmp_path / "base.yaml"
    text = "# reviewed\n---\n" + "\n---\n".join(json.dumps(record(name, Date="2020-01-01")) for name in "ab")
    path.write_text(text + "\n---\n")
    assert read(path) == (["a", "b"], [])


def test_what_yaml_makes_of_dates_is_text(tmp_path: Path) -> None:
    path = tmp_path / "base.yaml"
    path.write_text(
        "provider: aws\nscope: s\ntype: T\nid: i\nattributes:\n  PolicyDocument:\n    Version: 2012-10-17\n"
    )
    found = next(iter(snapshot.read(path)))
    assert isinstance(found, Resource)
    assert found.attributes == {"PolicyDocument": {"Version": "2012-10-17"}}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"{", ":2: no JSON record: "),
        (b"\xff\xfe", ":2: no JSON record: "),
        (b'{"a": NaN}', ":2: no JSON record: "),
        (b"[1]", ":2: a record is an object, not list; "),
        ({**record("x"), "id": None}, ":2: 'id' is missing or no text; "),
        ({**record("x"), "id": 5}, ":2: 'id' is missing or no text; "),
        ({**record("x"), "scope": ""}, ":2: 'scope' is missing or no text; "),
        ({**record("x"), "attributes": []}, ":2: 'attributes' is missing or no object; "),
        ({**record("x"), "region": 5}, ":2: 'region' is no text; "),
        ({**record("x"), "unread": 5}, ":2: 'unread' is no object; "),
        (record("a"), ":2: the same resource is already on line 1: "),
        (
            b'{"provider":"aws","scope":"s","type":"T","id":"i","attributes":'
            + b'{"a":' * 120
            + b"1"
            + b"}" * 121,
            ":2: 'attributes' nests deeper than 100 levels; ",
        ),
        (b'{"provider":"aws","attributes":' + b"[" * 5000 + b"]" * 5000 + b"}", ":2: no JSON record: "),
        (b'{"attributes": "' + b"x" * (17 * 1024 * 1024) + b'"}', ":2: the record is longer than 16 MB; "),
    ],
)
def test_a_bad_record_is_told_with_its_line_and_the_others_are_read(
    tmp_path: Path, bad: Any, said: str
) -> None:
    path = tmp_path / "live.jsonl"
    path.write_bytes(lines(record("a"), bad, record("b")))
    names, problems = read(path)
    assert names == ["a", "b"]
    assert len(problems) == 1
    assert problems[0].startswith(said)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("a: [", ":"),
        ("a: \x00", ":3: no valid YAML: "),
        ("&a [*a]", ":"),
        ("provider: aws\nscope: s\ntype: T\nid: i\nattributes: {a: .nan}", ":3: 'attributes' holds nan, "),
        ("provider: aws\nscope: s\ntype: T\nid: i\nattributes: {1: a}", ":3: 'attributes' holds the key 1, "),
        (
            "provider: aws\nscope: s\ntype: T\nid: i\nattributes: {a: !!binary aGk=}",
            ":3: 'attributes' holds a bytes, ",
        ),
        ("provider: aws\nattributes: !!python/object:os.system {}", ":"),
        ("x: '" + "x" * (17 * 1024 * 1024) + "'", ":3: the record is longer than 16 MB; "),
        ("x: '" + "x\n " * (6 * 1024 * 1024) + "'", ":3: the record is longer than 16 MB; "),
    ],
)
def test_a_bad_yaml_document_does_not_end_the_file(tmp_path: Path, bad: str, said: str) -> None:
    path = tmp_path / "base.yaml"
    path.write_text(f"---\n{json.dumps(record('a'))}\n---\n{bad}\n---\n{json.dumps(record('b'))}\n")
    names, problems = read(path)
    assert names == ["a", "b"]
    assert len(problems) == 1
    assert problems[0].startswith(said)
    assert problems[0].endswith("; the record is left out")


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    whole = lines(*(record(f"q{number}", Pad="x" * 300) for number in range(2000)))
    for ending, packed in (
        (".gz", gzip.compress(whole)),
        (".zst", zstandard.compress(whole)),
        (".zst", b"".join(zstandard.compress(whole[at : at + 9999]) for at in range(0, len(whole), 9999))),
    ):
        path = tmp_path / f"live.jsonl{ending}"
        path.write_bytes(packed)
        assert len(read(path)[0]) == 2000
        for size in (len(packed) // 2, len(packed) - 1):
            path.write_bytes(packed[:size])
            names, problems = read(path)
            assert any("breaks off or is corrupt" in problem for problem in problems)
            assert len(names) < 2001
        path.write_bytes(packed[:50] + b"\0\0\0\0" + packed[54:])
        assert read(path)[1]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_what_is_not_compressed_at_all(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"live.jsonl{ending}"
    path.write_bytes(lines(record("a")))
    assert read(path)[0] == []
    assert len(read(path)[1]) == 1


@pytest.mark.parametrize("head", [{"drift_snapshot": 2}, {"drift_snapshot": "1"}, {"drift_snapshot": None}])
def test_a_header_of_another_version(tmp_path: Path, head: Any) -> None:
    path = tmp_path / "live.jsonl"
    path.write_bytes(lines(head))
    with pytest.raises(SnapshotError, match=r"live.jsonl:1: snapshot version .* is not known"):
        read(path)


@given(st.binary(max_size=200))
def test_no_content_is_a_crash(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    for ending in (".jsonl", ".jsonl.gz", ".jsonl.zst", ".yaml"):
        (folder / f"live{ending}").write_bytes(content)
        with contextlib.suppress(SnapshotError):
            read(folder / f"live{ending}")


# With the command line


def diff(drift: Drift, folder: Path, live: bytes, name: str = "live.jsonl") -> Any:
    (folder / "base.jsonl").write_bytes(lines(record("a"), record("b"), record("c")))
    (folder / name).write_bytes(live)
    return drift("diff", "--live", name, "--declared", "base.jsonl", "-o", "out")


def test_a_snapshot_without_problem_says_what_is_missing(drift: Drift, tmp_path: Path) -> None:
    ran = diff(drift, tmp_path, lines(record("a"), record("b", DelaySeconds=5)))
    assert ran.code == 2
    assert ran.findings() == {("missing", "c"): [], ("changed", "b"): ["/DelaySeconds"]}


@pytest.mark.parametrize("head", [True, False])
def test_an_unreadable_record_is_exit_code_3_and_nothing_is_missing(
    drift: Drift, tmp_path: Path, head: bool
) -> None:
    row = {"provider": "aws", "scope": "123456789012", "region": "us-east-1", "type": QUEUE}
    coverage = [{**row, "status": "checked", "resources": 3}]
    first = [{"drift_snapshot": 1, "coverage": coverage}] if head else []
    ran = diff(drift, tmp_path, lines(*first, record("a"), b"{broken", record("b")))
    assert ran.findings() == {}
    assert ran.code == 3
    assert len(ran.report["problems"]) == 1
    assert ran.status(QUEUE) == "failed"


def test_a_snapshot_cut_off_between_two_records(drift: Drift, tmp_path: Path) -> None:
    row = {"provider": "aws", "scope": "123456789012", "region": "us-east-1", "type": QUEUE}
    head = {"drift_snapshot": 1, "resources": 3, "coverage": [{**row, "status": "checked", "resources": 3}]}
    ran = diff(drift, tmp_path, lines(head, record("a"), record("b")))
    assert (ran.code, ran.findings()) == (3, {})
    assert "breaks off: 2 of 3 resources" in ran.report["problems"][0]["message"]


@pytest.mark.parametrize(
    "head",
    [
        {"drift_snapshot": 1, "coverage": [{}]},
        {"drift_snapshot": 1, "coverage": 5},
        {"drift_snapshot": 1, "coverage": [{"provider": "aws", "scope": "s", "type": "T", "status": "fine"}]},
        {"drift_snapshot": 1, "context": [1]},
        {"drift_snapshot": 1, "context": {"aws": 5}},
    ],
)
def test_a_header_that_is_none(drift: Drift, tmp_path: Path, head: Any) -> None:
    assert "header" in diff(drift, tmp_path, lines(head, record("a"))).complaint


def test_two_snapshots_of_one_resource(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "more.jsonl").write_bytes(lines(record("a")))
    (tmp_path / "base.jsonl").write_bytes(lines(record("a")))
    (tmp_path / "live.jsonl").write_bytes(lines(record("a")))
    arguments = [
        "diff",
        "--live",
        "live.jsonl",
        "--live",
        "more.jsonl",
        "--declared",
        "base.jsonl",
        "-o",
        "out",
    ]
    ran = drift(*arguments)
    assert ran.code == 3
    assert "is in another snapshot already" in ran.report["problems"][0]["message"]


def deep(name: str) -> bytes:
    return json.dumps(record(name)).encode()[:-2] + b', "Deep": ' + b'{"a":' * 100 + b"1" + b"}" * 102


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({**record("x"), "id": None}, ":2: 'id' is missing"),
        (record("a"), ":2: the same resource is already on line 1"),
        (deep("x"), ":2: 'attributes' nests deeper than 100 levels"),
        (
            json.dumps(record("x", Pad="x" * (50 * 1024 * 1024))).encode(),
            ":2: the record is longer than 16 MB",
        ),
        (json.dumps(record("x")).encode()[:-2] + b', "A": NaN}}', ":2: no JSON record"),
        (json.dumps(record("x")).encode()[:-2] + b', "A": "\xff"}}', ":2: no JSON record"),
    ],
    ids=["no id", "twice", "deep", "50 MB", "NaN", "no UTF-8"],
)
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_bad_records_end_to_end(drift: Drift, tmp_path: Path, bad: Any, where: str, ending: str) -> None:
    """One error with file and line; the others are judged: what differs is found, what is not there is not
    missing."""
    content = lines(record("a"), bad, record("b"))
    packed = gzip.compress(content) if ending == ".gz" else zstandard.compress(content) if ending else content
    ran = diff(drift, tmp_path, packed, f"live.jsonl{ending}")
    assert ran.code == 3
    assert len(ran.report["problems"]) == 1
    assert ran.report["problems"][0]["message"].startswith(f"live.jsonl{ending}{where}")
    assert (ran.findings(), ran.report["summary"]["in_sync"]) == ({}, 2)
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("harm", ["cut", "corrupt"])
def test_a_broken_archive_end_to_end(drift: Drift, tmp_path: Path, ending: str, harm: str) -> None:
    content = lines(record("a"), *(record(f"q{n}", Pad=str(n) * 50) for n in range(3000)))
    packed = bytearray(gzip.compress(content) if ending == ".gz" else zstandard.compress(content))
    if harm == "cut":
        del packed[len(packed) // 2 :]
    else:
        packed[len(packed) // 2 : len(packed) // 2 + 8] = b"\0" * 8
    ran = diff(drift, tmp_path, bytes(packed), f"live.jsonl{ending}")
    assert ran.code in (2, 3)
    assert not any(kind == "missing" for kind, _ in ran.findings())
    assert f"live.jsonl{ending}" in ran.report["problems"][0]["message"]
    assert "Traceback" not in ran.stderr


YAML = (
    "name: {name}\nprovider: aws\nscope: '1'\nregion: us-east-1\n"
    "type: AWS::SQS::Queue\nid: {name}\nattributes: {attributes}\n"
)


@pytest.mark.parametrize(
    ("attributes", "said", "line"),
    [
        ("{a: " + "[" * 50_000, "nests deeper", 7),
        ("{n: 18446744073709551616}", "more than 64 bits", 1),
        (
            "\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
            "unfold",
            13,
        ),
    ],
    ids=["deep", "large number", "aliases"],
)
def test_yaml_that_would_end_the_program_is_left_out(
    tmp_path: Path, attributes: str, said: str, line: int
) -> None:
    path = tmp_path / "base.yaml"
    good = YAML.format(name="good", attributes="{a: 1}")
    path.write_text(YAML.format(name="bad", attributes=attributes) + "---\n" + good)
    names, problems = read(path)
    assert (names, len(problems)) == (["good"], 1)
    assert said in problems[0] and problems[0].startswith(f":{line}:")


def test_yaml_with_a_byte_order_mark_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "base.yaml"
    path.write_text("\ufeff" + YAML.format(name="good", attributes="{a: 1}"), encoding="utf-8")
    assert snapshot.is_records(path, path.read_bytes())
    assert [one.id for one in snapshot.read(path) if isinstance(one, Resource)] == ["good"]


def test_a_provider_that_is_not_installed_is_in_the_ledger(drift: Drift, tmp_path: Path) -> None:
    other = {**record("other"), "provider": "oracle"}
    ran = diff(drift, tmp_path, lines(record("a"), record("b"), record("c"), other))
    assert ran.code == 0
    row = next(row for row in ran.report["coverage"] if row["provider"] == "oracle")
    assert row["status"] == "unsupported" and "no provider oracle" in row["message"]
    assert "Traceback" not in ran.stderr


def test_a_number_beyond_all_integers_is_told(drift: Drift, tmp_path: Path) -> None:
    huge = json.dumps(record("a")).replace(
        '"attributes": {', '"attributes": {"Large": 18446744073709551616, '
    )
    ran = diff(drift, tmp_path, lines(huge.encode(), record("b"), record("c")))
    assert (ran.code, ran.report["summary"]["changed"]) == (2, 1)
    assert "Traceback" not in ran.stderr


RECORD = b'{"provider": "aws", "scope": "1", "type": "T", "id": "a", "attributes": {}}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RECORD, True),
        (b'{"drift_snapshot": 1}\n', True),
        (b"{broken\n" + RECORD, True),
        (b"{broken\n", True),
        (RECORD[:40], True),
        (b"", False),
        (b'{"kind": "Event", "attributes": {"provider": "x"}}\n{broken', False),
        (b"[1]\n", False),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gz", "zst"])
def test_records_are_told_by_content(text: bytes, expected: bool, pack: Any) -> None:
    ending = {bytes: "", gzip.compress: ".gz", zstandard.compress: ".zst"}[pack]
    if text or not ending:
        assert snapshot.is_records(Path(f"x.jsonl{ending}"), pack(text)) is expected
