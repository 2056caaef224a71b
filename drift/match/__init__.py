"""Pairs what is declared with what is live."""

from __future__ import annotations

from drift.match.pairing import Matches, Pair, Pairs, Unmatched, line_of, match, reached

__all__ = ["Matches", "Pair", "Pairs", "Unmatched", "line_of", "match", "reached"]
