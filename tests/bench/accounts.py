"""Fifty accounts of seventeen regions: how many sessions and clients are open at once, and how memory grows
from account to account."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from providers.aws.loopback import environment
from tests.providers.aws.many_accounts import ACCOUNTS, REGIONS, Aws, read, serving


class Watched(Aws):
    """Notes the memory of this process, in MB, when the first call to each further account arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.memory: dict[int, float] = {}

    def answer(self, headers: Any, body: bytes) -> tuple[int, str]:
        found = super().answer(headers, body)
        self.memory.setdefault(len({account for account, _ in self.places}), _resident())
        return found


def main() -> None:
    os.environ.update(environment("http://127.0.0.1:9"))
    aws = Watched()
    with serving(aws) as url:
        clients, rows = read(url, ACCOUNTS, REGIONS)
    assert set(rows.values()) == {"checked"}, set(rows.values())
    assert len(aws.places) == len(ACCOUNTS) * len(REGIONS)
    print(
        f"accounts: {len(ACCOUNTS)} of {len(REGIONS)} regions, {aws.calls['AssumeRole']} roles entered; "
        f"at most {clients.sessions} sessions at once (goal at most 32) and {clients.peak} clients"
    )
    told = ", ".join(f"{aws.memory[number]:.0f} MB at {number}" for number in (10, 20, 30, 40, 50))
    print(f"accounts: memory {told} accounts")


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
