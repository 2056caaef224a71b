"""What a field manager is: a person, what deploys from Git, or a controller at its work
(``managers.yaml``)."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

from drift.safe_yaml import data
from providers.kubernetes.ownership import Owner

Role = Literal["person", "deployer", "controller", "unknown"]


@cache
def _said() -> dict[str, tuple[str, ...]]:
    said = data(Path(__file__).with_name("managers.yaml"))
    return {role: tuple(globs) for role, globs in said.items()}


@cache
def named(manager: str) -> Role:
    """What the name alone tells."""
    roles: tuple[tuple[Role, str], ...] = (
        ("person", "people"),
        ("deployer", "deployers"),
        ("controller", "controllers"),
    )
    for role, section in roles:
        if any(fnmatchcase(manager, glob) for glob in _said()[section]):
            return role
    return "unknown"


def is_kubectl(manager: str) -> bool:
    """Whether it is the command line in any of its ways."""
    return manager == "kubectl" or manager.startswith("kubectl-")


def role(owner: Owner, owners: Iterable[Owner]) -> Role:
    """What a manager is for this object: who writes its status is its controller."""
    told = named(owner.manager)
    if told != "unknown" or is_kubectl(owner.manager):
        return told
    works = any(one.manager == owner.manager and one.writes_status for one in owners)
    return "controller" if works else told
