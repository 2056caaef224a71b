"""Compiles ``schemas.json``, the index of the kinds that Kubernetes itself serves, from its published
OpenAPI.

Build time only; run by ``make facts``: ``python -m providers.kubernetes.compile_schemas``. The source is the
package ``kubernetes-validate``, which carries the definitions of each release.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from providers.kubernetes.openapi import compact

TARGET = Path(__file__).with_name("schemas.json")


def compile_index() -> dict[str, Any]:
    """The newest release's definitions, and of older ones those that it no longer has."""
    root = Path(str(files("kubernetes_validate"))) / "kubernetes-json-schema"
    releases = sorted(
        (path for path in root.iterdir() if re.fullmatch(r"v1\.\d+\.\d+-local", path.name)),
        key=lambda path: int(path.name.split(".")[1]),
        reverse=True,
    )
    types: dict[str, str] = {}
    defs: dict[str, Any] = {}
    for release in releases:
        found = compact(json.loads((release / "_definitions.json").read_bytes()))
        for type_, name in found["types"].items():
            types.setdefault(type_, name)
        for name, node in found["defs"].items():
            defs.setdefault(name, node)
    return {
        "source": (
            f"kubernetes-validate {version('kubernetes-validate')}: {releases[0].name.removesuffix('-local')}"
        ),
        "types": dict(sorted(types.items())),
        "defs": dict(sorted(defs.items())),
    }


def main() -> None:
    TARGET.write_text(
        json.dumps(compile_index(), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
