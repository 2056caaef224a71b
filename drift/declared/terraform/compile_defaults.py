"""Compiles, at build time, what Terraform's own providers set arguments to that nobody sets, from the source
of a provider: ``python -m drift.declared.terraform.compile_defaults REPOSITORY PREFIX TARGET``.

No schema that Terraform prints has these values. Only what is written as a literal in a resource's own file
is found; the rest stays unknown.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

_MEMBER = re.compile(r'^(\t*)"([a-z0-9_]+)":\s')
_CLOSED = re.compile(r"^(\t*)[})]")
_DEFAULT = re.compile(r"^(\t*)Default:\s+(?P<said>true|false|-?\d+|\"(?:[^\"\\]|\\.)*\"),\s*$")
_FUNCTION = re.compile(r"^func (?P<name>[Rr]esource\w+)\(\)", re.M)
_TYPED = re.compile(r'(?:ResourceType\(\) string \{\s*return |Name:\s+)"(?P<type>[a-z0-9_]+)"', re.M)
#: Arguments that a coming major version treats otherwise: their default is not one.
_CHANGING = re.compile(r"features\.\w+PointOh\w*\(\)")
_NAMED = re.compile(r'\["([a-z0-9_]+)"\]')


def main(arguments: list[str]) -> int:
    repository, prefix, target = arguments
    files = dict(_files(repository))
    types = {
        found[2]: found[1]
        for text in files.values()
        for found in re.finditer(rf'"({prefix}_[a-z0-9_]+)":\s+(?:\w+\.)?([Rr]esource\w+)\(\)', text)
    }
    made: dict[str, dict[str, Any]] = {}
    for name, text in files.items():
        if not name.endswith("_resource.go") and not Path(name).name.startswith("resource_"):
            continue
        functions = [types[one] for one in _FUNCTION.findall(text) if one in types]
        typed = [one for one in _TYPED.findall(text) if one.startswith(f"{prefix}_")]
        for type_ in (functions or typed)[:1]:
            other = set(_NAMED.findall(text)) if _CHANGING.search(text) else set()
            found = {key: one for key, one in _defaults(text) if not other & set(key.split("."))}
            if found:
                made[type_] = found
    commit = _git(repository, "rev-parse", "HEAD").strip()
    content = {"source": f"{prefix} at {commit}", "types": {name: made[name] for name in sorted(made)}}
    packed = gzip.compress(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), 9, mtime=0)
    Path(target).write_bytes(packed)
    return 0


def _defaults(text: str) -> Iterator[tuple[str, Any]]:
    """``block.name`` → value, by the indentation that gofmt gives."""
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        member = _MEMBER.match(line)
        if member:
            depth = len(member[1])
            stack = [one for one in stack if one[0] < depth]
            stack.append((depth, member[2]))
            continue
        closing = _CLOSED.match(line)
        if closing:
            stack = [one for one in stack if one[0] < len(closing[1])]
            continue
        found = _DEFAULT.match(line)
        if found:
            names = [name for depth, name in stack if depth < len(found[1])]
            if names:
                yield ".".join(names), orjson.loads(found["said"])


def _files(repository: str) -> Iterator[tuple[str, str]]:
    """The Go files of services and registrations, but for tests, read by one process."""
    listed = _git(repository, "ls-tree", "-r", "--name-only", "HEAD").splitlines()
    wanted = [
        one for one in listed if one.endswith(".go") and not one.endswith("_test.go") and "vendor/" not in one
    ]
    with subprocess.Popen(
        ["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name in wanted:
            process.stdin.write(f"HEAD:{name}\n".encode())
            process.stdin.flush()
            head = process.stdout.readline().split()
            if len(head) == 3:
                yield name, process.stdout.read(int(head[2]) + 1).decode("utf-8", "replace")
        process.stdin.close()


def _git(repository: str, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
