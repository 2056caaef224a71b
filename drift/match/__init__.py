"""Pairs what is declared with what is live."""

from __future__ import annotations

from drift.match.pairing import Matches, Pair, Pairs, match

__all__ = ["Matches", "Pair", "Pairs", "match"]
