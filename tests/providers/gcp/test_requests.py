"""What was sent as the declaration: the recorded requests as baselines of what the Google API returned for
them.

The URL and the body of a request are all that is read of it: its host and path tell the type, as they tell it
of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from drift.compare.verdict import Verdict
from drift.model import Resource
from providers.gcp import schema
from providers.gcp.names import full_name, scope_of
from providers.gcp.terraform_names import kind_of
from tests import shared
from tests.providers.gcp.config_connector.recorded import RECORDING, judged, restored, rows
from tests.reading import read_yaml

pytestmark = shared.needs(RECORDING)
REASONS = read_yaml(Path(__file__).with_name("requests_reasons.yaml"))
_REGION = re.compile(r"^[a-z]+-[a-z]+\d+-")
_REPLICA = re.compile(r"\.[a-z]+-[a-z]+\d+\.rep\.")
_VERSION = re.compile(r"^.*?(?:^|/)v\d+\w*/")


def baseline(request: Mapping[str, Any], body: Mapping[str, Any]) -> Resource:
    """The resource that a request asks for."""
    parts = urlsplit(request["url"].replace("${", "$%7B"))
    host = _REGION.sub("", _REPLICA.sub(".", parts.netloc.partition(":")[0]))
    path = _VERSION.sub("", parts.path.lstrip("/"), count=1).replace("$%7B", "${")
    asked = parse_qs(parts.query.replace("$%7B", "${"))
    body = restored(body)
    own = next((said[0] for key, said in asked.items() if key.endswith("Id") and key != "updateMask"), None)
    envelope = next((key for key in body if isinstance(body[key], Mapping) and f"{key}Id" in body), None)
    if envelope:  # {parent, instanceId, instance}
        own = body[f"{envelope}Id"]
    if own is None:
        own = str(body.get("name") or body.get("type") or "x").rpartition("/")[2] or "x"
    if request["method"] == "POST":
        path = f"{path}/{own}"
    found = kind_of(host, path)
    kind = _singular(path.split("/")[-2]) if found is None else found[1] if found[0] == "*" else found[0]
    name = full_name(host, path)
    return Resource("gcp", scope_of(name) or "", f"{host}/{kind}", name, dict(body))


def _singular(collection: str) -> str:
    word = schema.singular(collection)
    return word[:1].upper() + word[1:]


def pairs() -> Iterator[tuple[dict[str, Any], Verdict]]:
    """Each recorded create request with the verdict on it and the answer."""
    for row in rows():
        request = row.get("create_request")
        if request and row.get("live_after_create"):
            yield row, judged(baseline(request, request["body"]), row["live_after_create"])


def _why(case: str, path: str) -> str | None:
    return next(
        (
            str(one["label"])
            for one in REASONS
            if fnmatchcase(case, one["case"]) and any(fnmatchcase(path, form) for form in one["paths"])
        ),
        None,
    )


def test_what_was_sent_is_what_is_there() -> None:
    loud, unexplained, judged_ = 0, [], 0
    for row, verdict in pairs():
        judged_ += 1
        loud += bool(verdict.changes)
        unexplained += [
            (row["case"], one.path) for one in verdict.changes if _why(row["case"], one.path) is None
        ]
    assert unexplained == []
    assert judged_ == 200
    assert loud <= 0.08 * judged_
