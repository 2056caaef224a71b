"""In which order Flux's objects are followed: one that takes values or files of what others make comes after
them, as nothing is read twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from providers.kubernetes.engines.flux.said import (
    GENERATOR,
    SOURCES,
    mapping,
    reference,
    several,
    spec_of,
    text,
)
from providers.kubernetes.engines.objects import Made, Ref
from providers.kubernetes.engines.world import World


def next_of(fresh: Sequence[Made], world: World) -> list[Made]:
    """Those of some objects whose turn it is: all that wait for nothing; else those that wait for none of the
    others, by what they say that they depend on; else all."""
    several = list({made.ref: made for made in fresh}.values())
    free = [made for made in several if not any(_is_absent(ref, world) for ref in _needs(made))]
    if free:
        return free
    names = {made.ref for made in several}
    return [made for made in several if names.isdisjoint(_dependencies(made))] or several


def _is_absent(ref: Ref, world: World) -> bool:
    """Whether an object that is referred to is not declared, as far as is known now."""
    if world.declared(ref) is not None:
        return False
    if ref.key == f"{SOURCES}/ExternalArtifact":
        artifacts = (
            text(mapping(one).get("name"))
            for made in world.of(GENERATOR)
            if (made.ref.scope, made.ref.namespace) == (ref.scope, ref.namespace)
            for one in several(spec_of(made.manifest.body).get("artifacts"))
        )
        return ref.name not in artifacts
    return True


def _needs(made: Made) -> Iterator[Ref]:
    """What an object takes values and files from."""
    spec = spec_of(made.manifest.body)
    for one in (*_list(mapping(spec.get("postBuild")).get("substituteFrom")), *_list(spec.get("valuesFrom"))):
        said = mapping(one)
        yield Ref(made.ref.scope, text(said.get("kind")), made.ref.namespace, text(said.get("name")))
    chart = mapping(mapping(spec.get("chart")).get("spec"))
    for one in (spec.get("sourceRef"), spec.get("chartRef"), chart.get("sourceRef")):
        kind, namespace, name = reference(one, made.ref.namespace)
        if kind and name:
            yield Ref(made.ref.scope, f"{SOURCES}/{kind}", namespace, name)


def _dependencies(made: Made) -> Iterator[Ref]:
    for one in _list(spec_of(made.manifest.body).get("dependsOn")):
        said: Mapping[str, Any] = mapping(one)
        namespace = text(said.get("namespace")) or made.ref.namespace
        yield Ref(made.ref.scope, made.ref.key, namespace, text(said.get("name")))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
