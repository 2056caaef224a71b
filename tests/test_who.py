"""Who did it, as the core asks: what is known is kept, what hangs or breaks is left behind and said."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from drift.deadline import Deadline
from drift.finding import Attribution, Finding
from drift.model import Resource
from drift.report import who
from drift.witness import Budget, Silent, Witnessed
from tests.clock import Until


class Said(BaseModel):
    """The settings of a cloud, none."""


class Cloud:
    """As much of a provider as is asked."""

    def __init__(self, name: str, held: threading.Event | None = None) -> None:
        self.name, self.held, self.told = name, held, threading.Event()

    def witness(self, findings: Any, settings: Any, budget: Budget) -> Iterable[Witnessed | Silent]:
        yield Witnessed(findings[0], Attribution("anna@acme.example", None, "Update", "the log"))
        self.told.set()
        if self.held is not None:
            self.held.wait(60)
        raise ValueError("broken")


def finding(cloud: str) -> Finding:
    return Finding("unmanaged", None, Resource(cloud, "here", "thing", "one", {}))


def test_a_log_that_breaks_is_said_and_what_it_told_stays() -> None:
    one, cloud = finding("a"), Cloud("a")
    found = who.ask([one], {"a": cloud}, {"a": Said()}, Budget(5, Deadline(20)), Deadline())  # type: ignore[dict-item]
    assert found.told[one.id]["actor"] == "anna@acme.example" and found.told[one.id]["certain"]
    assert found.silent == ["a: who did it can't be told: ValueError: broken"]


def test_a_log_that_hangs_is_left_behind() -> None:
    held = threading.Event()
    clouds = {"a": Cloud("a", held), "b": Cloud("b")}
    clock = Until(lambda: all(one.told.is_set() for one in clouds.values()))
    both = [finding("a"), finding("b")]
    found = who.ask(both, clouds, dict.fromkeys(clouds, Said()), Budget(5, clock), Deadline())  # type: ignore[arg-type]
    held.set()
    assert set(found.told) == found.answered == {one.id for one in both}
    assert "a: who did it was not told in time (attribution.seconds)" in found.silent


def test_what_is_known_is_not_asked_again() -> None:
    def one(id_: str, digest: str) -> dict[str, Any]:
        return {"id": id_, "digest": digest, "attribution": None}

    told = [one(id_, "2") for id_ in ("unasked", "known", "changed", "new", "nobody", "settled")]
    by = '{"actor": "anna"}'
    known = {"known": ("2", by, 1), "changed": ("1", by, 1)}
    known |= {"unasked": ("2", None, 0), "nobody": ("2", None, 1), "settled": ("2", None, 2)}
    fresh, again = who.keep(told, known)
    assert [told[place]["id"] for place in fresh] == ["changed", "new"]
    assert [told[place]["id"] for place in again] == ["unasked", "nobody"]
    assert [each["id"] for each in told if each["attribution"] == {"actor": "anna"}] == ["known"]


def test_a_budget_is_spent_by_its_calls_and_knows_pipelines() -> None:
    budget = Budget(1, pipelines=["deploy-*"])
    assert (budget.take(), budget.spent, budget.take(), budget.spent) == (True, False, False, True)
    budget = Budget(2)
    assert list(budget.pages(iter("ab"))) == ["a", "b", None]  # nobody knows whether there is a third
    budget = Budget(3)
    assert (list(budget.pages(iter("ab"))), budget.calls) == (["a", "b"], 1)
    budget = Budget(1, pipelines=["deploy-*"])
    assert budget.pipeline("x", "deploy-7") and not budget.pipeline("anna")
