"""One run's connection to Azure: what all its tasks share."""

from __future__ import annotations

import threading

from drift.deadline import Deadline
from drift.kinds.scalars import fold_case
from drift.limits import Limits
from drift.task import Wanted
from providers.azure import graph
from providers.azure.permissions import Permissions
from providers.azure.session import Session
from providers.azure.settings import Settings


class Connection:
    """The session, what it may ask for at once, and what the tasks learn.

    ``managed`` are the resource groups that a service manages: id → id of the managing resource.
    """

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.session = Session(settings, deadline, limits)
        self.session.identify()
        self.quota = graph.Quota(self.session.deadline, self.session.limits)
        self.turns = threading.Semaphore(settings.concurrency)
        self.permissions = Permissions(self.session)
        self.managed: dict[str, str] = {}

    def left_out(self, type_: str, wanted: Wanted) -> str | None:
        """Why a type is not read; None where it is."""
        if not self.settings.reads(type_, fold_case):
            return "left out by live.azure.include / exclude"
        return None if wanted.selects(type_) else "left out by --only"
