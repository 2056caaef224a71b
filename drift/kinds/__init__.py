"""Value kinds: how one value is brought to the one form that all its spellings share.

A kind is looked up by the name that type facts use (``kind: json``). Kinds that belong to no cloud are
registered here; a provider hands its own to the facts loader (see :class:`drift.provider.Provider`).
"""

from __future__ import annotations

from drift.kinds.base import Canonical, Context, Keyed, Kind, Unordered

__all__ = ["Canonical", "Context", "Keyed", "Kind", "Unordered"]
