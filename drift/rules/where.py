"""Whether a finding is one that a rule speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache

from drift.config.rules import Globs, Where
from drift.finding import Finding
from drift.model import Resource
from drift.rules.labels import labels

#: An index, as the addresses of Terraform have it, and what makes of a text a glob beyond doubt.
_INDEX = re.compile(r"""\w\[(?:\d+|"[^"\]]*")\]""")
_SIGNS = re.compile(r"[*?]|\[[\[!]")


def speaks_of(where: Where, finding: Finding) -> bool:
    """Whether all given conditions hold of the finding's resource, on either side."""
    sides = [side for side in (finding.live, finding.declared) if side is not None]
    origins = [side.origin for side in sides if side.origin is not None]
    resource = finding.resource
    said: tuple[tuple[Globs | None, Iterable[str | None]], ...] = (
        (where.provider, (resource.provider,)),
        (where.scope, (resource.scope,)),
        (where.region, (resource.cell.region,)),
        (where.type, (side.type for side in sides)),
        (where.id, (side.id for side in sides)),
        (where.name, (side.name for side in sides)),
        (where.address, (origin.address for origin in origins)),
        (where.file, (origin.file for origin in origins)),
    )
    return all(globs is None or any_fits(globs, texts) for globs, texts in said) and all(
        any(fits(value, glob) for value in values_of(name, sides))
        for name, glob in {**(where.tags or {}), **(where.labels or {})}.items()
    )


def values_of(name: str, sides: Iterable[Resource]) -> Iterator[str]:
    """What a tag or label says, on each side that has it."""
    for side in sides:
        yield from (str(value) for key, value in labels(side) if key == name)


def any_fits(globs: Globs, texts: Iterable[str | None]) -> bool:
    """Whether one of the texts is as one of the globs says."""
    patterns = [globs] if isinstance(globs, str) else globs
    return any(text is not None and fits(text, glob) for text in texts for glob in patterns)


def fits(text: str, glob: str) -> bool:
    """Whether a text is as a glob says, or the glob itself: what Terraform calls ``a[0]`` is meant, and not
    ``a0``."""
    return text == glob or (fnmatchcase(text, glob) and not (_INDEX.search(glob) and not _SIGNS.search(glob)))


def path_fits(globs: Globs, path: str) -> bool:
    """Whether a JSON Pointer is one that is said, or stands below it. ``*`` is any one name, ``**`` any
    number."""
    return any(_pattern(glob).fullmatch(path) for glob in ([globs] if isinstance(globs, str) else globs))


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    text = ""
    for name in glob.rstrip("/").split("/")[1:]:
        if name == "**":
            text += r"(?:/[^/]*)*"
        else:
            text += "/" + "".join({"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign)) for sign in name)
    return re.compile(text + r"(?:/.*)?", re.S)
