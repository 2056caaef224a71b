"""Compiles ``enum_numbers.json``: the enumerations whose numbers are not the order in which discovery
documents list their names.

Run as ``python -m providers.gcp.config_connector.compile_enums FOLDER``, where FOLDER holds the definitions
of Google's APIs (the npm package google-proto-files); at run time only the file is read.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from providers.gcp import schema

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_ENUM = re.compile(r"\benum\s+\w+\s*\{")
_VALUE = re.compile(r"^\s*([A-Za-z]\w*)\s*=\s*(-?(?:0x[0-9a-fA-F]+|\d+))\s*[\[;]", re.MULTILINE)
_HOST = re.compile(r'\(google\.api\.default_host\)\s*=\s*"([a-z0-9.-]+)')

Numbers = Mapping[str, int]
#: Stands for the host of definitions that belong to no API (``google.api.LaunchStage``).
COMMON = ""


def compile_enums(folder: Path) -> dict[str, list[list[list[Any]]]]:
    """``{host: [[names, numbers]]}`` of the enumerations that need it."""
    defined = _defined(folder)
    found: dict[str, list[list[list[Any]]]] = {}
    for host in schema.hosts():
        for names in sorted({tuple(names) for names in schema.enumerations(host)}):
            numbers = _numbers(names, defined.get(host, [])) or _numbers(names, defined[COMMON])
            if numbers and numbers != list(range(len(names))):
                found.setdefault(host, []).append([list(names), numbers])
    return found


def _numbers(names: tuple[str, ...], defined: list[Numbers]) -> list[int] | None:
    """The numbers of an enumeration's names; None where its API defines none such, or several that differ."""
    fitting = [one for one in defined if one.keys() >= set(names)]
    least = min((len(one) for one in fitting), default=0)
    said = {tuple(one[name] for name in names) for one in fitting if len(one) == least}
    return list(said.pop()) if len(said) == 1 else None


def _defined(folder: Path) -> dict[str, list[Numbers]]:
    """The enumerations by the host of the API in whose folder they are defined."""
    enums: dict[Path, list[Numbers]] = defaultdict(list)
    hosts: dict[Path, set[str]] = defaultdict(set)
    for file in sorted(folder.rglob("*.proto")):
        text = _COMMENT.sub("", file.read_text(encoding="utf-8"))
        enums[file.parent] += _enums(text)
        hosts[file.parent] |= set(_HOST.findall(text))
    found: dict[str, list[Numbers]] = defaultdict(list)
    for where, several in enums.items():
        around = hosts[where] or {host for above in where.parents for host in hosts.get(above, ())}
        for host in around or {COMMON}:
            found[host] += several
    return found


def _enums(text: str) -> Iterator[Numbers]:
    for start in _ENUM.finditer(text):
        depth, end = 1, start.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield {name: int(number, 0) for name, number in _VALUE.findall(text[start.end() : end - 1])}


def main() -> None:
    """Writes the file, the same bytes for the same definitions."""
    lines = [
        f'"{host}":{json.dumps(several, separators=(",", ":"))}'
        for host, several in sorted(compile_enums(Path(sys.argv[1])).items())
    ]
    schema.ENUM_NUMBERS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
