"""How git logs in where a token is given: at the repository's own host alone, and by nothing that is seen in
a list of processes, an address or an error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from drift import temporary
from drift.declared import git_address, git_run
from drift.forge import Login

#: Says what the environment holds, and to no other host.
_ASKPASS = b"""#!/bin/sh
case "$1" in
  *"//$DRIFT_GIT_HOST'"* | *"@$DRIFT_GIT_HOST'"* | *"//$DRIFT_GIT_HOST/"* | *"@$DRIFT_GIT_HOST/"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) printf '%s' "$DRIFT_GIT_USERNAME" ;;
  *) printf '%s' "$DRIFT_GIT_PASSWORD" ;;
esac
"""


@contextlib.contextmanager
def environment(url: str, login: Login | None) -> Iterator[dict[str, str]]:
    """What git's environment has besides its own, for as long as the block lasts. Without a login, or by
    another way than http, Git's own credentials are used."""
    if login is None or not url.startswith(("http://", "https://")):
        yield {}
        return
    script = temporary.written("askpass", _ASKPASS)
    script.chmod(0o700)
    count = int(git_run.environment()["GIT_CONFIG_COUNT"])
    said = {"credential.helper": "", "http.followRedirects": "false", "core.askPass": str(script)}
    extra = {"GIT_CONFIG_COUNT": str(count + len(said))}
    for number, (key, value) in enumerate(said.items(), count):
        extra |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    try:
        yield {
            **extra,
            "GIT_ASKPASS": str(script),
            "DRIFT_GIT_HOST": urlsplit(url).netloc.rpartition("@")[2],
            "DRIFT_GIT_USERNAME": login.username,
            "DRIFT_GIT_PASSWORD": login.password,
        }
    finally:
        script.unlink(missing_ok=True)


def hidden(said: str, url: str, login: Login | None) -> str:
    """What git said, without what logs in."""
    told = git_address.hidden(said, url)
    return told.replace(login.password, "***") if login is not None and login.password else told
