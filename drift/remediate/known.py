"""What earlier runs left at a forge, by the marks that they wrote, and of what of it this run may speak."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drift.config.model import Config
from drift.declared import git, git_address, git_run
from drift.report.exit_code import unread

#: Of a mark, what is another one each night.
_PASSING = ("at",)


@dataclass(frozen=True, slots=True)
class Sight:
    """Of what a run may speak: only of what was marked in its ``environment``, by its own configuration
    (``by``), and not after it began (``at``, as the report says it). ``gone`` tells of a finding's id whether
    it is surely no longer so."""

    environment: str
    by: str
    at: str
    gone: Callable[[str], bool] = lambda _: False

    def mark(self, group: str, findings: Mapping[str, str], **more: Any) -> dict[str, Any]:
        """What is written into a body, by which the next run knows whose it is; ``findings`` are digests by
        id."""
        mine = {"environment": self.environment, "by": self.by, "at": self.at}
        return {"group": group, **mine, "findings": dict(findings), **more}

    def over(self, mark: Mapping[str, Any] | None, elsewhere: Container[str] = ()) -> bool:
        """Whether of what is marked surely nothing is left that is not ``elsewhere``."""
        ids = _ids(mark)
        left = (id_ for id_ in ids if id_ not in elsewhere and not self.gone(id_))
        return bool(ids) and self._speaks(mark or {}) and next(left, None) is None

    def adopted(self, mark: Mapping[str, Any] | None) -> dict[str, str]:
        """The findings that are marked as adopted, each with its digest; none where this run may not speak of
        them."""
        if mark is None or not self._speaks(mark):
            return {}
        accepts = accepted(mark)
        return {id_: str(mark["findings"][id_]) for id_ in _ids(mark) if id_ not in accepts}

    def holds(self, mark: Mapping[str, Any] | None, wanted: Container[str]) -> bool:
        """Whether one of some findings is marked, of which this run may speak."""
        return self._speaks(mark or {}) and any(id_ in wanted for id_ in _ids(mark))

    def others(self, mark: Mapping[str, Any] | None, mine: Iterable[str]) -> list[str]:
        """Findings that are marked and may still be so, but for those that are ``mine`` to decide."""
        known = set(mine)
        speaks = self._speaks(mark or {})
        return [id_ for id_ in _ids(mark) if id_ not in known and not (speaks and self.gone(id_))]

    def _speaks(self, mark: Mapping[str, Any]) -> bool:
        return (
            mark.get("environment") == self.environment
            and mark.get("by") == self.by
            and str(mark.get("at")) <= self.at
        )


def reverted(mark: Mapping[str, Any]) -> dict[str, str]:
    """The findings of an issue that a person has chosen to have restored, each with its digest."""
    told, digests = mark.get("chosen"), mark.get("findings")
    if not isinstance(told, list) or not isinstance(digests, Mapping):
        return {}
    return {str(id_): str(digests[id_]) for id_ in told if id_ in digests}


def accepted(mark: Mapping[str, Any] | None) -> dict[str, date]:
    """The findings that are marked as accepted, each with the last day that was said."""
    told = (mark or {}).get("accepts")
    found = {}
    for id_, said in (told if isinstance(told, Mapping) else {}).items():
        try:
            found[str(id_)] = date.fromisoformat(str(said))
        except ValueError:  # somebody changed it
            found[str(id_)] = date.min
    return found


def _ids(mark: Mapping[str, Any] | None) -> list[str]:
    told = (mark or {}).get("findings")
    return [str(one) for one in told] if isinstance(told, Mapping) else []


def same(mark: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether two marks say the same, but for when."""
    if mark is None or other is None:
        return False
    return {**mark, **dict.fromkeys(_PASSING)} == {**other, **dict.fromkeys(_PASSING)}


def whole(report: Mapping[str, Any]) -> bool:
    """Whether a run looked at all that is declared, so that what it does not tell is not so. Its exit code
    does not say: drift comes before what could not be read."""
    if report["run"].get("only"):
        return False
    return not report["problems"] and not unread(report["coverage"])


def configuration(config: Config) -> str:
    """Which configuration this is, in a few characters that are the same in every clone: by its file's place
    in its repository; outside of one by its declared entries."""
    held = git.holding(config.base.resolve() / "any")
    if held is None:
        said = "\n".join(sorted(repr(entry) for entry in config.declared))
    else:
        url = git_run.settings(git_run.common_dir(held[1])).get("remote.origin.url")
        place = config.base.resolve().relative_to(held[0].resolve()).as_posix()
        name = config.lines.name.rpartition("/")[2]
        said = f"{git_address.shown(url) if url else ''}\0{place}\0{name}"
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:12]
