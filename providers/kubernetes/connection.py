"""A connection to one cluster: whom to be, and raw GETs with paging, retries and gzip. It has no other
verb but for what a cluster is asked of oneself, which stores nothing."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
import urllib3
from pydantic import SecretStr

from drift import safe_yaml, temporary
from drift.bounded_http import TooLarge, pools
from drift.bounded_http import body as bounded
from drift.deadline import Cut, Deadline, Passed
from drift.errors import CellError, CredentialsError
from drift.limits import Limits, Pages
from providers.kubernetes.failures import Gone, of_error, of_status
from providers.kubernetes.settings import ClusterSettings, Settings

JSON = "application/json"
RESTARTS = 3
#: A page that is too large is asked for again with this part of its objects.
_SMALLER = 5
_UNREACHABLE = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
_RETRIED = frozenset((429, 500, 502, 503, 504))


#: What is created only to be answered: who one is, and whether one may. Nothing of it is stored. Source:
#: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/.
REVIEWS = {
    "SelfSubjectReview": "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    "SelfSubjectAccessReview": "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
}


class Page(NamedTuple):
    """A part of a list. ``text`` is the answer from its items on, as it came."""

    items: list[dict[str, Any]]
    text: bytes


class Cluster:
    """One cluster's API server. ``get`` is safe to call from many threads."""

    def __init__(
        self,
        name: str,
        client: Any,
        settings: Settings,
        deadline: Deadline | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.name = name
        self.host = str(client.configuration.host).rstrip("/")
        self._client = client
        self._deadline, self._limits = deadline or Deadline(), limits or Limits()
        self._pool: urllib3.PoolManager = client.rest_client.pool_manager
        self._pool.pool_classes_by_scheme = pools(self._limits, self._deadline)
        self._settings = settings
        self._timeout = urllib3.Timeout(connect=settings.connect_timeout, read=settings.read_timeout)
        self._gate = threading.Semaphore(settings.concurrency)
        #: The header ``Date`` of the newest answer.
        self.date: str | None = None

    def review(self, kind: str, spec: Mapping[str, Any]) -> Mapping[str, Any]:
        """The ``status`` of a review of oneself. It reads, although it is a POST. Raises CellError."""
        path = REVIEWS[kind]
        group, version = path.split("/")[2:4]
        asked = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {}, "spec": spec}
        said = self._cut(path, JSON, {}, orjson.dumps(asked))[0]
        status = said.get("status") if isinstance(said, dict) else None
        if not isinstance(status, dict):
            raise CellError("failed", f"POST {path}: the answer is no {kind}")
        return status

    def get(self, path: str, accept: str = JSON, **query: str) -> Any:
        """The JSON at a path. Raises CellError, and Gone for an expired continue token."""
        return self._ask(path, accept, query)[0]

    def named(self, path: str, api_version: str, name: str) -> Page:
        """The objects of a list that have a name: one, or none. It takes no more than to be allowed to list.
        Raises CellError. Source:
        https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/."""
        found, _, text = self._ask(path, JSON, {"fieldSelector": f"metadata.name={name}"})
        if not _is_list(found, api_version):
            raise CellError("failed", f"GET {path}: the answer is no list")
        return Page(found["items"] or [], text)

    def answer(self, path: str, accept: str = JSON, **query: str) -> tuple[Any, str]:
        """(JSON, content type) at a path."""
        return self._ask(path, accept, query)[:2]

    def _ask(self, path: str, accept: str, query: dict[str, str]) -> tuple[Any, str, bytes]:
        """(JSON, content type, body) at a path; tried again while it is throttled or breaks off. Raises
        CellError."""
        return self._cut(path, accept, query, None)

    def _cut(
        self, path: str, accept: str, query: dict[str, str], review: bytes | None
    ) -> tuple[Any, str, bytes]:
        try:
            return self._tried(path, accept, query, review)
        except Cut as error:
            raise error.of(f"{'GET' if review is None else 'POST'} {path}") from error

    def _tried(
        self, path: str, accept: str, query: dict[str, str], review: bytes | None
    ) -> tuple[Any, str, bytes]:
        url = f"{self.host}{path}" + (f"?{urlencode(query)}" if query else "")
        last: CellError | None = None
        for attempt in range(self._settings.max_attempts):
            try:
                with self._gate:
                    self._deadline.call()
                    response = self._pool.request(
                        "GET" if review is None else "POST",
                        url,
                        body=review,
                        headers=self._headers(accept) | ({} if review is None else {"Content-Type": JSON}),
                        timeout=self._timeout,
                        retries=False,
                        redirect=False,
                        preload_content=False,
                    )
                    body, status = bounded(response, self._limits), response.status
            except (urllib3.exceptions.HTTPError, OSError) as error:
                last = of_error(error, path)
                if isinstance(error, _UNREACHABLE) and attempt >= 1:
                    break
                self._rest(None, attempt)
                continue
            if status == 200 or (status == 201 and review is not None):
                self.date = response.headers.get("Date")
                try:
                    return orjson.loads(body), response.headers.get("Content-Type", ""), body
                except orjson.JSONDecodeError as error:
                    last = CellError("failed", f"GET {path}: the answer is no JSON: {error.msg}")
                    self._rest(None, attempt)
                    continue
            if status == 410:
                raise Gone(path)
            last = of_status(status, body, path)
            if status not in _RETRIED:
                raise last
            self._rest(response.headers.get("Retry-After"), attempt)
        assert last is not None
        raise last

    def _rest(self, retry_after: str | None, attempt: int) -> None:
        """Waits before the next try, if there is one."""
        if attempt + 1 < self._settings.max_attempts:
            self._deadline.sleep(_seconds(retry_after, attempt, self._limits))

    def pages(self, path: str, api_version: str) -> Iterator[Page | None]:
        """A list of a group version's objects, a page at a time; None where the list begins again because its
        token has expired."""
        restarts, size = 0, self._settings.page_size
        token, turns = "", Pages(self._limits, f"GET {path}")
        while True:
            query = {"limit": str(size)}
            if token:
                query["continue"] = token
            try:
                page, _, body = self._ask(path, JSON, query)
            except Gone as error:
                restarts += 1
                if restarts > RESTARTS:
                    raise CellError("failed", f"GET {path}: the list expired {restarts} times") from error
                token, turns = "", Pages(self._limits, f"GET {path}")
                yield None
                continue
            except TooLarge:  # of large objects fewer are asked for at a time
                if size <= 1:
                    raise
                size = max(1, size // _SMALLER)
                continue
            if not _is_list(page, api_version):
                raise CellError("failed", f"GET {path}: the answer is no list")
            items = page["items"] or []
            yield Page(items, body[max(body.find(b'"items"'), 0) :])
            token = (page.get("metadata") or {}).get("continue") or ""
            if not token:
                return
            turns.turn(token)

    def token(self) -> str:
        """The token that logs in; empty where something else does."""
        for auth in self._renewed().values():
            if auth["in"] == "header" and str(auth["value"] or "").startswith("Bearer "):
                return str(auth["value"]).removeprefix("Bearer ")
        return ""

    def _headers(self, accept: str) -> dict[str, str]:
        headers = {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": "drift"}
        for auth in self._renewed().values():
            if auth["in"] == "header" and auth["value"]:
                headers[auth["key"]] = auth["value"]
        return headers

    def _renewed(self) -> dict[str, Any]:
        """What logs in; a token that has expired is renewed, maybe by a program that takes no time-out."""
        said = self._client.configuration.auth_settings
        if self._client.configuration.refresh_api_key_hook is None:
            return dict(said())
        try:
            return dict(self._deadline.ask(said, self._limits.login_seconds))
        except Passed:
            raise
        except Cut as error:
            raise error.of("the credentials of the kubeconfig") from error


def _is_list(page: Any, api_version: str) -> bool:
    """Whether an answer is a list of a group version, as each says by its ``kind`` and ``apiVersion``: what
    another program answers is not taken for a list of nothing. Source:
    https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
    (Types, Kinds)."""
    return (
        isinstance(page, dict)
        and str(page.get("kind", "")).endswith("List")
        and page.get("apiVersion") == api_version
        and "items" in page
        and (page["items"] is None or isinstance(page["items"], list))
        and all(isinstance(one, dict) for one in page["items"] or ())
    )


def _seconds(retry_after: str | None, attempt: int, limits: Limits) -> float:
    if retry_after is not None and retry_after.strip().isdigit():
        return limits.wait(float(retry_after))
    return float(limits.wait(0.2 * 2**attempt) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter


def connect(
    settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
) -> list[Cluster | CredentialsError]:
    """A connection, or why there is none, for each cluster of the settings."""
    wanted = settings.contexts
    if wanted is None:
        wanted = [ClusterSettings(name=settings.name, in_cluster=settings.in_cluster)]
    clock, limits = deadline or Deadline(), limits or Limits()
    found: list[Cluster | CredentialsError] = []
    for one in wanted:
        name = one.name or one.context
        try:
            client, told = clock.ask(partial(_client, one, settings), limits.login_seconds)
            found.append(Cluster(name or told, client, settings, clock, limits))
        except Passed:
            raise
        except Cut as error:
            found.append(CredentialsError(f"{name or 'kubernetes'}: the kubeconfig's program: {error}"))
        except CredentialsError as error:
            error.args = (f"{name or 'kubernetes'}: {error}",)
            found.append(error)
    return found


def _client(one: ClusterSettings, settings: Settings) -> tuple[Any, str]:
    """(API client, the cluster's name where the user gives none)."""
    try:
        from kubernetes import client
        from kubernetes import config as _config
        from yaml import YAMLError
    except ImportError as error:
        raise CredentialsError(
            f"the package {error.name} is missing: pip install 'driftline[kubernetes]'"
        ) from error
    config: Any = _config

    configuration = client.Configuration()
    configuration.connection_pool_maxsize = settings.concurrency
    if one.in_cluster or settings.in_cluster:
        try:
            config.load_incluster_config(client_configuration=configuration)
        except config.ConfigException as error:
            raise CredentialsError(f"not in a cluster: {error}") from error
        return client.ApiClient(configuration), "in-cluster"
    path = one.kubeconfig or settings.kubeconfig
    if isinstance(path, SecretStr):
        return _of_secret(path, one.context, configuration)
    # Said, as the library looks at the variable once, when it is imported.
    file = os.environ.get("KUBECONFIG") or None if path is None else str(path.expanduser())
    try:
        held, known, current = _read(file or config.KUBE_CONFIG_DEFAULT_LOCATION)
        context = one.context or current
        if context not in known:
            raise CredentialsError(
                f"there is no context {context!r} in {file or 'the kubeconfig'}; known are {', '.join(known)}"
            )
        config.load_kube_config_from_dict(
            held,
            context=context,
            client_configuration=configuration,
            persist_config=False,
            temp_file_path=str(temporary.home()),  # keys, which the library needs as files
        )
    except config.ConfigException as error:
        if path is None and one.context is None and settings.contexts is None:
            return _in_cluster(configuration, error)
        raise CredentialsError(f"the kubeconfig can't be used: {error}") from error
    except YAMLError as error:
        raise CredentialsError(f"{file or 'the kubeconfig'}: is no YAML: {error}; correct it") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CredentialsError(
            f"{file or 'the kubeconfig'}: is no kubeconfig ({type(error).__name__}: {error}); correct it"
        ) from error
    return client.ApiClient(configuration), str(context)


def _read(files: str) -> tuple[Any, list[str], str | None]:
    """What some kubeconfig files say together, as the library takes it; the names of the contexts, and the
    current one. Read once for all clusters, and again where a file is another one."""
    stamps: list[tuple[int, int, int] | None] = []
    for file in files.split(os.pathsep):
        try:
            said = Path(file).expanduser().stat()
            stamps.append((said.st_ino, said.st_mtime_ns, said.st_size))
        except (OSError, RuntimeError):
            stamps.append(None)
    return _read_once(files, tuple(stamps))


@lru_cache(maxsize=4)
def _read_once(files: str, _stamps: tuple[Any, ...]) -> tuple[Any, list[str], str | None]:
    from kubernetes.config import kube_config as _config

    config: Any = _config
    held = config.KubeConfigMerger(files).config
    if held is None:
        raise config.ConfigException("Invalid kube-config file. No configuration found.")
    loader = config.KubeConfigLoader(held, config_base_path=None)
    current = (loader.current_context or {}).get("name")
    return held, [str(each["name"]) for each in loader.list_contexts()], current


def _of_secret(secret: SecretStr, named: str | None, configuration: Any) -> tuple[Any, str]:
    """The same by a kubeconfig that is a secret, of which errors repeat nothing. Raises CredentialsError."""
    from kubernetes import client
    from kubernetes import config as _config

    config: Any = _config
    text = secret.get_secret_value()
    try:
        held = _parsed(text)
        context = str(named or held["current-context"])
        config.load_kube_config_from_dict(
            held,
            context=context,
            client_configuration=configuration,
            persist_config=False,
            temp_file_path=str(temporary.home()),
        )
    except config.ConfigException:
        raise CredentialsError(
            "what is kept elsewhere is no kubeconfig that can be used: it needs the context with its cluster "
            "and user, and data instead of files"
        ) from None
    except (safe_yaml.YamlError, OSError, ValueError, KeyError, TypeError, AttributeError):
        raise CredentialsError("what is kept elsewhere is no kubeconfig; correct the reference") from None
    return client.ApiClient(configuration), context


@lru_cache(maxsize=4)
def _parsed(text: str) -> Any:
    """The value of a YAML text, read once for all clusters."""
    return safe_yaml.single(text).value


def _in_cluster(configuration: Any, why: Exception) -> tuple[Any, str]:
    from kubernetes import client
    from kubernetes import config as _config

    config: Any = _config

    try:
        config.load_incluster_config(client_configuration=configuration)
    except config.ConfigException as error:
        raise CredentialsError(
            f"neither a kubeconfig ({why}) nor a cluster to be in ({error}); set KUBECONFIG"
        ) from error
    return client.ApiClient(configuration), "in-cluster"
