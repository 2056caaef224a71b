"""Functions that write and read other forms: YAML, JSON, base64, digests, URLs, versions.

Source: masterminds.github.io/sprig; argo-cd, applicationset/utils/template_functions.go.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote_plus, urlsplit

import yaml

from drift.safe_yaml import YamlError, load
from providers.kubernetes.engines.gotemplate.functions import function
from providers.kubernetes.engines.gotemplate.values import TemplateError

function("b64enc", "s")(lambda text: base64.b64encode(text.encode()).decode())
function("b64dec", "s")(lambda text: base64.b64decode(text, validate=True).decode())
function("sha1sum", "s")(lambda text: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
function("sha256sum", "s")(lambda text: hashlib.sha256(text.encode()).hexdigest())
function("sha512sum", "s")(lambda text: hashlib.sha512(text.encode()).hexdigest())
function("toYaml", "a")(lambda value: _yaml(value))
function("fromYaml", "s")(lambda text: _read(text, dict, "map"))
function("fromYamlArray", "s")(lambda text: _read(text, list, "list"))
function("toRawJson", "a")(lambda value: _json(value))
function("toPrettyJson", "a")(lambda value: _escaped(json.dumps(_plain(value), indent=2, sort_keys=True)))
function("toJson", "a")(lambda value: _escaped(_json(value)))
function("urlquery", "s")(quote_plus)


@function("fail", "s")
def _fail(text: str) -> str:
    raise TemplateError(text)


@function("fromJson", "s")
def _from_json(text: str) -> Any:
    try:
        return json.loads(text, parse_int=float)
    except ValueError:
        return None


@function("urlParse", "s")
def _url_parse(text: str) -> dict[str, str]:
    parts = urlsplit(text)
    user, _, host = parts.netloc.rpartition("@")
    return {
        "scheme": parts.scheme, "host": host, "hostname": parts.hostname or "", "path": parts.path,
        "query": parts.query, "opaque": "", "fragment": parts.fragment, "userinfo": user,
    }  # fmt: skip


def _read(text: str, kind: type, called: str) -> Any:
    try:
        found = load(text)
    except YamlError as error:
        raise TemplateError(f"no valid YAML: {error}") from error
    if found is None:
        return kind()
    if not isinstance(found, kind):
        raise TemplateError(f"the YAML is no {called}")
    return floats(found)


def floats(value: Any) -> Any:
    """A value with numbers as Go's YAML and JSON readers make them."""
    if isinstance(value, dict):
        return {str(key): floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [floats(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    """A value with whole numbers written as such."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _escaped(text: str) -> str:
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _yaml(value: Any) -> str:
    return (
        yaml.safe_dump(_plain(value), default_flow_style=False, allow_unicode=True)
        .removesuffix("\n...\n")
        .rstrip("\n")
    )
