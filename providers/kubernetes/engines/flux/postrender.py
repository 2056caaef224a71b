"""A chart's render sent through the ``postRenderers`` of a HelmRelease: kustomize over what helm printed.

Source: github.com/fluxcd/helm-controller, internal/postrender/kustomize.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from drift import temporary
from drift.errors import DeclaredError
from providers.kubernetes import declared_run, kustomize
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.declared_yaml import Document, documents
from providers.kubernetes.engines.flux.generated import HEAD
from providers.kubernetes.engines.flux.said import mapping, several
from providers.kubernetes.helm_template import Template

_SOURCE = re.compile(r"^# Source: .*$", re.M)
_INPUT = "helm-output.yaml"
_SELECTED = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")


@dataclass
class PostRendered(Template):
    """A release whose render goes through kustomize, once for each post-renderer."""

    renderers: tuple[Any, ...] = ()

    @property
    def key(self) -> list[Any]:
        return [*super().key, list(self.renderers)]

    def render(self, cluster: Cluster, zone: str | None = None, more: Iterable[str] = ()) -> bytes:
        output = super().render(cluster, zone, more)
        for one in self.renderers:
            said = mapping(mapping(one).get("kustomize"))
            if said:
                output = self._through(output, said)
        return output

    def _through(self, output: bytes, said: Mapping[str, Any]) -> bytes:
        crds, rest = self._apart(output)
        if not rest.strip():
            return output
        content: dict[str, Any] = {**HEAD, "resources": [_INPUT], "images": list(several(said.get("images")))}
        content["patches"] = [_patch(one) for one in several(said.get("patches")) if isinstance(one, Mapping)]
        for name, field in (("patchesStrategicMerge", None), ("patchesJson6902", "patch")):
            for one in several(said.get(name)):
                content.setdefault(name, []).append(_inline(one, field))
        content = {name: value for name, value in content.items() if value != []}
        with temporary.passing() as folder:
            (folder / _INPUT).write_bytes(rest)
            (folder / "kustomization.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
            try:
                command = [*kustomize.binary(), str(folder)]
                made = declared_run.run(command, kustomize.NO_NETWORK, self.deadline)
            except declared_run.Failed as error:
                told = str(error).replace(str(folder), "postRenderers")
                raise DeclaredError(f"{self.chart.display}: its post-renderers refuse it: {told}") from error
        return crds + b"\n" + b"\n".join(_with_heads(rest, made))

    def _apart(self, output: bytes) -> tuple[bytes, bytes]:
        """The chart's CRDs, which no post-renderer sees, and the rest."""
        crds: list[bytes] = []
        rest: list[bytes] = []
        for chunk in re.split(rb"^---\s*$", output, flags=re.M):
            source = re.search(rb"^# Source: \S+?/crds/", chunk, re.M)
            (crds if source and b"/templates/" not in source[0] else rest).append(chunk)
        return b"".join(b"---\n" + one.lstrip(b"\n") for one in crds if one.strip()), b"---\n".join(rest)


def _patch(one: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"patch": one.get("patch")}
    if isinstance(one.get("target"), Mapping):
        found["target"] = {name: one["target"][name] for name in _SELECTED if one["target"].get(name)}
    return found


def _inline(one: Any, field: str | None) -> Any:
    if field is None:
        return yaml.safe_dump(one)
    return {**one, field: yaml.safe_dump(one.get(field))} if isinstance(one, Mapping) else one


def _with_heads(before: bytes, after: bytes) -> Iterator[bytes]:
    """What came out, each object with the comment that says which template it is of."""
    heads = {}
    for one in documents(before, strict=False):
        if isinstance(one, Document) and (source := _SOURCE.search(one.head)):
            heads[_id(one.value)] = source[0]
    for chunk in re.split(rb"^---$", after, flags=re.M):
        for one in documents(chunk, strict=False):
            head = heads.get(_id(one.value)) if isinstance(one, Document) else None
            yield b"---\n" + (f"{head}\n".encode() if head else b"") + chunk.lstrip(b"\n")
            break


def _id(value: Any) -> tuple[str, str, str]:
    said = mapping(value)
    metadata = mapping(said.get("metadata"))
    return str(said.get("kind")), str(metadata.get("namespace")), str(metadata.get("name"))
