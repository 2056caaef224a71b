"""What is asked of Azure, Google Cloud and Kubernetes: a scan, a second reading, the log, what is looked at
before, secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from drift import plugins
from drift.config.model import parse
from drift.deadline import Deadline
from drift.errors import DriftError
from drift.finding import Change, Finding
from drift.loopback import Answer, Request
from drift.model import Resource
from drift.moment import rfc3339
from drift.scan import Run
from drift.task import Wanted
from drift.witness import Budget
from providers.azure.loopback import cloud as azure_cloud
from providers.azure.loopback.key_vault import LoopbackVault
from providers.gcp.loopback import Faults, Store
from providers.gcp.loopback import Loopback as Google
from providers.gcp.loopback import cloud as google_cloud
from providers.gcp.loopback.secret_manager import LoopbackSecrets
from providers.kubernetes.loopback import Faults as ClusterFaults
from providers.kubernetes.loopback import cluster
from tests.calls.aws import VALUE, looked, witnessed
from tests.calls.stand import Outcome, Stand, asked, environment, scanned
from tests.engine.test_alike import config_map
from tests.faulty import Call, faulty
from tests.providers.azure import live_reading as azure
from tests.providers.gcp import live_reading as gcp
from tests.secrets.stores import value

Maker = Callable[[Path], AbstractContextManager[Stand]]
NOTHING = Wanted(frozenset())
_QUIET = {"NO_PROXY": "127.0.0.1"}


def named(call: Call) -> str:
    """``GET /subscriptions/{}/providers``: method and path, without what is of one resource."""
    path = call.path.partition("?")[0]
    path = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "{}", path)
    body = call.body.decode("utf-8", "replace") if call.method == "POST" else ""
    about = re.search(r"(?i)\b(resourcechanges|resourcecontainers|resources)\b", body)
    return f"{call.method} {path}" + (f" {about[1].lower()}" if about and "query" in body else "")


def run(folder: Path, provider: str, live: Mapping[str, Any], gone: Mapping[str, Any], **more: Any) -> Run:
    """A run that declares one resource which is not there."""
    (folder / "base.jsonl").write_text(json.dumps({"provider": provider, **gone}) + "\n")
    document = {
        "version": 1,
        "declared": [{"path": "base.jsonl"}],
        "live": {provider: dict(live)},
        "blame": {"enabled": False},
        **more,
    }
    return Run(parse(yaml.safe_dump(document), "drift.yaml", folder, None, {}))


Live = Callable[[float], dict[str, Any]]
#: Gives a server, its weather, and a section of ``live`` for a client that is so patient.
Serving = Callable[[Path], AbstractContextManager[tuple[Any, Any, Live]]]


def scan(stand: str, serving: Serving, gone: Mapping[str, Any], free: Mapping[tuple[str, str], str]) -> Maker:
    """A scan, all of it."""
    name = stand.partition(":")[0]

    @contextmanager
    def whole(folder: Path) -> Iterator[Stand]:
        with serving(folder) as (_, weather, live):

            def act(seconds: float) -> Outcome:
                said = {"findings": 0}
                return scanned(run(folder, name, live(seconds), gone, confirm=said, attribution={"calls": 0}))

            yield Stand(stand, weather, act, named, free=free)

    return whole


def scans(
    name: str, serving: Serving, gone: Mapping[str, Any], free: Mapping[tuple[str, str], str]
) -> dict[str, Maker]:
    """A scan, one whose second reading alone is disturbed, and what is looked at before."""

    @contextmanager
    def again(folder: Path) -> Iterator[Stand]:
        with serving(folder) as (_, weather, live):
            second = [False]

            def act(seconds: float) -> Outcome:
                second[0] = False
                one = run(folder, name, live(seconds), gone, attribution={"calls": 0})

                def watch(stage: Any) -> None:
                    second[0] = second[0] or "once more" in str(getattr(stage, "text", stage))

                one.watch = watch
                return scanned(one)

            yield Stand(f"{name}: second reading", weather, act, named, free, counts=lambda: second[0])

    @contextmanager
    def before(folder: Path) -> Iterator[Stand]:
        with serving(folder) as (_, weather, live):
            provider = plugins.providers()[name]

            def act(seconds: float) -> Outcome:
                settings = provider.Settings.model_validate(live(seconds))
                return looked(provider.preflight(settings, NOTHING, Deadline(60)))

            yield Stand(f"{name}: preflight", weather, act, named, free=_UNSURE.get(name, {}))

    return {
        f"{name}: scan": scan(f"{name}: scan", serving, gone, free),
        f"{name}: second reading": again,
        f"{name}: preflight": before,
    }


#: Google leaves a list without members out of its answer.
_NO_MEMBERS = {
    ("GET /v3/(folders|projects)", "foreign"): "there are none",
    ("POST /v2/entries:list", "foreign"): "there are none",
}
#: What a preflight does without.
_UNSURE: Mapping[str, Mapping[tuple[str, str], str]] = {
    "gcp": {("GET /", ".*"): "any answer tells the time", **_NO_MEMBERS},
    "kubernetes": {
        ("GET /version", ".*"): "any answer tells the time",
        (".*/selfsubjectreviews", ".*"): "an older cluster does not say who one is",
    },
}


# Azure

_TWICE = {(".*/virtualNetworks", "endless"): "what is listed twice is counted twice"}
_VNET_GONE = {
    "scope": azure.ONE,
    "type": azure.VNET,
    "id": f"{azure.group()}/providers/{azure.VNET}/gone",
    "attributes": {"location": "westeurope", "properties": {}},
}


_AZURE = (
    azure.subscription(azure.ONE, "shop"),
    {"id": azure.group(), "location": "westeurope"},
    azure.body(azure.VNET, "v"),
    azure.body("Microsoft.Web/sites", "s", kind="app"),
)


def _azure(*more: Mapping[str, Any], hidden: frozenset[str] = frozenset(), **said: Any) -> Serving:
    """Its subscriptions, of which those that are ``hidden`` are not listed: they are another tenant's."""

    @contextmanager
    def serving(folder: Path) -> Iterator[Any]:
        with azure_cloud([*_AZURE, *more]) as server, faulty(server.url, "azure") as (url, weather):
            answer = server.http.answer

            def listed(request: Request) -> Answer:
                found = answer(request)
                if request.path != "/subscriptions":
                    return found
                told = json.loads(found.body)
                told["value"] = [one for one in told["value"] if one["subscriptionId"] not in hidden]
                return Answer(found.status, json.dumps(told).encode(), found.headers)

            server.http.answer = listed

            def live(seconds: float) -> dict[str, Any]:
                types = [azure.VNET, "Microsoft.Web/sites"]
                section = {"endpoint": url, "subscriptions": [azure.ONE], "include": types, **said}
                return {**section, "max_attempts": 2, "timeout": seconds}

            with environment(**_QUIET):
                yield server, weather, live

    return serving


@contextmanager
def azure_log(folder: Path) -> Iterator[Stand]:
    """Resource Graph's changes, then the activity log."""
    type_, at = "Microsoft.Storage/storageAccounts", rfc3339(datetime.now(UTC) - timedelta(days=1))
    id_ = f"{azure.group()}/providers/{type_}/logs".lower()
    one = Resource("azure", azure.ONE, type_, id_, {}, "westeurope", "logs")
    finding = Finding("changed", one, one, (Change("/properties/minimumTlsVersion", "TLS1_2", "TLS1_0"),))
    event = {
        "resourceId": id_.upper(),
        "caller": "anna@acme.example",
        "eventTimestamp": at,
        "correlationId": "c1",
        "operationName": {"value": f"{type_}/write"},
        "status": {"value": "Succeeded"},
        "authorization": {"evidence": {"principalType": "User"}},
        "properties": {"requestbody": '{"properties":{"minimumTlsVersion":"TLS1_0"}}'},
    }
    with azure_cloud([azure.subscription(azure.ONE, "shop")]) as server:
        server.store.events = [event]
        with faulty(server.url, "azure") as (url, weather), environment(**_QUIET):

            def act(seconds: float) -> Outcome:
                provider = plugins.providers()["azure"]
                said = {"endpoint": url, "subscriptions": [azure.ONE], "max_attempts": 2, "timeout": seconds}
                settings = provider.Settings.model_validate(said)
                return witnessed(provider.witness([finding], settings, Budget(20, Deadline(60), [])))

            yield Stand("azure: log", weather, act, named, free=_OTHER_LOG)


_OTHER_LOG = {(".*resourcechanges", ".*"): "the activity log tells it"}


@contextmanager
def azure_secrets(folder: Path) -> Iterator[Stand]:
    """Key Vault."""
    vault = LoopbackVault({"mail": {"v1": VALUE}})
    try:
        with faulty(vault.url, "azure") as (url, weather), _no_back_off():

            def act(_: float) -> Outcome:
                return asked(lambda: value("azkv://acme/mail", azkv={"endpoint": url}), DriftError)

            yield Stand("azure: secrets", weather, act, named, secrets=[VALUE])
    finally:
        vault.close()


@contextmanager
def _no_back_off() -> Iterator[None]:
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drift.secrets.keyring._BACK_OFF", 0.0)
        patch.setattr("providers.gcp.failures._FIRST", 0.0)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


# Google Cloud

_TOPIC_GONE = {
    "scope": "shop",
    "type": gcp.TOPIC,
    "id": f"{gcp.PUBSUB}/shop/topics/gone",
    "attributes": {"name": "projects/shop/topics/gone"},
}


_ACCOUNTS = "//iam.googleapis.com/projects/shop/serviceAccounts"
_ACCOUNT = {
    "name": f"{_ACCOUNTS}/117729038846215530118",
    "assetType": "iam.googleapis.com/ServiceAccount",
    "data": {"uniqueId": "117729038846215530118", "email": "robot@shop.iam.gserviceaccount.com"},
    "iamPolicy": gcp.policy("roles/iam.serviceAccountUser", "user:a@b.c"),
}


def _google(*more: Mapping[str, Any], **said: Any) -> Serving:
    documents = [
        {"name": "organizations/1"},
        {"name": "folders/10", "parent": "organizations/1"},
        gcp.project("shop", 101, parent="folders/10"),
        gcp.topic("shop", "t"),
        *more,
    ]

    @contextmanager
    def serving(folder: Path) -> Iterator[Any]:
        with google_cloud(documents) as server, faulty(server.url, "gcp") as (url, weather), _no_back_off():

            def live(seconds: float) -> dict[str, Any]:
                section = {"endpoint": url, "include": [gcp.TOPIC], **(said or {"folders": ["10"]})}
                return {**section, "max_attempts": 2, "timeout": seconds}

            yield server, weather, live

    return serving


@contextmanager
def google_log(folder: Path) -> Iterator[Stand]:
    """Cloud Audit Logs."""
    name = "projects/shop/topics/orders"
    one = Resource("gcp", "shop", gcp.TOPIC, f"//pubsub.googleapis.com/{name}", {}, None, "orders")
    finding = Finding("changed", one, one, (Change("/messageRetentionDuration", "600s", "900s"),))
    server = Google(Store(), Faults())
    server.service.entries = [
        {
            "insertId": "i1",
            "timestamp": rfc3339(datetime.now(UTC) - timedelta(days=9)),
            "logName": "projects/shop/logs/cloudaudit.googleapis.com%2Factivity",
            "protoPayload": {
                "resourceName": name,
                "methodName": "google.pubsub.v1.Publisher.UpdateTopic",
                "authenticationInfo": {"principalEmail": "anna@acme.example"},
                "request": {"updateMask": "message_retention_duration"},
            },
        }
    ]
    try:
        with faulty(server.url, "gcp") as (url, weather), _no_back_off():

            def act(seconds: float) -> Outcome:
                provider = plugins.providers()["gcp"]
                said = {"endpoint": url, "projects": ["shop"], "max_attempts": 2, "timeout": seconds}
                settings = provider.Settings.model_validate(said)
                return witnessed(provider.witness([finding], settings, Budget(20, Deadline(60), [])))

            yield Stand("gcp: log", weather, act, named, free=_NO_MEMBERS)
    finally:
        server.close()


@contextmanager
def google_secrets(folder: Path) -> Iterator[Stand]:
    """Secret Manager."""
    service = LoopbackSecrets({("acme", "mail"): [VALUE.encode()]})
    try:
        with faulty(service.url, "gcp") as (url, weather), _no_back_off():

            def act(_: float) -> Outcome:
                return asked(lambda: value("gcpsm://acme/mail", gcpsm={"endpoint": url}), DriftError)

            yield Stand("gcp: secrets", weather, act, named, secrets=[VALUE])
    finally:
        service.close()


# Kubernetes

_MAP_GONE = {
    "scope": "loopback",
    "type": "v1/ConfigMap",
    "id": "default/gone",
    "attributes": {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "gone", "namespace": "default"},
    },
}


def _kubernetes(aggregated: str | None = "v2") -> Serving:
    """A cluster that tells its kinds in one answer, or (None) group by group."""

    @contextmanager
    def serving(folder: Path) -> Iterator[Any]:
        faults = ClusterFaults(aggregated=aggregated)
        with cluster([config_map("own", a="1")], faults=faults, bootstrap=False) as server:
            text = server.kubeconfig.read_text()
            address = yaml.safe_load(text)["clusters"][0]["cluster"]["server"]
            with faulty(address, "kubernetes") as (url, weather), environment(**_QUIET):
                (folder / "kubeconfig").write_text(text.replace(address, url))

                def live(seconds: float) -> dict[str, Any]:
                    file = str(folder / "kubeconfig")
                    said = {"kubeconfig": file, "kinds": ["ConfigMap"], "max_attempts": 2}
                    return {**said, "connect_timeout": seconds, "read_timeout": seconds}

                yield server, weather, live

    return serving


_FOR_CHARTS = {("GET /version", ".*"): "only charts are rendered for it"}
MAKERS: dict[str, Maker] = {
    **scans("azure", _azure(), _VNET_GONE, _TWICE),
    "azure: by groups and ids": scan(
        "azure: by groups and ids",
        _azure(
            azure.subscription(azure.TWO, "data"),
            azure.subscription(azure.THREE, "play"),
            {"managementGroup": "top", "below": [azure.ONE, azure.TWO]},
            hidden=frozenset((azure.TWO, azure.THREE)),
            management_groups=["top"],
            subscriptions=[azure.THREE],
        ),
        _VNET_GONE,
        _TWICE,
    ),
    "azure: log": azure_log,
    "azure: secrets": azure_secrets,
    **scans("gcp", _google(), _TOPIC_GONE, _NO_MEMBERS),
    "gcp: by ids and names": scan(
        "gcp: by ids and names",
        _google(gcp.project("web-1", 102), projects=["shop", "102", "web-*"]),
        _TOPIC_GONE,
        _NO_MEMBERS,
    ),
    "gcp: grants of accounts": scan(
        "gcp: grants of accounts",
        _google(_ACCOUNT, projects=["shop"], include=[gcp.TOPIC, "iam.googleapis.com/*"]),
        _TOPIC_GONE,
        _NO_MEMBERS,
    ),
    "gcp: log": google_log,
    "gcp: secrets": google_secrets,
    **scans("kubernetes", _kubernetes(), _MAP_GONE, _FOR_CHARTS),
    "kubernetes: group by group": scan(
        "kubernetes: group by group", _kubernetes(None), _MAP_GONE, _FOR_CHARTS
    ),
}
