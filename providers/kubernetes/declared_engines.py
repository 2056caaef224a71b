"""Which deployers a folder is a repository of, told by the objects in it and by its layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drift.listing import beginning
from providers.kubernetes.declared_folders import is_chart, kustomization
from providers.kubernetes.declared_layouts import SPINNAKER, is_jenkins_x, is_spinnaker
from providers.kubernetes.declared_units import Unit, laid

#: The declared language of a deployer's repository.
GITOPS = "gitops"
_API = re.compile(rb"""^[\s\-"'{]*apiVersion["']?\s*:\s*["']?([a-z0-9.-]+)/""", re.M)
_KIND = re.compile(rb"""^[\s\-"'{]*kind["']?\s*:\s*["']?(\w+)""", re.M)


@dataclass(frozen=True, slots=True)
class Marks:
    """By what an engine's repositories are known: objects of ``kinds`` (group and kind), a layout, or
    ``words`` in manifests."""

    kinds: frozenset[str] = frozenset()
    layout: Callable[[Path], bool] = lambda _: False
    words: re.Pattern[bytes] | None = None


#: Each engine by the name that ``engine:`` of an entry says, in the order in which they are asked.
ENGINES: Mapping[str, Marks] = {
    "flux": Marks(
        frozenset(
            (
                "kustomize.toolkit.fluxcd.io/Kustomization",
                "helm.toolkit.fluxcd.io/HelmRelease",
                "fluxcd.controlplane.io/FluxInstance",
                "fluxcd.controlplane.io/ResourceSet",
            )
        )
    ),
    "argocd": Marks(
        frozenset(("argoproj.io/Application", "argoproj.io/ApplicationSet", "argoproj.io/AppProject"))
    ),
    "jenkins-x": Marks(layout=is_jenkins_x),
    "spinnaker": Marks(layout=is_spinnaker, words=SPINNAKER),
}


def kinds_in(several: Iterable[Unit], wanted: frozenset[str]) -> dict[str, set[Unit]]:
    """Of some kinds (group and kind) those that the files of units seem to hold, with the units; of a chart
    its templates."""
    found: dict[str, set[Unit]] = {}
    groups = {one.rpartition("/")[0].encode() for one in wanted}
    for unit, head in _heads(several):
        for key in _kinds(head, groups, wanted):
            found.setdefault(key, set()).add(unit)
    return found


def _heads(several: Iterable[Unit]) -> Iterator[tuple[Unit, bytes]]:
    """How each file of units begins; of charts that of templates."""
    for unit in several:
        for file in unit.inputs:
            if unit.kind != "chart" or file.relative_to(unit.folder).parts[0] == "templates":
                yield unit, beginning(file)


def _kinds(head: bytes, groups: Collection[bytes], wanted: frozenset[str]) -> set[str]:
    said = {one for one in _API.findall(head) if one in groups}
    kinds = set(_KIND.findall(head)) if said else ()
    return {f"{group.decode()}/{kind.decode()}" for kind in kinds for group in said} & wanted


def kinds_of(names: Iterable[str]) -> frozenset[str]:
    """The kinds of some engines."""
    return frozenset[str]().union(*(ENGINES[name].kinds for name in names))


def engines_of(several: Sequence[Unit], folder: Path) -> list[str]:
    """The names of the engines whose objects or layout are there."""
    wanted, there, said = kinds_of(ENGINES), set[str](), set[str]()
    groups = {one.rpartition("/")[0].encode() for one in wanted}
    worded = {name: one.words for name, one in ENGINES.items() if one.words is not None}
    for unit, head in _heads(several):
        there |= _kinds(head, groups, wanted)
        if unit.kind != "chart":
            said |= {name for name, words in worded.items() if words.search(head)}
    return [
        name
        for name, one in ENGINES.items()
        if name in said or not one.kinds.isdisjoint(there) or one.layout(folder)
    ]


def mixed(several: Iterable[Unit]) -> bool:
    """Whether a folder is more than what one other source reads: several Kustomize folders or charts, or some
    beside plain files, or tasks of Ansible."""
    kinds = [one.kind for one in several]
    wholes = [one for one in kinds if one != "files"]
    return "ansible" in kinds or len(wholes) > 1 or (bool(wholes) and "files" in kinds)


def is_gitops(folder: Path) -> bool:
    """Whether a folder is a deployer's repository, or holds more than another source reads."""
    found = laid(folder).units
    whole = kustomization(folder) is not None or is_chart(folder)
    return (not whole and mixed(found)) or bool(engines_of(found, folder))
