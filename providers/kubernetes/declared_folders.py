"""What lies in a folder of manifests: files to read, and folders that belong to Kustomize or Helm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from drift.listing import leads_out

SUFFIXES = (".yaml", ".yml", ".json")
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
CHART = "Chart.yaml"
HEAD_BYTES = 65536

_SKIPPED = frozenset({"node_modules", "__pycache__"})
_API_VERSION = re.compile(r"""^["']?apiVersion["']?[ \t]*:""", re.M)
_KIND = re.compile(r"""^["']?kind["']?[ \t]*:""", re.M)
_FLOW_KEY = re.compile(r"""["']?(apiVersion|kind)["']?\s*:""")
_FLOW_TOKEN = re.compile(r"""\"(?:[^"\\]|\\.)*"|'[^']*'|[{}\[\]]|\w+""", re.S)


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
    """The files that may hold manifests, at any depth, and (folder, source) in place of what another source
    reads.

    Hidden and vendored folders are left out, and so are links out of the repository.
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
        elif entry.suffix.lower() in SUFFIXES and entry.is_file() and not leads_out(entry):
            yield entry, None


def looks_like_manifest(head: bytes) -> bool:
    """Whether a file that begins like this means to hold Kubernetes objects, be it broken or longer."""
    text = head.decode("utf-8-sig", "replace")
    for document in re.split(r"^---(?=[ \t\r\n])", text, flags=re.M):
        if document.lstrip().startswith("{"):
            if set(_flow_keys(document)) >= {"apiVersion", "kind"}:
                return True
        elif _API_VERSION.search(document) and _KIND.search(document):
            return True
    return False


def is_manifest(file: Path) -> bool:
    """:func:`looks_like_manifest` of a file; False where it can't be read."""
    try:
        with file.open("rb") as stream:
            return looks_like_manifest(stream.read(HEAD_BYTES))
    except OSError:
        return False


def _flow_keys(text: str) -> Iterator[str]:
    """Those of the two keys that the outermost mapping of a JSON or flow text has; the text may break off."""
    depth = 0
    for token in _FLOW_TOKEN.finditer(text):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        elif depth == 1:
            found = _FLOW_KEY.match(text, token.start())
            if found:
                yield found[1]
