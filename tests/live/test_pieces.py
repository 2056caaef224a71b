"""A file of pieces: at whatever byte its writer was killed, what was whole by then is there, and no more."""

from __future__ import annotations

import os
import random
import resource
import signal
import stat
from pathlib import Path

import pytest

from drift.live.pieces import Pieces, Taken


def written(path: Path, count: int = 5) -> list[tuple[int, bytes]]:
    """Where each piece ends, and its body."""
    found = []
    with Pieces(path, new=True) as file:
        for number in range(count):
            body = random.Random(number).randbytes(50 * number)
            file.add({"number": number}, body)
            found.append((file.size, body))
        file.sync()
    return found


def read(path: Path) -> list[bytes]:
    with Pieces(path) as file:
        return [file.body(piece) for piece in file.read()]


def test_what_was_whole_is_there_wherever_the_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "pieces"
    ends = written(path)
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        assert read(path) == [body for end, body in ends if end <= cut], cut


def test_a_bit_that_has_turned_ends_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pieces"
    ends = written(path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read(path) == [body for end, body in ends if end <= place], place


def test_what_was_torn_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "pieces"
    ends = written(path)
    os.truncate(path, ends[2][0] + 7)
    with Pieces(path) as file:
        assert len(list(file.read())) == 3
        file.add({"number": 9}, b"more")
    assert read(path) == [*(body for _, body in ends[:3]), b"more"]


def test_pieces_are_taken_over_as_they_are(tmp_path: Path) -> None:
    written(tmp_path / "one")
    with Pieces(tmp_path / "one") as one, Pieces(tmp_path / "two", new=True) as two:
        for piece in one.read():
            assert two.body(two.take(one, piece)) == one.body(piece)
    assert read(tmp_path / "one") == read(tmp_path / "two")


def test_only_its_owner_reads_it_and_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "pieces"
    with Pieces(path, new=True) as file:
        file.add({"number": 1})
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(Taken, match="a run that is not over is writing it"):
            Pieces(path)
        first = Pieces.first(path)
        assert first is not None and first.head == {"number": 1}
    assert len(read(path)) == 1


def test_of_a_piece_for_which_there_is_no_room_nothing_is_there(tmp_path: Path) -> None:
    path = tmp_path / "pieces"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Pieces(path, new=True) as file:
            file.add({"number": 0}, b"x" * 100)
            size = file.size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200, before[1]))
            with pytest.raises(OSError, match="large"):
                file.add({"number": 1}, b"y" * 1000)
            assert file.size == size == path.stat().st_size
            file.add({"number": 2}, b"z")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert read(path) == [b"x" * 100, b"z"]
