"""Who changed an object, by its managed fields: one that wrote it by hand, or one of several."""

from __future__ import annotations

from typing import Any

from drift.facts import TypeFacts
from drift.finding import Change, Finding
from drift.model import Resource
from providers.kubernetes import attribution

DATA = {"f:data": {"f:level": {}}}


def owner(manager: str, time: str, operation: str = "Update") -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": operation,
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": DATA,
    }


def told(*owners: dict[str, Any]) -> Any:
    body = {"metadata": {"name": "c", "managedFields": list(owners)}, "data": {"level": "debug"}}
    live = Resource("kubernetes", "prod", "v1/ConfigMap", "web/c", body, None, "c")
    found = Finding("changed", live, live, (Change("/data/level", "info", "debug"),))
    return attribution.of(found, TypeFacts("v1/ConfigMap"))


def test_where_several_wrote_it_by_hand_it_is_one_of_them() -> None:
    by = told(
        owner("kubectl-edit", "2026-03-03T03:03:03Z"),
        owner("kubectl-patch", "2026-03-04T03:03:03Z"),
        owner("argocd-controller", "2026-03-05T03:03:03Z", "Apply"),
    )
    assert (by.actor, by.certain, by.kind) == ("one of kubectl-patch, kubectl-edit", False, None)
    assert by.time == "2026-03-04T03:03:03Z" and "own /data/level" in by.evidence


def test_what_deploys_is_a_pipeline_and_what_controls_a_service() -> None:
    by = told(owner("argocd-controller", "2026-03-05T03:03:03Z", "Apply"))
    assert (by.actor, by.certain, by.kind) == ("argocd-controller", True, "pipeline")
    by = told(owner("kube-controller-manager", "2026-03-05T03:03:03Z"))
    assert (by.actor, by.certain, by.kind) == ("kube-controller-manager", True, "service")
