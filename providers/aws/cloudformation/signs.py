"""How a file is told to be a template, and a folder a cloud assembly, without reading either whole."""

from __future__ import annotations

import re
from pathlib import Path

from drift.listing import beginning

SUFFIXES = (".yaml", ".yml", ".json", ".template")
MANIFEST = "manifest.json"

_TYPE = re.compile(r"[A-Za-z0-9]+(::[A-Za-z0-9_@-]+)+")
_YAML_VERSION = re.compile(r"""^["']?AWSTemplateFormatVersion["']?[ \t]*:""", re.M)
_YAML_RESOURCES = re.compile(r"""^["']?Resources["']?[ \t]*:""", re.M)
_YAML_TYPE = re.compile(
    r"""(?:^[ \t]+|[{,][ \t]*)["']?Type["']?[ \t]*:[ \t]*"""
    r"""["']?(AWS|Alexa|Custom|[A-Za-z0-9]+::[A-Za-z0-9]+)::""",
    re.M,
)
#: What Rain makes a template of alone.
_YAML_MODULES = re.compile(
    r"""^Modules[ \t]*:[ \t]*\r?\n(?:[ \t#].*\n|\r?\n){0,20}?[ \t]+Source[ \t]*:[ \t]*["']?"""
    r"""[^\s"']+\.(?:ya?ml|json|template)\b""",
    re.M,
)
_JSON_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([{}\[\]])', re.S)


def is_assembly(folder: Path) -> bool:
    """Whether a folder is a cloud assembly."""
    head = beginning(folder / MANIFEST)
    return b'"artifacts"' in head and (b'"version"' in head or b"aws:cloudformation:stack" in head)


def assembly_in(folder: Path) -> Path | None:
    """The cloud assembly that a folder is, or that an app of the CDK holds."""
    places = (folder, folder / "cdk.out")
    return next((one for one in places if is_assembly(one)), None)


def is_template(file: Path) -> bool:
    """Whether a file means to be a template."""
    return looks_like_template(beginning(file))


def looks_like_template(head: bytes) -> bool:
    """Whether a file that begins like this means to be a template, be it broken or longer than ``head``."""
    text = head.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("{"):
        return _json_looks_like_template(text)
    if _YAML_VERSION.search(text) or _YAML_MODULES.search(text):
        return True
    found = _YAML_RESOURCES.search(text)
    return bool(found and _YAML_TYPE.search(text, found.end()))


def _json_looks_like_template(text: str) -> bool:
    """Scans the tokens, because an embedded template deeper down does not count."""
    path: list[str] = []
    key = ""
    version = False
    for token in _JSON_TOKEN.finditer(text):
        bracket = token[2]
        if bracket in ("{", "["):
            path.append(key)
        elif bracket:
            if path:
                path.pop()
        elif text[token.end() : token.end() + 40].lstrip().startswith(":"):
            key = token[1]
            version = version or (len(path) == 1 and key == "AWSTemplateFormatVersion")
        elif key == "Type" and len(path) == 3 and path[1] == "Resources" and _TYPE.fullmatch(token[1]):
            return True
    return version
