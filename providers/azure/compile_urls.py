"""Finds in the text of Microsoft's Python packages what their methods ask for: method, URL and resource
types.

Operations come in two forms: those that call a function which builds the request, and those that have the URL
in their ``metadata``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_RECORDS = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def urls_in_metadata(group: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """(method, URL) of what stands in the methods' ``metadata``."""
    for one in group.body:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Attribute):
            target = one.targets[0]
            if target.attr == "metadata" and isinstance(one.value, ast.Dict) and len(one.value.values) == 1:
                value = one.value.values[0]
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield last_name(target.value), value.value


def client_call(method: ast.FunctionDef, url: str) -> tuple[str, str] | None:
    """(method, URL) of a method that asks the client itself (``self._client.get(url, …)``)."""
    for one in ast.walk(method):
        if not isinstance(one, ast.Call) or not isinstance(one.func, ast.Attribute):
            continue
        if one.func.attr in ("get", "put", "patch") and last_name(one.func.value) == "_client":
            return one.func.attr.upper(), url
    return None


def request_built(function: ast.FunctionDef) -> tuple[str, str] | None:
    """(method, URL) of a function that builds a request."""
    url = method = None
    for one in ast.walk(function):
        if isinstance(one, (ast.Assign, ast.AnnAssign)):
            target = one.targets[0] if isinstance(one, ast.Assign) else one.target
            if isinstance(target, ast.Name) and target.id in ("_url", "url") and url is None:
                texts = [
                    c.value
                    for c in ast.walk(one.value or target)
                    if isinstance(c, ast.Constant) and isinstance(c.value, str) and "/" in c.value
                ]
                url = texts[0] if texts else None
        if isinstance(one, ast.Call) and last_name(one.func) == "HttpRequest":
            said = {word.arg: word.value for word in one.keywords}
            value = said.get("method")
            method = value.value if isinstance(value, ast.Constant) else None
    return (str(method), url) if method and url else None


def types_of(url: str) -> Iterator[str]:
    """The resource types that a URL is of; none where it is a collection or an action."""
    if re.fullmatch(r"/subscriptions/\{\w+\}/resourcegroups/\{\w+\}", url, re.I):
        yield "Microsoft.Resources/resourceGroups"
        return
    before, found, path = url.rpartition("/providers/")
    space, *rest = path.split("/")
    if not found or "{" in space or len(rest) < 2 or len(rest) % 2:
        return
    kinds = rest[0::2]
    if "{recordType}" in kinds:
        for record in _RECORDS:
            yield "/".join([space, *(record if kind == "{recordType}" else kind for kind in kinds)])
    elif not any("{" in kind for kind in kinds):
        yield "/".join([space, *kinds])
