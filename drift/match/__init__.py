"""Pairs what is declared with what is live."""

from __future__ import annotations

from drift.match.elsewhere import line_of
from drift.match.locate import reached
from drift.match.matches import Matches, Pair, Pairs, Unmatched
from drift.match.pairing import match

__all__ = ["Matches", "Pair", "Pairs", "Unmatched", "line_of", "match", "reached"]
