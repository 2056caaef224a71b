"""Lists of host names to which Azure adds the one that it gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.collections import KEYED_LIST


def _hosts(value: Any, context: Context, /, *, key: str | Sequence[str], own: Sequence[str]) -> Canonical:
    """A keyed list without the members whose host name ends with one of ``own``; the first of ``key`` is the
    host name.

    >>> said = [{"name": "a.example.net"}, {"name": "x.Azure-API.net"}]
    >>> _hosts(said, Context(), key="name", own=[".azure-api.net"])
    {'a.example.net': {'name': 'a.example.net'}}
    """
    if isinstance(value, list):
        host = key if isinstance(key, str) else key[0]
        value = [
            one
            for one in value
            if not (isinstance(one, Mapping) and str(one.get(host)).lower().endswith(tuple(own)))
        ]
    return KEYED_LIST.canonical(value, context, key=key)


HOSTS = Kind("hosts", _hosts, phase="after", settle=KEYED_LIST.settle)
