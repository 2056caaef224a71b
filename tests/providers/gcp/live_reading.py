"""Reads a loopback Google Cloud through the core's own path, and judges what Git declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.config.model import Config
from drift.judge import Judgement, Terms, judge
from drift.live import collect
from drift.live.estate import Estate
from drift.match.pairing import match
from drift.model import Cell, Coverage, Origin, Resource
from drift.redaction.redact import Redactor
from drift.task import Wanted
from providers.gcp import GcpProvider
from providers.gcp.loopback import Loopback
from providers.gcp.settings import Settings

KEY = "a key for tests"
TOPIC = "pubsub.googleapis.com/Topic"
BINDING = "iam.googleapis.com/Binding"
PUBSUB = "//pubsub.googleapis.com/projects"
BOTH = ("url", "grpc_url")


def project(id_: str, number: int, **more: Any) -> dict[str, Any]:
    return {"name": f"projects/{number}", "projectId": id_, **more}


def topic(project_id: str, name: str, **data: Any) -> dict[str, Any]:
    path = f"projects/{project_id}/topics/{name}"
    return {
        "name": f"//pubsub.googleapis.com/{path}",
        "assetType": TOPIC,
        "data": {"name": path, **data},
    }


def policy(role: str, *members: str, **more: Any) -> dict[str, Any]:
    return {"bindings": [{"role": role, "members": list(members), **more}]}


def settings(server: Loopback, where: str = "grpc_url", **more: Any) -> Settings:
    return Settings.model_validate({"endpoint": getattr(server, where), **more})


def read(given: Settings, types: Iterable[str] = (), **wanted: Any) -> Estate:
    """Everything that the settings name."""
    estate = Estate({"gcp": GcpProvider()})
    collect.from_clouds(estate, {"gcp": given}, {"gcp": Wanted(frozenset(types), **wanted)}, Redactor(KEY), 8)
    return estate


def row(estate: Estate, scope: str, type_: str | None = None) -> Coverage:
    """What the ledger says of a scope, or of one type in it."""
    cell = Cell("gcp", scope, "*" if type_ is None else "global", type_ or "*")
    found = estate.status(cell)
    assert found is not None, f"{scope} is not in the ledger"
    return found


def ids(estate: Estate, type_: str | None = None) -> list[str]:
    return sorted(str(one.id) for one in estate if type_ in (None, one.type))


def declared(document: Mapping[str, Any], scope: str) -> Resource:
    """What a reader makes of a document: the body as it is."""
    origin = Origin("baseline", "declared.yaml", address=str(document["name"]))
    return Resource(
        "gcp", scope, document["assetType"], document["name"], dict(document["data"]), origin=origin
    )


def verdict(estate: Estate, resources: Iterable[Resource]) -> Judgement:
    return judge(
        match(resources, estate), Terms(estate, Config.model_validate({"version": 1}), Redactor(KEY))
    )


def told(judgement: Judgement) -> list[tuple[str, str, tuple[str, ...]]]:
    """(kind, id, paths) of the findings about what is declared."""
    return [
        (one.kind, str(one.resource.id), tuple(change.path for change in one.changes))
        for one in judgement.findings
        if one.kind != "unmanaged"
    ]
