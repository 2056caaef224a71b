"""What Argo CD fills into a source's texts: its build environment.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))")


def filled(said: str, environment: Mapping[str, str]) -> str:
    """A text with ``$NAME`` and ``${NAME}`` of the build environment; others stand as they are."""
    return _NAME.sub(lambda one: environment.get(one[1] or one[2], one[0]), said)
