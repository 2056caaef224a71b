"""How long a repository of Flux with 1,000 Kustomizations and 300 charts is followed, the charts being kept
already."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from providers.kubernetes.engines.charts import Charts

KUSTOMIZATIONS, RELEASES = 1000, 300
#: Each so-many-th folder has what only kustomize does: patches, images, a generator.
KUSTOMIZE_EACH = 5
URL = "https://charts.example"
_READ = """
import resource, sys, time
from pathlib import Path
from drift import plugins
from drift.declared import recognise
from drift.live.estate import Estate
from drift.model import Problem
from drift.source import Loader, Location
providers, folder = plugins.providers(), Path(sys.argv[1])
began = time.perf_counter()
location = Location(folder, ".", options={"scope": "prod"})
declared = recognise(location)[0].load(location, Loader(providers))
found = list(declared.resources(Estate(providers)))
told = sum(not isinstance(one, Problem) for one in found)
odd = [one.message for one in found if isinstance(one, Problem)]
assert not odd, odd[:3]
own, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
spent = own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime
rest = below.ru_utime + below.ru_stime
print(
    f"{told} objects, {time.perf_counter() - began:.1f} s, {spent:.1f} s of processor time, "
    f"{rest:.1f} s of it of kubectl and helm"
)
"""
_SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://git.example/acme/fleet", ref: {branch: main}}
---
"""
_KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec:
  interval: 1h
  prune: true
  path: {path}
  sourceRef: {{kind: GitRepository, name: flux-system}}
"""
_APP = """\
  targetNamespace: {name}
  postBuild: {{substitute: {{ZONE: eu}}}}
"""
_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {name}}}
spec:
  interval: 1h
  chart:
    spec:
      chart: {name}
      version: 1.0.0
      sourceRef: {{kind: HelmRepository, name: charts, namespace: flux-system}}
  values: {{host: "{name}.${{ZONE}}.example", replicas: 2}}
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: registry.example/web:v1
          env: [{{name: ZONE, value: "${{ZONE}}"}}]
"""


def main() -> None:
    if shutil.which("helm") is None:
        print("gitops: there is no helm, so nothing is measured")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "repo")
        _keep(folder / "cache/drift/charts")
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
        done = subprocess.run(
            [sys.executable, "-c", _READ, folder / "repo"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        print(
            f"gitops: {KUSTOMIZATIONS} Kustomizations, {RELEASES} charts: {done.stdout.strip()} (goal 60 s)"
        )


def _write(repo: Path) -> None:
    """One root, a Kustomization for each app; a fifth of the apps need kustomize, 300 have a release."""
    root = repo / "clusters/prod"
    _text(
        root / "flux-system/sync.yaml",
        _SOURCE + _KUSTOMIZATION.format(name="flux-system", path="./clusters/prod"),
    )
    repository = f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {{name: charts, namespace: flux-system}}
spec: {{interval: 1h, url: "{URL}"}}
"""
    _text(root / "charts.yaml", repository)
    for number in range(KUSTOMIZATIONS - 1):
        name, folder = f"app-{number:04}", repo / f"apps/app-{number:04}"
        said = _KUSTOMIZATION.format(name=name, path=f"./apps/{name}") + _APP.format(name=name)
        _text(root / f"{name}.yaml", said)
        _text(folder / "web.yaml", _DEPLOYMENT.format(name=name))
        _text(folder / "service.yaml", (
            f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n"
            "spec: {selector: {app: web}, ports: [{port: 80}]}\n"
        ))  # fmt: skip
        own = "resources: [web.yaml, service.yaml"
        if number < RELEASES:
            _text(folder / "release.yaml", _RELEASE.format(name=name))
            own += ", release.yaml"
        own += "]\n"
        if number % KUSTOMIZE_EACH == 0:
            own += 'images: [{name: registry.example/web, newTag: "2"}]\n'
            own += "configMapGenerator: [{name: settings, literals: [a=b]}]\n"
        _text(folder / "kustomization.yaml", own)


def _keep(cache: Path) -> None:
    """The charts as they are kept once they were fetched."""
    web = _DEPLOYMENT.format(name="{{ .Release.Name }}-chart").replace("${ZONE}", "{{ .Values.host }}")
    for number in range(RELEASES):
        name = f"app-{number:04}"
        files = {
            "Chart.yaml": json.dumps({"apiVersion": "v2", "name": name, "version": "1.0.0"}),
            "values.yaml": "replicas: 1\nhost: none\n",
            "templates/web.yaml": web.replace("replicas: 2", "replicas: {{ .Values.replicas }}"),
        }
        home = Charts.home(cache, URL, name, "1.0.0")
        home.mkdir(parents=True)
        with tarfile.open(home / f"{name}-1.0.0.tgz", "w:gz") as archive:
            for file, text in files.items():
                told = tarfile.TarInfo(f"{name}/{file}")
                told.size = len(text.encode())
                archive.addfile(told, io.BytesIO(text.encode()))


def _text(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
