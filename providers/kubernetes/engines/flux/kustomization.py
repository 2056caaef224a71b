"""The step of a Kustomization: build, decryption, substitution, common metadata, in the order of Flux's
controller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.model import Unresolved
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.declared_resources import DEFAULT_NAMESPACE
from providers.kubernetes.engines.apart import Whole
from providers.kubernetes.engines.flux.artifacts import Assembled
from providers.kubernetes.engines.flux.building import built
from providers.kubernetes.engines.flux.decryption import decrypted, unknown_generated
from providers.kubernetes.engines.flux.generated import written
from providers.kubernetes.engines.flux.ignoring import ignored
from providers.kubernetes.engines.flux.said import KUSTOMIZATION, mapping, several, spec_of, target, text
from providers.kubernetes.engines.flux.sources import Files, files_of, placed
from providers.kubernetes.engines.flux.substitution import substituted
from providers.kubernetes.engines.flux.variables import Variables, variables_of
from providers.kubernetes.engines.objects import Made, Ref, Rendered, Unfollowed
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

_GROUP = "kustomize.toolkit.fluxcd.io"
#: What Flux does not apply. Source: fluxcd.io, "Kustomization", Controlling the apply behavior of resources.
_LEFT = ((f"{_GROUP}/reconcile", "disabled"), (f"{_GROUP}/ssa", "ignore"))
_TEMPLATED = ("path", "targetNamespace", "namePrefix", "nameSuffix", "patches", "images", "components")


@dataclass(frozen=True)
class Build:
    """One Kustomization: ``body`` as it is declared. ``root`` says that it applies itself, and so from this
    repository."""

    ref: Ref
    body: Mapping[str, Any]
    via: tuple[str, ...]
    scope: str
    takes: Path | None = None
    root: bool = False

    @property
    def key(self) -> str:
        return f"flux|{self.ref.scope}|{self.ref.key}|{self.ref.namespace}/{self.ref.name}"

    @property
    def owner(self) -> Ref | None:
        return self.ref

    def rendered(self, world: World) -> Rendered:
        """What may not be read, or can't, is told in :attr:`Rendered.unfollowed`."""
        spec = spec_of(self.body)
        try:
            target(world, self.ref, spec)
            files, folder = self._files(world, spec)
            whole, spec = self._found(world, spec, files, folder)
        except DeclaredError as error:
            path = text(spec.get("path")) or "."
            source = mapping(spec.get("sourceRef"))
            what = f"{self.ref}: {path} of {source.get('kind')} {source.get('name')}"
            return Rendered(
                Found(), world.tree, unfollowed=[Unfollowed(what, str(error), self.ref, self.via)]
            )
        notes = [files.note] if files.note else []
        notes += self._context(world, spec)
        lost = [Unfollowed(str(self.ref), one.why, self.ref, self.via) for one in whole.unfollowed]
        return Rendered(whole.found, files.tree, DEFAULT_NAMESPACE, unfollowed=lost, notes=notes)

    def _found(
        self, world: World, spec: Mapping[str, Any], files: Files, folder: Path
    ) -> tuple[Whole, Mapping[str, Any]]:
        """The objects, and the spec that they are built by: a root's is as it makes itself."""
        whole = self._built(world, spec, files, folder)
        own = next((one for one in whole.found.manifests if self._is(one)), None) if self.root else None
        if own is not None and spec_of(own.body) != spec:
            spec = spec_of(own.body)
            whole = self._built(world, spec, files, folder)
        return whole, spec

    def _files(self, world: World, spec: Mapping[str, Any]) -> tuple[Files, Path]:
        unknown = next((name for name in _TEMPLATED if _unresolved(spec.get(name))), None)
        if unknown is not None:
            raise NotFollowed(f"its {unknown} {_unresolved(spec.get(unknown))}")
        path = text(spec.get("path"))
        if self.root:
            return Files(world.tree), placed(world, world.tree, path)
        files = files_of(world, self.ref, spec.get("sourceRef"), path)
        return files, placed(world, files.tree, path)

    def _built(self, world: World, spec: Mapping[str, Any], files: Files, folder: Path) -> Whole:
        tree = files.tree
        key = f"flux ignored {tree.root} {files.ignore}"
        if key not in world.memory:
            world.memory[key] = ignored(tree.root, files.ignore)
        remote = bool(world.options.get("remote"))
        whole = built(world.renderers, tree, folder, spec, world.memory[key], remote=remote)
        found = replace(whole.found, manifests=list(whole.found.manifests))
        if spec.get("decryption"):
            said = written(folder, spec, tree.shown(folder), world.memory[key])
            found.manifests = [
                decrypted(one, tree, world.renderers)
                for one in unknown_generated(found.manifests, folder, said)
            ]
        post = spec.get("postBuild")
        if isinstance(post, Mapping):
            found.manifests = list(self._filled(world, post, found.manifests))
        common = mapping(spec.get("commonMetadata"))
        if common:
            found.manifests = [_with_common(one, common) for one in found.manifests]
        found.manifests = [self._left(one, world) for one in found.manifests]
        return Whole(found, whole.unfollowed)

    def _filled(self, world: World, post: Mapping[str, Any], several: list[Manifest]) -> Iterator[Manifest]:
        variables = variables_of(world, self.ref, post)
        always = post.get("substituteStrategy") == "Always"
        if not (variables.said or variables.unknown or always):
            yield from several
            return
        strict = _is_strict(world, self.ref.scope)
        for one in several:
            yield substituted(one, variables, strict=strict)

    def _context(self, world: World, spec: Mapping[str, Any]) -> Iterator[str]:
        """What a reader is told beside: where values came from."""
        post = spec.get("postBuild")
        if isinstance(post, Mapping):
            found: Variables = variables_of(world, self.ref, post)
            yield from (f"{self.ref}: {one}" for one in found.notes)

    def _left(self, one: Manifest, world: World) -> Manifest:
        """An object that Flux is told to leave alone, where it is not there anyway."""
        labels = mapping(one.metadata.get("labels"))
        for name, value in _LEFT:
            if value in (str(labels.get(name, "")).lower(), str(one.annotations.get(name, "")).lower()):
                namespaced = world.cluster(self.scope).namespaced(one.type) is not False
                namespace = (one.namespace or DEFAULT_NAMESPACE) if namespaced else ""
                if world.found(Ref(self.scope, one.type.key, namespace, one.name or "")) is None:
                    return replace(one, left_out=f"Flux is told to leave it alone ({name}: {value})")
        return one

    def _is(self, one: Manifest) -> bool:
        return (one.type.key, one.namespace, one.name) == (KUSTOMIZATION, self.ref.namespace, self.ref.name)


def build_of(made: Made, world: World) -> Build:
    """The step of a Kustomization that is declared."""
    spec = spec_of(made.manifest.body)
    scope = made.ref.scope
    takes = None
    try:
        scope = target(world, made.ref, spec)
        files = files_of(world, made.ref, spec.get("sourceRef"), text(spec.get("path")))
        if files.tree.own:
            takes = placed(world, files.tree, text(spec.get("path")))
        elif isinstance(files.tree, Assembled):
            takes = files.tree.original(placed(world, files.tree, text(spec.get("path"))))
    except DeclaredError:
        pass  # which rendering tells
    return Build(made.ref, made.manifest.body, (*made.manifest.via, made.ref.name), scope, takes)


def _unresolved(value: Any) -> str:
    """Why a value, or one in it, can't be known; nothing where it can."""
    if isinstance(value, Unresolved):
        return value.reason
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((reason for one in inside if (reason := _unresolved(one))), "")


def _with_common(one: Manifest, common: Mapping[str, Any]) -> Manifest:
    metadata = dict(one.metadata)
    for place in ("labels", "annotations"):
        if isinstance(common.get(place), Mapping) and common[place]:
            metadata[place] = {**mapping(metadata.get(place)), **common[place]}
    return replace(one, body={**one.body, "metadata": metadata})


def _is_strict(world: World, scope: str) -> bool:
    """Whether the controller refuses variables without value, as a feature gate of it says."""
    for live in world.every(scope, "apps/Deployment"):
        if not (live.id or "").endswith("/kustomize-controller"):
            continue
        template = mapping(mapping(live.attributes.get("spec")).get("template"))
        for container in several(mapping(template.get("spec")).get("containers")):
            for one in several(mapping(container).get("args")):
                if isinstance(one, str) and "StrictPostBuildSubstitutions=true" in one:
                    return True
    return False
