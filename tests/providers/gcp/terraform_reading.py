"""Turns small HCL files into state-like attributes: references inside the file resolved, blocks as lists."""

from __future__ import annotations

import json
import re
from typing import Any

import hcl2

from providers.gcp.terraform import entries
from providers.gcp.terraform_names import Variables, fill

PROJECT = "my-project"
_FILL = {
    "{{.Provider.project}}": PROJECT,
    "{{.OrgID}}": "112233",
    "{{.FolderID}}": "445566",
    "{{.Project.BillingAccountName}}": "AAAAAA-BBBBBB-CCCCCC",
    "{{.Time.RFC3339Nano}}": "2026-01-01T00:00:00Z",
    "{{.Provider.version}}": "5.0",
    "{{.Ancestry}}": "organization/112233",
}
_REFERENCE = re.compile(r"\$\{(google_\w+)\.([\w-]+)\.(\w+)\}")
_META = frozenset({"lifecycle", "depends_on", "provider", "provisioner", "count", "for_each", "connection"})


def filled(text: str) -> str:
    """The recording with its placeholders filled."""
    for name, value in _FILL.items():
        text = text.replace(name, value)
    return re.sub(r"\{\{if.*?\{\{end\}\}", "", text, flags=re.S)


def blocks(text: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Address → (type, attributes) of the resources of a file."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for block in hcl2.loads(text).get("resource", []):
        for type, named in block.items():
            for name, body in named.items():
                said = {key: value for key, value in _plain(body).items() if key not in _META}
                found[f"{_bare(type)}.{_bare(name)}"] = (_bare(type), said)
    for _ in range(3):
        found = {key: (type, _resolved(said, found)) for key, (type, said) in found.items()}
    return found


def _bare(text: str) -> str:
    return text.strip('"')


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_bare(key): _plain(one) for key, one in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        text = value
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
            if "\\" in text:
                text = json.loads(f'"{text}"')
        encoded = re.fullmatch(r"\$\{jsonencode\((.*)\)\}", text, re.S)
        if encoded:
            # the attribute of a file of one line, read by the same parser
            inner = hcl2.loads(f"x = {encoded[1]}\n")["x"]
            return json.dumps(_plain(inner))
        return text
    return value


def _resolved(value: Any, known: dict[str, tuple[str, dict[str, Any]]]) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(one, known) for key, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, known) for one in value]
    if not isinstance(value, str):
        return value
    return _REFERENCE.sub(lambda found: _told(found, known), value)


def _told(found: re.Match[str], known: dict[str, tuple[str, dict[str, Any]]]) -> str:
    type, said = known.get(f"{found[1]}.{found[2]}", (found[1], {}))
    if found[3] in said and isinstance(said[found[3]], str | int):
        return str(said[found[3]])
    if found[3] == "project":
        return PROJECT
    if found[3] in ("id", "self_link") and type in entries():
        for template in entries()[type].id:
            name = fill(template, Variables(said, PROJECT))
            if name:
                return name.removeprefix("//").partition("/")[2]
    if found[3] == "email":
        return f"{said.get('account_id')}@{PROJECT}.iam.gserviceaccount.com"
    return found[0]
