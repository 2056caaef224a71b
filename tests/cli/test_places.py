"""What -o and -f mean: a folder, a file by its ending, or standard output."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.cli.places import Place, placed
from drift.errors import ConfigError


@pytest.mark.parametrize(
    ("output", "format", "place"),
    [
        (None, None, Place(["html"])),
        (None, "json, table", Place(["json", "table"])),
        ("-", "json", Place(["json"], stdout=True)),
        ("out", None, Place(["html"], folder=Path("out"))),
        ("out/", "json", Place(["json"], folder=Path("out"))),
        ("there.html", None, Place(["html"], folder=Path("there.html"))),
        ("out.html", None, Place(["html"], file=Path("out.html"))),
        ("a/Out.JSON", None, Place(["json"], file=Path("a/Out.JSON"))),
        ("out.txt", None, Place(["table"], file=Path("out.txt"))),
        ("out.txt", "json", Place(["json"], file=Path("out.txt"))),
        ("2026.01", "html,json", Place(["html", "json"], folder=Path("2026.01"))),
    ],
)
def test_a_place_is_told_by_its_name(
    output: str | None, format: str | None, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there.html").mkdir()
    monkeypatch.chdir(tmp_path)
    assert placed(output, format, ["html"]) == place


@pytest.mark.parametrize(
    ("output", "format", "says"),
    [
        ("-", None, "-o - takes one format; name it with -f: codequality, "),
        ("-", "json,html", "takes one format"),
        ("out.html", "json,html", "-o out.html takes one format"),
        ("json", None, "for the format write -f json"),
        ("out", "pdf", "there is no format 'pdf'; installed are: codequality, "),
    ],
)
def test_what_a_place_can_not_hold_is_told(output: str, format: str | None, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        placed(output, format)
    assert says in str(error.value)
