"""Logging in to a cloud within a time: who does not answer is named, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from drift.deadline import Cut, Deadline, Passed
from drift.errors import CredentialsError

T = TypeVar("T")


def logged_in(
    provider: str, ask: Callable[[], T], deadline: Deadline, seconds: float, awaited: Callable[[], str]
) -> T:
    """What ``ask`` gives, which logs in to a provider. ``awaited`` tells the host that it waits for; empty
    where that is none: then it is a program. Raises CredentialsError after so many seconds, Passed, and what
    ``ask`` raises."""
    try:
        return deadline.ask(ask, seconds)
    except Passed:
        raise
    except Cut as error:
        host = awaited()
        who = f"{host} was asked, and" if host else "a program that gives credentials was run, and it"
        mend = "let this machine reach it (firewall, HTTPS_PROXY)" if host else "run it yourself to see why"
        raise CredentialsError(
            f"{provider}: login: {who} did not answer within {seconds:g} seconds (live.{provider}.timeout); "
            f"{mend}, or log in another way"
        ) from error
