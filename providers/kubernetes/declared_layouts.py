"""Tells deployers' repositories that no object of theirs marks by the files and folders that lie in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from drift.listing import beginning, files_below

#: Jenkins X 3: what it applies, and the file that each of its repositories has.
CONFIG_ROOT, REQUIREMENTS = "config-root", "jx-requirements.yml"
_PARTS = ("customresourcedefinitions", "cluster", "namespaces")
_SOURCES = ("helmfile.yaml", "helmfiles", "versionStream")

#: How a pipeline of Spinnaker begins, and the annotations that tell it how to deploy an object.
_PIPELINE = re.compile(rb'"(?:stages|pipelines)"\s*:\s*\[')
_STAGE = re.compile(rb'"(?:deployManifest|refId|bakeManifest)"')
SPINNAKER = re.compile(rb"(?:strategy|traffic)\.spinnaker\.io/")

#: The modules of Ansible that keep objects of a cluster, by all their names.
K8S_MODULES = (
    "kubernetes.core.k8s", "community.kubernetes.k8s", "community.okd.k8s", "redhat.openshift.k8s", "k8s",
)  # fmt: skip
_LIST = re.compile(rb"^-[ \t]", re.M)
_LONG = re.compile(
    rb"(?:kubernetes\.core|community\.kubernetes|community\.okd|redhat\.openshift)\.k8s[\"']?[ \t]*:"
)
_SHORT = re.compile(rb"^(?:[ \t]+|[ \t]*-[ \t]+)k8s[ \t]*:[ \t]*\r?$", re.M)
_ARGUMENT = re.compile(rb"^[ \t]+(?:(?:resource_)?definition|src|kind)[ \t]*:", re.M)


def config_root(folder: Path) -> Path | None:
    """What Jenkins X 3 applies of a repository, or of that very folder; None where nothing is rendered."""
    for place in (folder / CONFIG_ROOT, folder):
        if place.name == CONFIG_ROOT and any((place / one).is_dir() for one in _PARTS):
            return place
    return None


def is_jenkins_x(folder: Path) -> bool:
    """Whether a folder is a cluster's repository of Jenkins X 3, rendered or not; one of Jenkins X 2 has no
    helmfile."""
    if config_root(folder) is not None:
        return True
    return (folder / REQUIREMENTS).is_file() and any((folder / one).exists() for one in _SOURCES)


def has_tasks(file: Path) -> bool:
    """Whether a file holds tasks of Ansible that keep objects of a cluster."""
    head = beginning(file)
    if not _LIST.search(head):
        return False
    return bool(_LONG.search(head) or (_SHORT.search(head) and _ARGUMENT.search(head)))


def pipeline_files(folder: Path) -> Iterator[Path]:
    """The files of a folder that hold pipelines of Spinnaker, or are to become some."""
    for file in files_below(folder, (".json", "dinghyfile", ".dinghy")):
        head = beginning(file)
        if (_PIPELINE.search(head) and _STAGE.search(head)) or (b"{{" in head and file.suffix != ".json"):
            yield file


def is_spinnaker(folder: Path) -> bool:
    """Whether pipelines of Spinnaker are there, but in a chart of Helm's."""
    return not (folder / "Chart.yaml").is_file() and next(pipeline_files(folder), None) is not None
