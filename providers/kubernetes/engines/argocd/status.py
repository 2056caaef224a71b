"""What the live Application says of itself: what it applied, why it stays, what it made.

Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/server-commands/ and the Application's CRD
(argo-cd, manifests/crds/application-crd.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.kubernetes.engines.argocd.said import entries, mapping, text
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.exceptions import texts
from providers.kubernetes.names import TypeName

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def applied(app: Mapping[str, Any], index: int) -> str | None:
    """The commit of one source that was applied last, wholly; None where nothing tells.

    ``status.sync.revision`` is what was compared: it is what is there only while the two agree. Else the last
    operation's, where it succeeded and was of the whole, or the newest entry of the history, which Argo CD
    writes for such operations alone.
    """
    status = mapping(app, "status")
    sync = mapping(status, "sync")
    if sync.get("status") == "Synced":
        return _commit(sync, index)
    operation = mapping(status, "operationState")
    partial = mapping(operation, "operation", "sync").get("resources")
    if operation.get("phase") == "Succeeded" and not partial:
        return _commit(mapping(operation, "syncResult"), index)
    history = entries(status.get("history"))
    return _commit(history[-1], index) if history else None


def stays(app: Mapping[str, Any]) -> str:
    """Why Argo CD leaves what differs; empty where it would mend it."""
    if mapping(app, "metadata", "annotations").get("argocd.argoproj.io/skip-reconcile") == "true":
        return "Argo CD is told not to reconcile it (skip-reconcile)"
    status = mapping(app, "status")
    operation = mapping(status, "operationState")
    if operation.get("phase") in ("Failed", "Error"):
        return f"its last synchronisation failed: {_short(text(operation.get('message')))}"
    for one in entries(status.get("conditions")):
        kind = text(one.get("type"))
        if kind.endswith("Error"):
            return f"{kind}: {_short(text(one.get('message')))}"
        if kind == "SyncWindow":
            return f"a sync window holds it: {_short(text(one.get('message')))}"
    policy = mapping(app, "spec", "syncPolicy")
    automated = policy.get("automated")
    if not isinstance(automated, Mapping) or automated.get("enabled") is False:
        return "it is synchronised by hand (no automated sync)"
    if automated.get("selfHeal") is not True:
        return "it does not mend what is changed live (selfHeal is off)"
    return ""


def keeps(several: Mapping[str, Any]) -> str:
    """Why an ApplicationSet leaves its Applications as they are; empty where it would not."""
    policy = text(mapping(several, "spec", "syncPolicy").get("applicationsSync"))
    if policy in ("create-only", "create-delete"):
        return f"its ApplicationSet changes no Application that is there ({policy})"
    return ""


def inventory(app: Mapping[str, Any], scope: str) -> frozenset[Ref] | None:
    """What ``status.resources`` lists as its own; None where it has none. What is only to be pruned is not
    in Git any more and no longer stands for it."""
    status = mapping(app, "status")
    if not isinstance(status.get("resources"), list):
        return None
    found = set()
    for one in entries(status["resources"]):
        if one.get("requiresPruning") is True:
            continue
        type_ = TypeName(text(one.get("group")), text(one.get("version")), text(one.get("kind")))
        found.add(Ref(scope, type_.key, text(one.get("namespace")), text(one.get("name"))))
    return frozenset(found)


def _commit(said: Mapping[str, Any], index: int) -> str | None:
    several = texts(said.get("revisions"))
    found = several[index] if index < len(several) else "" if several else text(said.get("revision"))
    return found if _COMMIT.fullmatch(found) else None


def _short(message: str) -> str:
    told = " ".join(message.split())
    return told if len(told) <= 200 else f"{told[:200]}…"
