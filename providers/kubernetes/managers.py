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
_ROLES: tuple[tuple[Role, str], ...] = (
    ("person", "people"),
    ("deployer", "deployers"),
    ("controller", "controllers"),
)
#: How ``kubectl apply`` names itself, without and with ``--server-side``.
CLIENT_SIDE, SERVER_SIDE = "kubectl-client-side-apply", "kubectl"


@cache
def _said() -> dict[str, tuple[str, ...]]:
    said = data(Path(__file__).with_name("managers.yaml"))
    return {role: tuple(globs) for role, globs in said.items()}


@cache
def named(manager: str) -> Role:
    """What the name alone tells."""
    for role, section in _ROLES:
        if any(fnmatchcase(manager, glob) for glob in _said()[section]):
            return role
    return "unknown"


def deployers() -> tuple[str, ...]:
    """The names (globs) of what deploys from Git."""
    return _said()["deployers"]


def is_kubectl(manager: str) -> bool:
    """Whether it is the command line in any of its ways."""
    return manager == SERVER_SIDE or manager.startswith("kubectl-")


def applies(owner: Owner) -> bool:
    """Whether an entry is what ``kubectl apply`` wrote, of a file, as a deployer does."""
    return owner.manager == CLIENT_SIDE or (owner.manager == SERVER_SIDE and owner.operation == "Apply")


def is_person(owner: Owner) -> bool:
    """Whether somebody wrote it by hand; all that ``kubectl`` writes is, unless it applies a file."""
    return named(owner.manager) == "person" or (is_kubectl(owner.manager) and not applies(owner))


def role(owner: Owner, owners: Iterable[Owner]) -> Role:
    """What a manager is for this object: who writes its status is its controller."""
    if is_person(owner):
        return "person"
    if applies(owner):
        return "deployer"
    told = named(owner.manager)
    if told != "unknown":
        return told
    works = any(one.manager == owner.manager and one.writes_status for one in owners)
    return "controller" if works else told
