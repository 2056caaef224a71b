"""Regular expressions that a repository says, matched by RE2: its time grows with the text alone, whatever
the expression, and it is the syntax of the tools that they are written for (Terraform, Flux)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

#: An expression that is longer is none (signs).
MOST = 10_000


class PatternError(ValueError):
    """A text is no regular expression of RE2; the message says why."""


@lru_cache(maxsize=256)
def compiled(text: str) -> Any:
    """The expression, with the methods of one of :mod:`re`. Raises PatternError."""
    import re2

    if len(text) > MOST:
        raise PatternError(f"it has more than {MOST:,} signs")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        why = error.args[0] if error.args else "it can't be read"
        raise PatternError(why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)) from error
    except UnicodeError as error:
        raise PatternError("it is no Unicode text") from error
