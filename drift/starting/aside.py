"""Which folders of a repository hold what tests, examples and others' code declare, and no estate."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

#: Names of folders, in small letters, and words of them (`integration-tests`, `test-fixtures`).
_TESTS = frozenset({"tests", "testdata", "fixture", "fixtures", "mocks"})
_EXAMPLES = frozenset({"example", "examples", "sample", "samples", "snippets"})
_OTHERS = frozenset({"vendor", "vendored", "vendir", "thirdparty", "third_party", "third-party"})
_PAGES = frozenset({"docs", "doc"})
#: Of an environment, where folders beside it or the one above are named so; of tests elsewhere.
_EITHER = frozenset({"test", "testing", "e2e"})
_ABOVE = frozenset(
    {"environments", "environment", "envs", "env", "overlays", "clusters", "accounts", "stages"}
)
_ENVIRONMENTS = re.compile(
    r"(dev|devel|development|stag(e|ing)?|stg|prod|prd|production|preprod|qa|uat|int|acc|acceptance|sandbox|sbx)"
    r"([-_.]\w+)?"
)


def aside(path: Path, folder: Path) -> str:
    """Why what lies at ``path``, below ``folder``, is no estate by its place; empty where it may be."""
    place = folder
    for part in (path if path.is_dir() else path.parent).relative_to(folder).parts:
        if reason := _reason(place, part.lower()):
            return f"lies in `{part}`, as {reason}; declare it where it is deployed as it is"
        place /= part
    return ""


def _reason(parent: Path, name: str) -> str:
    words = set(re.split(r"[-_ ]+", name.strip("_")))
    if "{{" in name or "cookiecutter" in words:
        return "templates do that others are made of"
    if name in _OTHERS or words & _OTHERS:
        return "copies do of what others make"
    if name in _PAGES:
        return "what a page shows"
    if words & _EXAMPLES:
        return "examples do"
    if words & _TESTS or (name in _EITHER and parent.name.lower() not in _ABOVE and not _stages(parent)):
        return "what tests use"
    return ""


@cache
def _stages(parent: Path) -> bool:
    """Whether folders of one are environments, of which `test` is another one then."""
    return any(_ENVIRONMENTS.fullmatch(one.name.lower()) for one in parent.iterdir() if one.is_dir())
