"""Looks at each cluster before a run: who one is there, and which of the kinds that it serves may be
listed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from drift.check import Check, Probe, claims, expiry, probed, skew
from drift.deadline import Deadline
from drift.errors import CellError, CredentialsError
from drift.live.estate import ANY
from drift.model import GLOBAL, Cell
from drift.task import Wanted
from providers.kubernetes.connection import Cluster, connect
from providers.kubernetes.discovery import Served
from providers.kubernetes.live import KindTask, Reading
from providers.kubernetes.permissions import single
from providers.kubernetes.settings import Settings

NAME = "kubernetes"
#: A token whose times are more than a leeway away is refused; a cluster takes 10 seconds by default. Source:
#: https://kubernetes.io/docs/reference/access-authn-authz/authentication/.
_MOST_SKEW = 300.0


def look(settings: Settings, wanted: Wanted, deadline: Deadline) -> Iterator[Check]:
    """What is to be said of each cluster. Raises CredentialsError where not one can be entered."""
    found = connect(settings, deadline)
    refused = [one for one in found if isinstance(one, CredentialsError)]
    if refused and len(refused) == len(found):
        raise CredentialsError("; ".join(map(str, refused)))
    for error in refused:
        name = str(error).partition(":")[0]
        yield Check("credentials", name, "kubeconfig", "blind", str(error), NAME, (_whole(name),))
    clusters = [one for one in found if isinstance(one, Cluster)]
    probes = [
        Probe(
            "credentials", one.name, "API server", partial(_cluster, one, settings, wanted), _whole(one.name)
        )
        for one in clusters
    ]
    yield from probed(probes, deadline)


def _whole(cluster: str) -> Cell:
    return Cell(NAME, cluster, ANY, ANY)


def _cluster(cluster: Cluster, settings: Settings, wanted: Wanted) -> Iterator[Check]:
    reading = Reading(cluster, settings)
    error = reading.enter()
    if error is not None:
        raise error
    version = reading.version or "of an unknown version"
    yield Check("credentials", cluster.name, "API server", "well", f"answers ({version})", NAME)
    yield _identity(cluster)
    yield skew(cluster.name, cluster.date, NAME, _MOST_SKEW, [_whole(cluster.name)])
    yield from _kinds(reading, wanted)
    for api, stale in reading.discovery.refused.items():
        cell = Cell(NAME, cluster.name, GLOBAL, f"{api}/*")
        yield Check("permission", cluster.name, api, "blind", stale.message, NAME, (cell,))


def _identity(cluster: Cluster) -> Check:
    """Who one is, as the cluster says since Kubernetes 1.28, and how long the token holds."""
    said = claims(cluster.token())
    until = expiry(float(said["exp"]) - time.time()) if isinstance(said.get("exp"), int) else ""
    status = "note" if until.startswith("it has expired") else "well"
    try:
        user = cluster.review("SelfSubjectReview", {}).get("userInfo")
        name = str(user.get("username")) if isinstance(user, dict) else "nobody"
    except CellError as error:
        told = f"the cluster does not tell who one is: {error.message}" + (f"; {until}" if until else "")
        return Check("credentials", cluster.name, "identity", "note", told, NAME)
    told = f"is {name}" + (f"; {until}" if until else "")
    return Check("credentials", cluster.name, "identity", status, told, NAME)  # type: ignore[arg-type]


def _kinds(reading: Reading, wanted: Wanted) -> Iterator[Check]:
    """Each kind that is read and may not be listed; all others are one check."""
    cluster, settings = reading.cluster, reading.settings
    kinds = [task.served for task in reading.tasks(wanted) if isinstance(task, KindTask)]
    if not kinds:
        said = "none of the kinds that the cluster serves is read; see live.kubernetes.kinds"
        yield Check("permission", cluster.name, "list", "note", said, NAME)
        return
    names = single(settings)
    places = [""] if names is None else names
    everything = {one for one in places if _may(cluster, "*", "*", one)}
    with ThreadPoolExecutor(settings.concurrency, thread_name_prefix="reviews") as pool:
        answers = list(pool.map(lambda one: _lacking(cluster, one, places, everything), kinds))
    denied = 0
    for served, lacking in zip(kinds, answers, strict=True):
        if not lacking:
            continue
        denied += 1
        where = "" if lacking == [""] else f" in {', '.join(lacking)}"
        said = f"{served.plural} may not be listed{where}; drift permissions kubernetes prints the role"
        what = f"list {served.type.key}"
        cell = Cell(NAME, cluster.name, GLOBAL, str(served.type))
        yield Check("permission", cluster.name, what, "blind", said, NAME, (cell,))
    if denied < len(kinds):
        told = f"{len(kinds) - denied} of {len(kinds)} kinds may be listed, as the cluster itself says"
        yield Check("permission", cluster.name, "list", "well", told, NAME)


def _lacking(cluster: Cluster, served: Served, places: list[str], everything: set[str]) -> list[str]:
    """The namespaces in which a kind may not be listed; ``[""]`` where it is listed over all of them."""
    asked = places if served.namespaced else [""]
    return [
        one
        for one in asked
        if one not in everything and not _may(cluster, served.type.group, served.plural, one)
    ]


def _may(cluster: Cluster, group: str, plural: str, namespace: str) -> bool:
    """Whether one may list, as the cluster says by a SelfSubjectAccessReview. Raises CellError."""
    asked = {"verb": "list", "group": group, "resource": plural, "namespace": namespace}
    return bool(cluster.review("SelfSubjectAccessReview", {"resourceAttributes": asked}).get("allowed"))
