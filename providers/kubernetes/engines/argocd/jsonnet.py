"""Jsonnet files of an Application's folder, where the extra ``jsonnet`` is installed.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/jsonnet/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from drift import reading
from drift.errors import DeclaredError
from providers.kubernetes import declared_objects
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_yaml import documents
from providers.kubernetes.engines.argocd.said import entries, text
from providers.kubernetes.engines.argocd.words import filled
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.exceptions import texts
from providers.kubernetes.manifests import SOURCE

#: How deep one evaluation may go.
_DEEPEST = 500


class Refused(DeclaredError):
    """A file that Jsonnet can't evaluate, in its words."""


def rendered(tree: Tree, file: Path, said: Mapping[str, Any], environment: Mapping[str, str]) -> Found:
    """The objects that a file makes: one, or a list of them. Raises Refused; without the extra
    NotFollowed."""
    try:
        import _gojsonnet
    except ImportError as error:
        raise NotFollowed(
            f"{tree.shown(file)} is Jsonnet; install driftline[jsonnet] to have it evaluated"
        ) from error
    plain, code = _variables(said.get("extVars"), environment)
    top, top_code = _variables(said.get("tlas"), environment)
    libraries = [tree.place(one) for one in texts(said.get("libs"))]
    shown = tree.shown(file)

    lacking: list[str] = []

    def imported(folder: str, name: str) -> tuple[str, bytes]:
        for base in (Path(folder), *libraries, file.parent):
            try:
                found = tree.place(name, base)
            except DeclaredError:
                continue
            if found.is_file():
                return str(found), reading.content(found, tree.shown(found))
        lacking.append(f"there is no {name} in the repository")
        raise RuntimeError(lacking[-1])

    try:
        output = _gojsonnet.evaluate_snippet(
            str(file),
            reading.content(file, shown).decode("utf-8", "replace"),
            ext_vars=plain,
            ext_codes=code,
            tla_vars=top,
            tla_codes=top_code,
            max_stack=_DEEPEST,
            import_callback=imported,
        )
    except (RuntimeError, UnicodeDecodeError) as error:
        # What an import says comes back with whatever lies behind it in memory, which may be no text.
        said_of_it = lacking[-1] if lacking else str(error).replace(str(file), shown)
        told = " ".join(said_of_it.split())
        raise Refused(f"{shown}: Jsonnet can't evaluate it: {told[:1000]}") from error
    value = json.loads(output)
    found = Found()
    for one in value if isinstance(value, list) else [value]:
        for document in documents(orjson.dumps(one), is_json=True):
            found.add(declared_objects.read(document, shown, SOURCE, rendered=True))
    return found


def _variables(value: Any, environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Texts, and code, by name."""
    plain: dict[str, str] = {}
    code: dict[str, str] = {}
    for one in entries(value):
        told = filled(text(one.get("value")), environment)
        (code if one.get("code") is True else plain)[text(one.get("name"))] = told
    return plain, code
