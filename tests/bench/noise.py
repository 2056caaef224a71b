"""How many pairs of the second recordings that are in sync are loud, and how many changes are told: of kinds
that rules were tuned on (A), and of those that were never looked at (B)."""

from __future__ import annotations

from collections import Counter

from tests import shared
from tests.providers.azure import recorded as azure
from tests.providers.gcp.config_connector import recorded as google
from tests.providers.gcp.config_connector import second

#: At most so many of a hundred pairs may be loud.
_GOALS = {"Google's requests": 20, "Config Connector's objects": 26, "Azure's bodies": 6}
_FORMS = {"request": "Google's requests", "object": "Config Connector's objects"}


def main() -> None:
    """Prints a line a form. Does nothing, and says so, where the recordings are absent."""
    if not (shared.path(second.RECORDING).exists() and shared.path(azure.SECOND).exists()):
        print("noise: the second recordings are not there")
        return
    judged, loud = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    google.FOLDER = shared.path(second.RECORDING)
    rows, strict = google.rows(), set(google.strict())
    for row in rows:
        half = second.half(row["declared_create"]["kind"])
        for form, told in second.in_sync(row):
            judged[_FORMS[form], half] += 1
            loud[_FORMS[form], half] += told
    for pair in azure.in_sync(azure.SECOND):
        if pair.source == "recorded":
            place = "Azure's bodies", "A" if azure.tuned(pair.type) else "B"
            judged[place] += 1
            loud[place] += bool(azure.judged(pair).changes)
    for form, goal in _GOALS.items():
        halves = ", ".join(
            f"{half} {100 * loud[form, half] / judged[form, half]:.1f} % of {judged[form, half]}"
            for half in "AB"
        )
        print(f"noise: {form} that are in sync and loud: {halves} (goal at most {goal} %)")
    asked = [row for row in rows if row["case"] in strict]
    _told("Config Connector's strict changes", [bool(google.told(row)) for row in asked])
    changed = [pair for pair in azure.changed(azure.SECOND) if pair.source == "recorded"]
    _told("Azure's changes", [bool(azure.judged(pair).changes) for pair in changed])


def _told(what: str, told: list[bool]) -> None:
    share = 100 * sum(told) / len(told)
    print(f"noise: {what} that are told: {sum(told)} of {len(told)}, {share:.1f} % (goal at least 98 %)")
