"""What is decided of a difference of one pair, and noted: it folds, nobody can tell, the service did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from drift.compare.canonical import canonicalise
from drift.compare.one_sided import CHOSEN, LISTED
from drift.compare.partly_known import says
from drift.facts import PathFacts
from drift.finding import Fold
from drift.hooks import Acceptance, Filled
from drift.kinds.base import Context
from drift.model import MISSING, Resource, Unresolved
from drift.redaction import Redactor, is_secret, texts
from drift.values import unresolved

#: ``(live resource type, path) -> "report" | "inform" | "ignore"``: what to do with a live value that Git
#: leaves unsaid. ``inform`` tells apart what the service may have filled in; ``report`` makes a change of it,
#: too.
Policy = Callable[[str, str], str]
#: What stands in an answer for a value that is not given back; longer ones don't occur.
_MASKS = tuple("*" * length for length in range(17))


@dataclass(slots=True)
class Decisions:
    """What was decided of one pair so far. ``unknown``: something declared could not be known.

    It gives ``folds``, ``unverifiable`` ((path, reason) each), ``undeclared`` (paths of changes that nobody
    declares), ``filled`` (what the service may have filled in: (path, value, reason) each, of a set its
    members one by one), and ``revealed`` (live texts that the declared side calls secret).
    """

    declared: Resource
    live: Resource
    context: Context
    redactor: Redactor
    policy: Policy
    accept: Acceptance
    unknown: bool
    folds: list[Fold] = field(default_factory=list)
    unverifiable: list[tuple[str, str]] = field(default_factory=list)
    undeclared: set[str] = field(default_factory=set)
    filled: list[tuple[str, Any, str]] = field(default_factory=list)
    revealed: set[str] = field(default_factory=set)
    accepted: int = 0

    def _unknowable(self, want: Any, have: Any, facts: PathFacts) -> str | None:
        if isinstance(want, Unresolved):
            return want.reason
        if facts.write_only and (have is MISSING or self._masked(have)):
            return "write-only: the cloud never gives it back"
        if facts.unread and have is MISSING:
            return facts.unread
        return None

    def _is_likely(self, want: Unresolved, have: Any, facts: PathFacts) -> bool:
        """Whether what is live is what a reader guessed."""
        if want.likely is None:
            return False
        guess = canonicalise(want.likely, facts, self.context)
        return says(guess, have) or (not is_secret(have) and self._admitted(guess, have, facts, ""))

    def _masked(self, have: Any) -> bool:
        """Whether a write-only value's place is held by nothing or by asterisks."""
        if is_secret(have):
            return any(self.redactor.hide(mask) == have for mask in _MASKS)
        return isinstance(have, str) and not have.strip("*")

    def _any_unknown(self, want: Any) -> str | None:
        found = unresolved(want) if self.unknown else None
        return found.reason if found else None

    def _secrets(self, want: Any, have: Any, facts: PathFacts, path: str) -> tuple[Any, Any]:
        if want is MISSING or have is MISSING:
            return self._one_sided_secret(want, have, facts, path)
        if not is_secret(have):
            self.revealed.update(texts(have))
        one = want if is_secret(want) else self.redactor.hide(want)
        other = have if is_secret(have) else self.redactor.hide(have)
        if one["$secret"]["key"] != other["$secret"]["key"]:
            self.unverifiable.append((path, "redacted with another key"))
            return MISSING, MISSING
        return (MISSING, MISSING) if one == other else (one, other)

    def _one_sided_secret(self, want: Any, have: Any, facts: PathFacts, path: str) -> tuple[Any, Any]:
        if have is not MISSING and facts.assigned:
            self._fold(path, CHOSEN, want, have)
            return MISSING, MISSING
        return (MISSING, MISSING) if want is MISSING and self._accepted(have, path) else (want, have)

    def _accepted(
        self, have: Any, path: str, told: Any = MISSING, at: str = "", *, listed: bool = False
    ) -> bool:
        """Whether a live value that nobody declares is no change: the provider knows why, or the service may
        have filled it in, as it may where the facts say ``listed``. ``told`` ``at`` another path is what is
        listed then."""
        answer = self.accept(path, have) or (LISTED if listed else None)
        if answer is None:
            return False
        if isinstance(answer, Filled):
            if self.policy(self.live.type, at or path) == "report":
                return False
            self.filled.append((at or path, have if told is MISSING else told, str(answer)))
        else:
            self._fold(path, answer, MISSING, have)
        self.accepted += 1
        return True

    def _admitted(self, want: Any, have: Any, facts: PathFacts, path: str) -> bool:
        kind = facts.kind
        if kind is None or kind.admits is None or self._any_unknown(want):
            return False
        if not kind.admits(want, have, self.context, **facts.params):
            return False
        self._fold(path, f"{kind.name} admits it", want, have)
        return True

    def _shares(self, path: str) -> bool:
        """Whether the path is a list to which the declaration only adds members."""
        return bool(self.declared.shared) and path[1:] in self.declared.shared

    def _owns(self, path: str) -> bool:
        """Whether the declaration is asked about members of ``path`` that it does not name."""
        if self._shares(path):
            return False
        below = f"{path[1:]}/" if path else ""
        return not (
            self.declared.partial
            and (not path or any(shared.startswith(below) for shared in self.declared.shared))
        )

    def _fold(self, path: str, fact: str, want: Any, have: Any) -> None:
        self.folds.append(Fold(path, fact, want, have))
