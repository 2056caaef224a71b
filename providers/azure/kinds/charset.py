"""Character sets and collations of databases, in whatever letter case and under either of their names."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import fold_case

#: `utf8` is MySQL's other name of `utf8mb3`
#: (https://dev.mysql.com/doc/refman/8.0/en/charset-unicode-utf8.html); PostgreSQL leaves punctuation out
#: (https://www.postgresql.org/docs/current/multibyte.html).
_UTF8 = re.compile(r"utf-?8(?=$|_)")


def _charset(value: Any, context: Context) -> Canonical:
    """The name in lower case, ``utf8`` as ``utf8mb3``.

    >>> _charset("UTF8", Context()), _charset("utf8_unicode_ci", Context())
    ('utf8mb3', 'utf8mb3_unicode_ci')
    """
    return _UTF8.sub("utf8mb3", fold_case(value)) if isinstance(value, str) else value


CHARSET = Kind("charset", _charset)
