"""Links to Google Cloud resources: self links, full resource names, relative names and bare names of one
thing."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import STRING
from providers.gcp.spelling import split

_URL = re.compile(r"https?://[a-z0-9-]+\.googleapis\.com/")
#: What no other text looks like: a path from the project down, or an address of Google's APIs with a path of
#: a project.
_EVIDENT = re.compile(
    r"(?:(?:https?:)?//[a-z0-9-]+\.googleapis\.com/(?:[a-z]+/)?(?:[a-z0-9]+/)?)?"
    r"(?:projects|folders|organizations|billingAccounts)/[a-z0-9_.:${}-]+(?:/[^\s/]+)*",
    re.I,
)

_ADDRESS = ".gserviceaccount.com"
_ACCOUNT = re.compile(
    r"(?:(?://iam/)?projects/(?P<project>[^/]+)/serviceAccounts/)?"
    r"(?P<name>[a-z0-9][a-z0-9-]*)(?P<domain>@[a-z0-9.-]+\.gserviceaccount\.com)?",
    re.I,
)
_TOPS = frozenset({"projects", "folders", "organizations", "billingAccounts"})


def _self_link(value: Any, context: Context, *, of: str = "") -> Canonical:
    """A link without scheme, host and version, its slashes collapsed, its project by id where the number is
    known.

    The service stays where the link says it (``//compute/…``): one path can mean things of two services. A
    project's number is its id only for the project that the snapshot's context (``projects``: number → id)
    says it is. ``of`` names the one service whose things the field leads to.

    >>> _self_link("https://www.googleapis.com/compute/v1/projects/p//global/networks/n", Context())
    '//compute/projects/p/global/networks/n'
    """
    if not isinstance(value, str) or "/" not in value or (value[0] == "/" and value[:2] != "//"):
        return value
    service, parts = split(value)
    if "://" in value and not _URL.match(value):
        return value
    known = context.data.get("projects")
    if len(parts) > 1 and parts[0] == "projects" and isinstance(known, dict):
        parts[1] = str(known.get(parts[1], parts[1]))
    path = "/".join(parts)
    return f"//{service}/{path}" if service and service != of else path


def _admits(declared: Any, live: Any, context: Context, *, of: str = "") -> bool:
    """Whether a shorter declared link means the live one: what it says agrees, and what it leaves unsaid is
    its own project.

    A link moved under another project, region or collection is another link: only the project may be left
    unsaid, and then only for the resource's own; of a bare name, the collection too. An answer that leaves
    its own project unsaid is such a link, and one that comes back as a bare name is of that project. A key
    means whichever of its versions is in use; ``projects/*`` and ``projects/-`` whichever project it is in.
    """
    if not isinstance(declared, str) or not isinstance(live, str) or not declared:
        return False
    if any("://" in text or (text[:1] == "/" and text[:2] != "//") for text in (declared, live)):
        return False
    if _account(declared, context) == _account(live, context) is not None:
        return True
    (want_service, want), (have_service, have) = split(declared), split(live)
    if want_service and have_service and want_service != have_service:
        return False
    if want[:1] == ["projects"] and want[1:2] in (["*"], ["-"]):
        want = ["projects", context.scope, *want[2:]]
    if want == have or _own_project(want, have, context):
        return True
    if len(have) == 1 < len(want) and want[-1:] == have:
        return want[:2] == ["projects", context.scope]
    if want[-2:-1] == ["cryptoKeys"] and have[-2:-1] == ["cryptoKeyVersions"]:
        return have[:-2] == want  # the version that the service chose
    if 1 < len(have) == len(want) - 2 and want[-len(have) :] == have:
        return want[:2] == ["projects", context.scope]
    if not want or len(want) >= len(have) or have[-len(want) :] != want:
        return False
    unsaid = have[: -len(want)]
    place = "/".join(unsaid[:2])
    own = unsaid[0] not in _TOPS or place in (context.scope, f"projects/{context.scope}", _apigee(context))
    if len(want) == 1:
        return own
    return own and len(unsaid) == 2 and unsaid[0] in _TOPS


def _own_project(want: list[str], have: list[str], context: Context) -> bool:
    """Whether one side says the resource's own project by its id and the other by its number, alone or as
    ``projects/…``."""
    known = context.data.get("projects")
    if (
        not isinstance(known, dict)
        or want[:-1] not in ([], ["projects"])
        or have[:-1] not in ([], ["projects"])
    ):
        return False
    names = {str(known.get(parts[-1], parts[-1])) for parts in (want, have) if parts}
    return names == {context.scope}


def _account(text: str, context: Context) -> str | None:
    """The address of the service account that a text names by its address, by a path of whatever project (an
    address says its own), or by its name alone, which is one of the resource's own project; None where it is
    no such text.

    Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/get (``name``).
    """
    found = _ACCOUNT.fullmatch(text)
    if found is None:
        return None
    if found["domain"]:
        return f"{found['name']}{found['domain']}".lower()
    home = ".".join(reversed(context.scope.split(":")))
    project = found["project"] or home
    return f"{found['name']}@{project}.iam.gserviceaccount.com" if project in (home, "-") else None


def _apigee(context: Context) -> str:
    """Apigee's organization of a project, which is called like it."""
    return f"organizations/{context.scope}"


def _text(value: Any, context: Context) -> Canonical:
    """Text that may be a link: one that evidently is comes without its host, with its project by id; any
    other as it is."""
    if isinstance(value, str) and _EVIDENT.fullmatch(value):
        return _self_link(value, context)
    return STRING.canonical(value, context)


def _admits_text(declared: Any, live: Any, context: Context) -> bool:
    """Whether one of a declared and a live text evidently is a link, and the other one says the same with
    fewer words."""
    if not isinstance(declared, str) or not isinstance(live, str):
        return False
    if _own_project(declared.split("/"), live.split("/"), context):
        return True
    if _ADDRESS in declared or _ADDRESS in live:
        return _admits(declared, live, context)
    links = [text for text in (declared, live) if text.startswith("//") or _EVIDENT.fullmatch(text)]
    return bool(links) and _admits(declared, live, context)


def _anything(value: Any, context: Context) -> Canonical:
    """A value of which nothing is known but what it looks like: links as in text, all else as it is."""
    return _text(value, context) if isinstance(value, str) else value


SELF_LINK = Kind("self-link", _self_link, admits=_admits)
TEXT = Kind("text", _text, admits=_admits_text, free=True)
ANYTHING = Kind("anything", _anything, admits=_admits_text, free=True)
