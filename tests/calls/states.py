"""What is asked of the backends of Terraform: one state, and all workspaces of a place."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drift import backends, plugins
from drift.config.entry import DeclaredEntry
from drift.deadline import Deadline
from drift.declared import load
from drift.declared.remote import fetched, located
from drift.errors import DriftError
from drift.live.estate import Estate
from drift.loopback import Answer, Request, Server
from drift.loopback import json as told
from providers.gcp.settings import Settings as Google
from tests.calls.clouds import Maker, named
from tests.calls.stand import Outcome, Stand, asked, environment, patched
from tests.declared.terraform.test_backends import STATE, blobs, consul, terraform_enterprise
from tests.faulty import Call, faulty

_QUIET = {"NO_PROXY": "127.0.0.1"}
#: What opens something.
PASSWORD = "hunter3-of-the-states"
Config = Callable[[str, Path], dict[str, Any]]


def _backend(
    type_: str,
    answer: Callable[[Request], Answer],
    config: Config,
    *,
    workspace: str | None = None,
    settings: Callable[[str], Mapping[str, Any]] = lambda _: {},
    form: str = "plain",
    free: Mapping[tuple[str, str], str] | None = None,
) -> Maker:
    """The states that a backend of Terraform keeps."""

    @contextmanager
    def maker(folder: Path) -> Iterator[Stand]:
        server = Server(answer)
        try:
            with faulty(server.url, form) as (url, weather), environment(**_QUIET):
                said = config(url, folder)

                def act(seconds: float) -> Outcome:
                    def read() -> str:
                        with patched(drift__backends__SILENCE=min(seconds, 5.0)):
                            found = backends.open(type_, said, workspace=workspace, settings=settings(url))
                        states = [one for one in found if isinstance(one, backends.State)]
                        read = sorted((one.workspace, _declared(one.path)) for one in states)
                        if problems := located(found, type_, {}, folder).problems:
                            raise DriftError(str([one.message for one in problems]))
                        return str(read)

                    return asked(read, DriftError)

                yield Stand(f"state: {type_}", weather, act, _called, secrets=[PASSWORD], free=free or {})
        finally:
            server.close()

    return maker


def _called(call: Call) -> str:
    """A listing is another call than what it lists."""
    query = call.path.partition("?")[2]
    listing = "keys" in query or "comp=list" in query
    return named(call) + (" (list)" if listing else "")


def _declared(file: Path) -> int:
    """How much a state declares, as its reader takes it."""
    source = "terraform-state"
    (found,) = load([DeclaredEntry(path=str(file), source=source)], file.parent, plugins.providers(), {})
    return len(list(found.resources(Estate(plugins.providers()))))


# Cloud Storage


def _objects(request: Request) -> Answer:
    names = ("shop/default.tfstate", "shop/blue.tfstate")
    if request.path.endswith("/o"):
        return told(200, {"items": [{"name": one} for one in names]})
    return Answer(200, STATE)


@contextmanager
def google_folder(folder: Path) -> Iterator[Stand]:
    """States in a folder of Cloud Storage, as an entry of what is declared names it."""
    server = Server(_objects)
    provider = plugins.providers()["gcp"]
    try:
        with faulty(server.url, "gcp") as (url, weather), environment(**_QUIET):

            def act(seconds: float) -> Outcome:
                settings = {"gcp": Google(endpoint=url, timeout=min(seconds, 5.0))}
                entry = DeclaredEntry(path="gs://states/shop/")

                def read() -> str:
                    found = fetched([entry], folder, {"gcp": provider}, settings, Deadline())[id(entry)]
                    if found.problems or found.location is None:
                        raise DriftError(str([one.message for one in found.problems]))
                    files = sorted(one for one in found.location.path.rglob("*") if one.is_file())
                    return str([(one.name, _declared(one)) for one in files])

                return asked(read, DriftError)

            yield Stand("state: gcs, a folder", weather, act, named)
    finally:
        server.close()


# Kubernetes


def _secrets(_: Request) -> Answer:
    packed = base64.b64encode(gzip.compress(STATE)).decode()
    items = [
        {
            "metadata": {"name": f"tfstate-{name}-shop", "labels": {"tfstateWorkspace": name}},
            "data": {"tfstate": packed},
        }
        for name in ("default", "blue")
    ]
    return told(200, {"kind": "SecretList", "items": items, "metadata": {}})


def _kubernetes(url: str, folder: Path) -> dict[str, Any]:
    said = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": PASSWORD}}],
        "current-context": "c",
    }
    (folder / "kubeconfig").write_text(json.dumps(said))
    return {"secret_suffix": "shop", "config_path": str(folder / "kubeconfig")}


# The others


def _http(url: str, _: Path) -> dict[str, Any]:
    return {"address": f"{url}/shop", "username": "u", "password": PASSWORD}


def _consul(url: str, _: Path) -> dict[str, Any]:
    return {"address": url, "path": "tf/shop"}


def _remote(workspaces: Any) -> Config:
    def config(url: str, _: Path) -> dict[str, Any]:
        host = url.removeprefix("http://")
        return {"hostname": host, "organization": "acme", "workspaces": workspaces, "token": "t0ken"}

    return config


def _azurerm(url: str, _: Path) -> dict[str, Any]:
    place = {"storage_account_name": "acme", "container_name": "c", "key": "shop.tfstate"}
    return {**place, "endpoint": url, "sas_token": f"sig={PASSWORD}"}


def _of_google(url: str) -> Mapping[str, Any]:
    return {"gcp": Google(endpoint=url)}


_ALL = {"workspace": "*"}
MAKERS: dict[str, Maker] = {
    "state: http": _backend("http", lambda _: Answer(200, STATE), _http),
    "state: consul": _backend("consul", consul, _consul),
    "state: consul, all": _backend("consul", consul, _consul, **_ALL),
    "state: remote": _backend("remote", terraform_enterprise([]), _remote([{"name": "shop-blue"}])),
    "state: remote, all": _backend("remote", terraform_enterprise([]), _remote({"prefix": "shop-"}), **_ALL),
    "state: azurerm, all": _backend("azurerm", blobs, _azurerm, **_ALL),
    "state: gcs, all": _backend(
        "gcs",
        _objects,
        lambda *_: {"bucket": "states", "prefix": "shop"},
        settings=_of_google,
        form="gcp",
        **_ALL,
    ),
    "state: gcs, a folder": google_folder,
    "state: kubernetes, all": _backend("kubernetes", _secrets, _kubernetes, form="kubernetes", **_ALL),
}
