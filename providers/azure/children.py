"""What lies below resources or extends them, and that only the parent's own listing tells."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, NamedTuple

from drift.errors import CellError
from providers.azure.failures import Gone
from providers.azure.session import Session

#: Listed once for a whole subscription: type → (path below it, API version, filter).
SUBSCRIPTION_WIDE: Mapping[str, tuple[str, str, str | None]] = {
    f"Microsoft.Authorization/{kind}": (f"/providers/Microsoft.Authorization/{kind}", version, condition)
    for kind, version, condition in (
        ("roleAssignments", "2022-04-01", None),
        ("roleDefinitions", "2022-04-01", "type eq 'CustomRole'"),
        ("locks", "2020-05-01", None),
        ("policyAssignments", "2022-06-01", None),
        ("policyDefinitions", "2021-06-01", "policyType eq 'Custom'"),
        ("policySetDefinitions", "2021-06-01", "policyType eq 'Custom'"),
        ("policyExemptions", "2022-07-01-preview", None),
    )
}


class Extension(NamedTuple):
    """What extends resources, and is asked resource by resource: at which version, of which types (None: of
    all)."""

    version: str
    hosts: frozenset[str] | None = None


_CLUSTERS = frozenset(
    {"Microsoft.ContainerService/managedClusters", "Microsoft.Kubernetes/connectedClusters"}
)
_MACHINES = frozenset(
    {
        "Microsoft.Compute/virtualMachines",
        "Microsoft.Compute/virtualMachineScaleSets",
        "Microsoft.HybridCompute/machines",
    }
)
#: Read only where they are declared.
EXTENSIONS = {
    "Microsoft.Insights/diagnosticSettings": Extension("2021-05-01-preview"),
    "Microsoft.Insights/dataCollectionRuleAssociations": Extension("2022-06-01", _MACHINES | _CLUSTERS),
    "Microsoft.KubernetesConfiguration/extensions": Extension("2023-05-01", _CLUSTERS),
    "Microsoft.KubernetesConfiguration/fluxConfigurations": Extension("2023-05-01", _CLUSTERS),
}
#: Named settings of an app whose values no GET gives: name → what tells them.
APP_SETTINGS = ("appsettings", "connectionstrings")
APP_CONFIG, APP_VERSION = "Microsoft.Web/sites/config", "2022-09-01"
#: Apps, in whose own answers most of ``siteConfig`` is null: ``config/web`` has it
#: (https://learn.microsoft.com/rest/api/appservice/web-apps/get-configuration).
APPS = frozenset({"Microsoft.Web/sites", "Microsoft.Web/sites/slots"})


#: Services of a storage account, which are extended themselves and which nothing lists.
_SERVICES = ("blobServices", "fileServices", "queueServices", "tableServices")


def extended(
    subscription: str, found: Mapping[str, Sequence[str]], hosts: frozenset[str] | None
) -> Iterator[str]:
    """The ids of what may be extended, of all that was found (type → ids)."""
    if hosts is None:
        yield f"/subscriptions/{subscription}"
    for type_, ids in found.items():
        if hosts is None or type_ in hosts:
            yield from ids
        if hosts is None and type_ == "Microsoft.Storage/storageAccounts":
            yield from (f"{id_}/{service}/default" for id_ in ids for service in _SERVICES)


def below(
    session: Session, parents: Iterable[str], path: str, version: str, workers: int = 8
) -> Iterator[tuple[str, list[Any] | CellError]]:
    """(parent id, what it lists at ``path``, or why it does not), in the order of the parents."""

    def ask(parent: str) -> tuple[str, list[Any] | CellError]:
        try:
            return parent, [one for page in session.pages(f"{parent}{path}", version) for one in page]
        except CellError as error:
            return parent, error

    with closing(each(ask, parents, workers)) as answers:
        yield from answers


def _told(answer: Any) -> Any:
    """A configuration's body, which always has ``properties``; without, it is another's answer."""
    if not isinstance(answer, dict) or "properties" not in answer:
        raise CellError("failed", "the answer is no configuration of an app")
    return answer


def app_settings(
    session: Session, apps: Iterable[str], workers: int = 8
) -> Iterator[tuple[str, list[Any] | CellError]]:
    """(app id, its named settings as bodies with ``id`` and ``properties``, or why they can't be read)."""

    def ask(app: str) -> tuple[str, list[Any] | CellError]:
        found: list[Any] = []
        try:
            for name in APP_SETTINGS:
                told = _told(session.secrets(f"{app}/config/{name}/list", APP_VERSION))
                found.append({**told, "id": f"{app}/config/{name}", "type": APP_CONFIG, "name": name})
            web = _told(session.get(f"{app}/config/web", APP_VERSION))
            found.append({**web, "id": f"{app}/config/web", "type": APP_CONFIG, "name": "web"})
        except CellError as error:
            return app, error
        return app, found

    with closing(each(ask, apps, workers)) as answers:
        yield from answers


def with_site_config(
    session: Session, apps: Iterable[Mapping[str, Any]], workers: int = 8
) -> Iterator[tuple[Mapping[str, Any], CellError | None]]:
    """(an app's body with all of its ``siteConfig``, why that could not be read)."""

    def ask(app: Mapping[str, Any]) -> tuple[Mapping[str, Any], CellError | None]:
        try:
            told = _told(session.get(f"{app['id']}/config/web", APP_VERSION))
        except Gone:
            return app, None
        except CellError as error:
            return app, error
        properties = app.get("properties") or {}
        config = {**(properties.get("siteConfig") or {}), **(told.get("properties") or {})}
        return {**app, "properties": {**properties, "siteConfig": config}}, None

    with closing(each(ask, apps, workers)) as answers:
        yield from answers


def each(ask: Callable[[Any], Any], items: Iterable[Any], workers: int = 8) -> Generator[Any, None, None]:
    """The answers in the order of the items, a few asked ahead."""
    todo = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="azure-children") as pool:
        ahead = []
        for item in todo:
            ahead.append(pool.submit(ask, item))
            if len(ahead) > workers * 2:
                yield ahead.pop(0).result()
        for future in ahead:
            yield future.result()
