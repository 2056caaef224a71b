"""Tells deployers' repositories that no object of theirs marks by the files and folders that lie in them."""

from __future__ import annotations

from pathlib import Path

#: Jenkins X 3: what it applies, and the file that each of its repositories has.
CONFIG_ROOT, REQUIREMENTS = "config-root", "jx-requirements.yml"
_PARTS = ("customresourcedefinitions", "cluster", "namespaces")
_SOURCES = ("helmfile.yaml", "helmfiles", "versionStream")


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
