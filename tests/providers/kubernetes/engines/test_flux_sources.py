"""Where Flux's files come from: other refs of the own repository, other repositories, artifacts of registries
and of generators."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drift.loopback import Answer, Request, Server
from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines.test_flux import CONFIG, KS, read

SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: {kind}
metadata: {{name: {name}, namespace: flux-system}}
spec: {{interval: 1m, url: "{url}"{more}}}
---
"""


def of(kind: str, name: str, path: str = "./app") -> str:
    source = f"sourceRef: {{kind: {kind}, name: {name}}}"
    return KS.format(name="app", path=path).replace(
        "sourceRef: {kind: GitRepository, name: flux-system}", source
    )


FLUX = "application/vnd.cncf.flux.content.v1.tar+gzip"
HELM = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


class Registry:
    """One artifact, which a token that anybody gets opens."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifest = b""
        self.asked: list[str] = []

    def put(self, files: dict[str, str], media_type: str = FLUX) -> str:
        """Puts files there; gives the digest of the manifest."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, text in files.items():
                told = tarfile.TarInfo(name)
                told.size = len(text.encode())
                archive.addfile(told, io.BytesIO(text.encode()))
        layer = gzip.compress(packed.getvalue(), mtime=0)
        digest = f"sha256:{hashlib.sha256(layer).hexdigest()}"
        self.blobs = {digest: layer}
        said = {
            "mediaType": media_type,
            "digest": digest,
            "size": len(layer),
        }
        self.manifest = json.dumps({"schemaVersion": 2, "layers": [said]}).encode()
        return f"sha256:{hashlib.sha256(self.manifest).hexdigest()}"

    def answer(self, request: Request) -> Answer:
        self.asked.append(request.path)
        if request.path.startswith("/token"):
            return Answer(200, json.dumps({"token": "t"}).encode())
        if request.headers.get("Authorization") != "Bearer t":
            realm = f'Bearer realm="http://{request.headers["Host"]}/token",service="registry"'
            return Answer(401, b"", {"WWW-Authenticate": realm})
        if "/manifests/" in request.path:
            return Answer(200, self.manifest)
        return Answer(200, self.blobs[request.path.rpartition("/")[2]])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.kubernetes.engines.oci.user_cache_path", lambda _: tmp_path / "cache")


@pytest.fixture
def registry(cache: None) -> Iterator[tuple[Registry, str]]:
    made = Registry()
    server = Server(made.answer)
    yield made, server.url.removeprefix("http://")
    server.close()


def test_an_artifact_of_a_registry_is_read_once_it_is_allowed(
    tmp_path: Path, registry: tuple[Registry, str]
) -> None:
    store, host = registry
    url = f"oci://{host}/acme/fleet"
    store.put({"app/one.yaml": CONFIG.format("one", "{}")})
    source = SOURCE.format(
        kind="OCIRepository", name="fleet", url=url, more=", insecure: true, ref: {tag: v1}"
    )
    files = {"cluster/app.yaml": source + of("OCIRepository", "fleet")}
    _, (row,), _, _ = read(tmp_path / "repo", files)
    assert row.message.startswith(
        "Kustomization flux-system/app: ./app of OCIRepository fleet: the OCI artifact "
    )
    assert f"{url} is not fetched: add it to the entry's `fetch`" in row.message
    assert store.asked == []
    found, problems, _, _ = read(tmp_path / "repo", files, fetch=[f"oci://{host}/*"])
    assert not problems
    origin = found["ConfigMap default/one"].origin
    assert origin is not None and origin.file == f"{url}:v1/app/one.yaml"
    asked = len(store.asked)
    found, problems, _, _ = read(tmp_path / "repo", files)
    assert not problems and "ConfigMap default/one" in found
    assert len(store.asked) == asked


def test_a_layer_that_is_not_what_its_manifest_says_is_refused(
    tmp_path: Path, registry: tuple[Registry, str]
) -> None:
    store, host = registry
    store.put({"app/one.yaml": CONFIG.format("one", "{}")})
    store.blobs = dict.fromkeys(store.blobs, b"other")
    more = ", insecure: true, ref: {tag: v1}"
    source = SOURCE.format(kind="OCIRepository", name="fleet", url=f"oci://{host}/acme/fleet", more=more)
    files = {"cluster/app.yaml": source + of("OCIRepository", "fleet")}
    _, (row,), _, _ = read(tmp_path / "repo", files, fetch=["oci://*"])
    assert not row.unread
    assert "what the registry gives is not sha256:" in row.message


def test_what_was_kept_of_a_tag_stands_for_nothing_that_can_not_be_fetched(
    tmp_path: Path, registry: tuple[Registry, str]
) -> None:
    """The tag may name something else by now."""
    store, host = registry
    store.put({"app/one.yaml": CONFIG.format("one", "{}")})
    more = ", insecure: true, ref: {tag: v1}"
    source = SOURCE.format(kind="OCIRepository", name="fleet", url=f"oci://{host}/acme/fleet", more=more)
    files = {"cluster/app.yaml": source + of("OCIRepository", "fleet")}
    _, problems, _, _ = read(tmp_path / "repo", files, fetch=["oci://*"])
    assert not problems
    store.manifest = b"{}"
    found, (row,), _, _ = read(tmp_path / "repo", files, fetch=["oci://*"])
    assert "ConfigMap default/one" not in found
    assert "what was kept of it may be older than what it names now" in row.message


@pytest.mark.usefixtures("helm")
def test_a_chart_that_is_named_by_its_digest(tmp_path: Path, registry: tuple[Registry, str]) -> None:
    store, host = registry
    template = CONFIG.format("{{ .Release.Name }}", "{}")
    chart = {"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "templates/web.yaml": template}
    digest = store.put({f"web/{name}": text for name, text in chart.items()}, HELM)
    more = f', insecure: true, ref: {{digest: "{digest}"}}'
    source = SOURCE.format(kind="OCIRepository", name="web", url=f"oci://{host}/charts/web", more=more)
    release = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec: {interval: 1h, chartRef: {kind: OCIRepository, name: web}}
"""
    found, problems, _, _ = read(tmp_path / "repo", {"cluster/app.yaml": source + release}, fetch=["oci://*"])
    assert not problems
    assert "ConfigMap flux-system/web" in found


def test_an_artifact_may_not_lead_out(tmp_path: Path, registry: tuple[Registry, str]) -> None:
    store, host = registry
    store.put({"../out.yaml": CONFIG.format("one", "{}")})
    more = ", insecure: true, ref: {tag: v1}"
    source = SOURCE.format(kind="OCIRepository", name="fleet", url=f"oci://{host}/acme/fleet", more=more)
    files = {"cluster/app.yaml": source + of("OCIRepository", "fleet")}
    _, (row,), _, _ = read(tmp_path / "repo", files, fetch=["oci://*"])
    assert "can't be unpacked" in row.message
    assert not (tmp_path / "out.yaml").exists()


def test_what_a_generator_assembles_is_called_by_the_files_that_it_is_of(tmp_path: Path) -> None:
    generator = """\
        apiVersion: source.extensions.fluxcd.io/v1beta1
        kind: ArtifactGenerator
        metadata: {name: parts, namespace: flux-system}
        spec:
          sources: [{alias: repo, kind: GitRepository, name: flux-system}]
          artifacts:
            - name: app
              copy:
                - {from: "@repo/apps/base/**", to: "@artifact/base/", exclude: ["*.md"]}
                - {from: "@repo/apps/prod/**", to: "@artifact/prod/"}
    """
    files = {
        "cluster/app.yaml": of("ExternalArtifact", "app", "./prod"),
        "cluster/parts.yaml": generator,
        "apps/base/one.yaml": CONFIG.format("one", "{}"),
        "apps/base/README.md": "nothing\n",
        "apps/base/kustomization.yaml": "resources: [one.yaml]\n",
        "apps/prod/kustomization.yaml": "resources: [../base]\nnamespace: shop\n",
    }
    found, problems, _, notes = read(tmp_path, files)
    assert not problems
    assert not any("applies nothing of" in one for one in notes)
    origin = found["ConfigMap shop/one"].origin
    assert origin is not None and origin.file == "apps/base/one.yaml"


def test_another_repository_and_another_ref_of_the_own_one(tmp_path: Path) -> None:
    def git(folder: Path, *words: str) -> None:
        said = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *said, *words], cwd=folder, check=True, capture_output=True)

    other = write(tmp_path / "other", {"app/one.yaml": CONFIG.format("other", "{}")})
    for words in (["init"], ["add", "."], ["commit", "-m", "x"]):
        git(other, *words)
    url = f"file://{other}"
    source = SOURCE.format(kind="GitRepository", name="other", url=url, more=", ref: {branch: main}")
    files = {"cluster/app.yaml": source + of("GitRepository", "other")}
    _, (row,), _, _ = read(tmp_path / "repo", files)
    assert "is not fetched: add it to the entry's `fetch`" in row.message
    found, problems, _, _ = read(tmp_path / "repo", files, fetch=[url])
    assert not problems
    assert "ConfigMap default/other" in found


@pytest.mark.parametrize(("more", "words"), [
    (", ref: {semver: 1.x}", "follows the newest tag of a range"),
    (", include: [{repository: {name: x}}]", "includes files of other repositories"),
])  # fmt: skip
def test_what_is_not_followed_says_why(tmp_path: Path, more: str, words: str) -> None:
    source = SOURCE.format(kind="GitRepository", name="other", url="https://git.example/other", more=more)
    _, (row,), _, _ = read(tmp_path, {"cluster/app.yaml": source + of("GitRepository", "other")})
    assert words in row.message


def test_a_path_is_joined_to_the_top_of_its_source(tmp_path: Path) -> None:
    files = {
        "cluster/app.yaml": KS.format(name="app", path="../../app"),
        "app/one.yaml": CONFIG.format("one", "{}"),
    }
    found, problems, _, _ = read(tmp_path, files)
    assert not problems
    assert "ConfigMap default/one" in found


def test_a_kustomization_that_leads_out_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"secret.yaml": CONFIG.format("secret", "{}")})
    files = {
        "cluster/app.yaml": KS.format(name="app", path="./app"),
        "app/kustomization.yaml": "resources: [../../secret.yaml]\n",
    }
    found, (row,), _, _ = read(tmp_path / "repo", files)
    assert "../../secret.yaml leads out of the repository" in row.message
    assert set(found) == {"Kustomization flux-system/app"}
