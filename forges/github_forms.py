"""What GitHub's answers are as pull requests and issues, and where its API is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from drift.forge import Issue, PullRequest


def root(site: str) -> str:
    """The API of a GitHub by the address of its pages or of its API. Source: "Getting started with the REST
    API", of github.com, Enterprise Cloud with data residency, and Enterprise Server."""
    parts = urlsplit(site)
    host = parts.hostname or ""
    if host in ("github.com", "api.github.com"):
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://api.{host.removeprefix('api.')}"
    base = site.rstrip("/").removesuffix("/api/v3")
    return f"{base}/api/v3"


def labels(one: Mapping[str, Any]) -> set[str]:
    return {
        (label["name"] if isinstance(label, Mapping) else label).lower() for label in one.get("labels") or ()
    }


def pull(one: Mapping[str, Any]) -> PullRequest:
    merged = one.get("merged_at") is not None or one.get("merged") is True
    return PullRequest(
        id=str(one["number"]),
        url=one["html_url"],
        branch=one["head"]["ref"],
        base=one["base"]["ref"],
        title=one["title"],
        body=one.get("body") or "",
        state="merged" if merged else ("open" if one["state"] == "open" else "closed"),
        draft=bool(one.get("draft")),
        head=one["head"].get("sha"),
    )


def issue(one: Mapping[str, Any]) -> Issue:
    return Issue(
        id=str(one["number"]),
        url=one["html_url"],
        title=one["title"],
        body=one.get("body") or "",
        state="open" if one["state"] == "open" else "closed",
    )
