"""botocore's descriptions of the services, each read once a process, and what clients are made of by them: to
read that of EC2 takes a tenth of a second, and each session of botocore's would read all of its own."""

from __future__ import annotations

import gzip
import os
import threading
from functools import cache
from typing import Any

import botocore.client
import botocore.session
import orjson
from botocore import xform_name
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel

_LOCK = threading.RLock()


class _Files(JSONFileLoader):
    """Reads files as botocore's own does, in a fraction of its time and memory: with plain dictionaries."""

    def load_file(self, file_path: str) -> Any:
        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            if os.path.isfile(file_path + ending):  # noqa: PTH113 - the SDK's own paths
                with opened(file_path + ending, "rb") as file:
                    return orjson.loads(file.read())
        return None


class _Shared(Loader):
    """A loader for many sessions. boto3 adds a folder to the paths of each that it is given, of which nothing
    is used here."""

    FILE_LOADER_CLASS = _Files

    @property
    def search_paths(self) -> list[str]:
        return list(super().search_paths)


@cache
def loader(paths: str | None = None) -> Loader:
    """The loader of all sessions whose configuration names these folders (``data_path``), too."""
    said = paths.split(os.pathsep) if paths else ()
    return _Shared(extra_search_paths=[os.path.expanduser(os.path.expandvars(path)) for path in said])  # noqa: PTH111


#: What of it is needed is private; of a botocore that lacks it each client has its own of all, as ever.
_OWN: Any = getattr(botocore.client, "ClientCreator", object)


class Creator(_OWN):  # type: ignore[misc]
    """Makes clients of the sessions that share a loader: of one service all by one description of it, and of
    one class. Of other sessions each client has its own, as ever."""

    def _load_service_model(self, service_name: str, api_version: str | None = None) -> Any:
        shared = getattr(self, "_loader", None)
        if isinstance(shared, _Shared) and api_version is None:
            return _model(shared, service_name)
        return _OWN._load_service_model(self, service_name, api_version)  # noqa: SLF001

    def _create_client_class(self, service_name: str, service_model: Any) -> Any:
        if not isinstance(getattr(self, "_loader", None), _Shared):
            return _OWN._create_client_class(self, service_name, service_model)  # noqa: SLF001
        with _LOCK:
            found = _CLASSES.get(service_model)
            if found is None:
                found = _OWN._create_client_class(self, service_name, service_model)  # noqa: SLF001
                _CLASSES[service_model] = found
            return found


_CLASSES: dict[ServiceModel, Any] = {}
if all(hasattr(_OWN, name) for name in ("_load_service_model", "_create_client_class")):
    botocore.client.ClientCreator = Creator  # type: ignore[misc]  # sessions take no other one


@cache
def _model(shared: Loader, service: str) -> ServiceModel:
    return ServiceModel(shared.load_service_model(service, "service-2"), service)


@cache
def operation(service: str, method: str) -> str:
    """``sqs``, ``list_queues`` → ``sqs:ListQueues``: the operation as AWS spells it."""
    return f"{service}:{_methods(service).get(method, method)}"


@cache
def regions(service: str, partition: str) -> frozenset[str]:
    """The regions of a partition in which a service is, as botocore's list of endpoints says."""
    with _LOCK:
        return frozenset(_session().get_available_regions(service, partition))


@cache
def worldwide(service: str) -> bool:
    """Whether a service has one endpoint for all regions, as botocore's list of endpoints says: then its
    limits are those of the account."""
    with _LOCK:
        prefix = described(service).endpoint_prefix
        known = loader().load_data("endpoints")["partitions"][0]["services"].get(prefix, {})
    return known.get("isRegionalized") is False


def described(service: str) -> ServiceModel:
    """All that botocore knows of a service's operations and shapes."""
    with _LOCK:
        return ServiceModel(loader().load_service_model(service, "service-2"), service)


@cache
def _methods(service: str) -> dict[str, str]:
    """Method of a client → the operation's name."""
    return {xform_name(name): name for name in described(service).operation_names}


@cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", loader())
    return session
