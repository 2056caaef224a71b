"""What lies in a folder of manifests: files to read, and folders that belong to Kustomize or Helm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".yaml", ".yml", ".json")
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CHART = "Chart.yaml"
HEAD_BYTES = 65536

_SKIPPED = frozenset({"node_modules", "__pycache__"})
_API_VERSION = re.compile(r"""^["']?apiVersion["']?[ \t]*:""", re.M)
_KIND = re.compile(r"""^["']?kind["']?[ \t]*:""", re.M)
_JSON_KEY = re.compile(r'"(apiVersion|kind)"\s*:')
_FLOW_KEY = re.compile(r"""[{,]\s*["']?(apiVersion|kind)["']?\s*:""")
_DEEPER = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.S)


def kustomization(folder: Path) -> Path | None:
    """The file that makes a folder one of Kustomize's."""
    return next((folder / name for name in KUSTOMIZATIONS if (folder / name).is_file()), None)


def is_chart(folder: Path) -> bool:
    """Whether a folder is a Helm chart."""
    return (folder / CHART).is_file()


def belongs_to(folder: Path) -> str | None:
    """The source that reads a folder which is more than the files in it."""
    if kustomization(folder) is not None:
        return "kustomize"
    return "helm" if is_chart(folder) else None


def walk(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """The files that may hold manifests, at any depth, and (folder, source) in place of what another source reads.

    Hidden and vendored folders are left out.
    """
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if entry.is_symlink() or entry.name in _SKIPPED:
                continue
            source = belongs_to(entry)
            if source is not None:
                yield entry, source
            else:
                yield from walk(entry)
        elif entry.suffix.lower() in SUFFIXES and entry.is_file():
            yield entry, None


def looks_like_manifest(head: bytes) -> bool:
    """Whether a file that begins like this means to hold Kubernetes objects, be it broken or longer."""
    text = head.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("{"):
        return {found[1] for found in _top_level(text)} >= {"apiVersion", "kind"}
    for document in re.split(r"^---(?=[ \t\r\n])", text, flags=re.M):
        if _API_VERSION.search(document) and _KIND.search(document):
            return True
        if document.lstrip().startswith("{"):
            keys = {found[1] for found in _FLOW_KEY.finditer(document)}
            if keys >= {"apiVersion", "kind"}:
                return True
    return False


def is_manifest(file: Path) -> bool:
    """:func:`looks_like_manifest` of a file; False where it can't be read."""
    try:
        with file.open("rb") as stream:
            return looks_like_manifest(stream.read(HEAD_BYTES))
    except OSError:
        return False


def _top_level(text: str) -> Iterator[re.Match[str]]:
    """The keys of the outermost object of a JSON text that may break off."""
    depth = 0
    for token in _DEEPER.finditer(text):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        elif depth == 1:
            found = _JSON_KEY.match(text, token.start())
            if found:
                yield found
