"""Templates as the live side keeps them: plain JSON without secrets; and where in S3 one lies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from drift.redaction import looks_secret
from providers.aws.cloudformation.syntax import parse

MASKED = "****"
#: How the entries of a list name what they hold: variables, parameters, settings.
_NAMES = ("Name", "name", "Key", "key", "ParameterKey", "OptionName", "Variable")
_HELD = frozenset({"Value", "value", "ParameterValue"})
#: Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
_HOSTED = re.compile(
    r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]*)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
)


def place_of(url: str) -> dict[str, str] | None:
    """What S3 is asked for what lies at a URL (``Bucket``, ``Key``, ``VersionId``); None of other URLs."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path, version = unquote(parts.path).lstrip("/"), parse_qs(parts.query).get("versionId")
    if parts.scheme == "s3":
        bucket = parts.netloc
    else:
        hosted = _HOSTED.fullmatch(parts.netloc) if parts.scheme in ("http", "https") else None
        if hosted is None:
            return None
        bucket = hosted["bucket"] or ""
        if not bucket:
            bucket, _, path = path.partition("/")
    if not bucket or not path:
        return None
    return {"Bucket": bucket, "Key": path, **({"VersionId": version[0]} if version else {})}


def plain(body: Any, called: str) -> Any:
    """A template's text, or what the SDK made of JSON, as plain JSON without what looks like a secret.

    Raises:
        DeclaredError: when it is neither YAML nor JSON.
    """
    content = body.encode() if isinstance(body, str) else orjson.dumps(body)
    return masked(parse(content, called))


def masked(node: Any, name: str = "") -> Any:
    """A part of a template without what looks like a secret: ``****`` stands in its place, and in that of the
    default of a parameter with NoEcho."""
    if isinstance(node, Mapping):
        silent = str(node.get("NoEcho", "")).lower() == "true"
        told = next((node[one] for one in _NAMES if isinstance(node.get(one), str)), None)
        made = {}
        for key, value in node.items():
            called = told if told is not None and key in _HELD else str(key)
            made[str(key)] = MASKED if silent and key == "Default" else masked(value, called)
        return made
    if isinstance(node, list):
        return [masked(one, name) for one in node]
    return MASKED if isinstance(node, str) and looks_secret(name, node) else node


def rewritten(template: Any) -> bool:
    """Whether a transform, a macro or a module makes another template of this one."""
    if isinstance(template, Mapping):
        if template.get("Transform") and "Resources" in template:
            return True
        if "Fn::Transform" in template or str(template.get("Type", "")).endswith("::MODULE"):
            return True
        return any(rewritten(one) for one in template.values())
    return isinstance(template, list) and any(rewritten(one) for one in template)
