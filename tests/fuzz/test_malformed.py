"""No malformed input is a traceback: 2,000 bad files, the same ones in each run, over every reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import malformed, readers

FILES = 2000
_READERS = readers.all_of_them()


@pytest.mark.parametrize("name", _READERS)
def test_what_is_good_is_taken(name: str, tmp_path: Path) -> None:
    reader, good = _READERS[name]
    readers.write(reader, good, tmp_path / "good")
    assert readers.read(reader, tmp_path / "good")


@pytest.mark.parametrize("name", _READERS)
def test_what_is_bad_is_refused_in_words_or_told(name: str, tmp_path: Path) -> None:
    reader, good = _READERS[name]
    for number in range(-(-FILES // len(_READERS))):
        readers.write(reader, malformed.of(good, number), tmp_path / "bad")
        try:
            readers.read(reader, tmp_path / "bad")
        except Exception as error:
            error.add_note(f"malformed.of(good, {number}) of {name}: make fuzz FUZZ='--reader {name}'")
            raise


@pytest.mark.parametrize(
    "file", sorted(Path(__file__).with_name("found").iterdir()), ids=lambda file: file.name
)
def test_what_was_found_once_stays_mended(file: Path, tmp_path: Path) -> None:
    reader, _ = _READERS[file.name.rpartition("-")[0]]
    readers.write(reader, file.read_bytes(), tmp_path / "bad")
    readers.read(reader, tmp_path / "bad")
