"""What SOPS encrypted, read by ``sops`` where that and a key are at hand; else it stays unknown."""

from __future__ import annotations

from drift.deadline import Deadline
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.engines.trees import Tree


def decrypted(one: Manifest, tree: Tree, deadline: Deadline) -> Manifest:
    """The object with what could be decrypted."""
    return one
