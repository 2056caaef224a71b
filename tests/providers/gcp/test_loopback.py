"""The loopback Google Cloud answers the vendor's own SDKs as Google does: pages, tokens, refusals, over REST
and gRPC."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.asset_v1 import AssetServiceClient, ContentType
from google.cloud.resourcemanager_v3 import FoldersClient, ProjectsClient

from providers.gcp.loopback import Faults, Loopback, cloud
from tests.providers.gcp.live_reading import BOTH, TOPIC, policy, project, topic

DOCUMENTS: list[dict[str, Any]] = [
    {"name": "folders/7", "displayName": "f"},
    {"name": "folders/8", "parent": "folders/7"},
    project("p", 1, parent="folders/7", labels={"a": "b"}),
    project("q", 2, parent="folders/8", state="DELETE_REQUESTED"),
    *({**topic("p", f"t{n:02}"), "iamPolicy": policy("roles/viewer", "user:a@b.c")} for n in range(25)),
]


def client(kind: Any, server: Loopback, where: str) -> Any:
    host = getattr(server, where).partition("://")[2]
    if where == "url":
        rest = kind.get_transport_class("rest")
        return kind(transport=rest(host=host, credentials=AnonymousCredentials(), url_scheme="http"))
    return kind(transport=kind.get_transport_class("grpc")(channel=grpc.insecure_channel(host)))


@pytest.fixture
def serve() -> Iterator[Callable[..., Loopback]]:
    with contextlib.ExitStack() as stack:
        yield lambda **faults: stack.enter_context(cloud(DOCUMENTS, faults=Faults(**faults)))


@pytest.mark.parametrize("where", BOTH)
def test_assets_with_what_they_are(serve: Callable[..., Loopback], where: str) -> None:
    assets = client(AssetServiceClient, serve(), where)
    request = {"parent": "projects/p", "content_type": ContentType.RESOURCE, "asset_types": [TOPIC]}
    found = list(assets.list_assets(request={**request, "page_size": 10}))
    assert [one.name[-3:] for one in found] == [f"t{n:02}" for n in range(25)]
    assert list(found[0].ancestors) == ["projects/1", "folders/7"]
    assert dict(found[0].resource.data) == {"name": "projects/p/topics/t00"}
    assert not found[0].iam_policy.bindings
    policies = list(assets.list_assets(request={**request, "content_type": ContentType.IAM_POLICY}))
    assert policies[0].iam_policy.bindings[0].members == ["user:a@b.c"] and "data" not in policies[0].resource


@pytest.mark.parametrize("where", BOTH)
def test_places(serve: Callable[..., Loopback], where: str) -> None:
    server = serve()
    projects, folders = client(ProjectsClient, server, where), client(FoldersClient, server, where)
    assert projects.get_project(name="projects/p").name == "projects/1"
    assert projects.get_project(name="projects/1").labels == {"a": "b"}
    assert [one.project_id for one in projects.list_projects(parent="folders/8")] == []
    gone = list(projects.list_projects(request={"parent": "folders/8", "show_deleted": True}))
    assert [one.state.name for one in gone] == ["DELETE_REQUESTED"]
    assert [one.project_id for one in projects.search_projects()] == ["p", "q"]
    assert [one.name for one in folders.list_folders(parent="folders/7")] == ["folders/8"]


@pytest.mark.parametrize("where", BOTH)
def test_refusals_are_those_of_the_sdk(serve: Callable[..., Loopback], where: str) -> None:
    assets = client(AssetServiceClient, serve(denied={"p": "SERVICE_DISABLED"}, throttled={"q": 1}), where)
    with pytest.raises(exceptions.Forbidden) as denied:
        assets.list_assets(parent="projects/p")
    assert denied.value.reason == "SERVICE_DISABLED" and denied.value.domain == "googleapis.com"
    with pytest.raises(exceptions.TooManyRequests):
        assets.list_assets(parent="projects/q")
    assert list(assets.list_assets(parent="projects/q")) != []
    with pytest.raises(exceptions.BadRequest):
        assets.list_assets(request={"parent": "projects/q", "asset_types": ["no.such/Type"]})
    with pytest.raises(exceptions.BadRequest):
        assets.list_assets(request={"parent": "projects/q", "page_token": "x"})
    with pytest.raises(exceptions.Forbidden):
        assets.list_assets(parent="projects/unknown")


@pytest.mark.parametrize("where", BOTH)
def test_a_token_is_good_for_its_own_request_only(serve: Callable[..., Loopback], where: str) -> None:
    assets = client(AssetServiceClient, serve(), where)
    first = next(iter(assets.list_assets(request={"parent": "projects/p", "page_size": 5}).pages))
    with pytest.raises(exceptions.BadRequest, match="another request"):
        assets.list_assets(request={"parent": "folders/7", "page_token": first.next_page_token})


def test_it_runs_from_a_folder_of_bodies_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(DOCUMENTS[4:]))
    (tmp_path / "b.yaml").write_text("\n---\n".join(json.dumps(one) for one in DOCUMENTS[:4]))
    command = [sys.executable, "-m", "providers.gcp.loopback", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        urls = [process.stdout.readline().strip() for _ in BOTH]
        host = urls[1].removeprefix("grpc://")
        transport = AssetServiceClient.get_transport_class("grpc")(channel=grpc.insecure_channel(host))
        assert len(list(AssetServiceClient(transport=transport).list_assets(parent="projects/p"))) == 26
        process.stdin.close()
    assert urls[0].startswith("http://127.0.0.1:") and process.returncode == 0
