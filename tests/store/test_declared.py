"""What is declared is the same resource once it was on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from drift.model import Origin, Resource
from drift.store import DeclaredStore


class Aliased(Mapping[str, int]):
    """Lines that answer more than they list, as a manifest's do (a Secret's `data` for `stringData`)."""

    def __getitem__(self, path: str) -> int:
        return {"/stringData/a": 7, "/data/a": 7}[path]

    def __iter__(self) -> Iterator[str]:
        return iter(["/stringData/a"])

    def __len__(self) -> int:
        return 1


def stored(lines: Mapping[str, int]) -> Mapping[str, int]:
    store = DeclaredStore(room=0)
    origin = Origin("manifests", "a.yaml", lines=lines)
    number = store.add(Resource("kubernetes", "c", "v1/Secret", "a", {}, origin=origin))
    assert store.place(number) is not None
    found = store.take(number).origin
    assert found is not None
    return found.lines


def test_lines_that_answer_more_than_they_list_still_do() -> None:
    assert stored(Aliased())["/data/a"] == 7
    assert stored({"/x": 3}) == {"/x": 3}
    assert stored({}) == {}
