"""The places in the program at which something is asked of others, as the code itself tells them; and those
through which requests went while calls were tried."""

from __future__ import annotations

import ast
import contextlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
#: Part of the program → the expressions (of what is called there) by which it asks. AWS' calls have a gate of
#: their own, by type facts and permissions (tests/providers/aws/test_permissions_recorded.py).
ASKS: Mapping[str, str] = {
    "providers/azure": r".*\bsession\.(get|pages|secrets)|.*\bgraph\.resources"
    r"|.*\.resources\(.*\)\.\w+\.\w+|session\(.*\)\.get|container\.\w+",
    "providers/gcp": r".*\bsession\.(get|post|call|pages|get_pages|read_pages|allowed|clock)"
    r"|Session\(.*\)\.\w+|get|listed|storage\.listed",
    "providers/kubernetes": r".*\bcluster\.(get|answer|named|pages|review)|.*\bhttp\.request|self\._asked",
    "providers/vault": r"client\.(adapter|auth|sys)\..*",
    "forges": r".*\b_?api\.(get|send|found|pages|ask)|self\._patch",
    "channels": r"(http\.)?post|manager\.request|one\.notify",
    "drift/objects.py": r"self\._asked",
    "drift/declared/terraform/backends": r"manager\.request|client\.\w+\.\w+|_rows",
}
#: Parts of these, and what is no part of a run.
_NOT = re.compile(r"/(loopback|demo|compile_)|/loopback")


@dataclass(frozen=True, slots=True)
class Site:
    """A statement that asks; ``name`` says where it is and what it asks."""

    name: str
    file: str
    lines: range


@cache
def sites() -> tuple[Site, ...]:
    """All places at which the program asks."""
    found: list[Site] = []
    for part, expression in ASKS.items():
        place = ROOT / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            name = file.relative_to(ROOT).as_posix()
            if not _NOT.search(name):
                found += _in(name, ast.parse(file.read_text(encoding="utf-8")), re.compile(expression))
    return tuple(found)


def _in(file: str, tree: ast.Module, expression: re.Pattern[str]) -> Iterator[Site]:
    def walk(node: ast.AST, function: str, lines: range) -> Iterator[Site]:
        for one in ast.iter_child_nodes(node):
            within, there = function, lines
            if isinstance(one, ast.FunctionDef | ast.ClassDef):
                within = f"{function}.{one.name}" if function else one.name
            if isinstance(one, ast.stmt):
                there = _lines(one)
            if isinstance(one, ast.Call) and expression.fullmatch(ast.unparse(one.func)):
                yield Site(f"{file}: {within}: {ast.unparse(one)[:100]}", file, there)
            yield from walk(one, within, there)

    return walk(tree, "", range(0))


def _lines(statement: ast.stmt) -> range:
    """Of a statement, without those in its block."""
    body = getattr(statement, "body", None)
    end = body[0].lineno if body else (statement.end_lineno or statement.lineno) + 1
    return range(statement.lineno, max(end, statement.lineno + 1))


@contextlib.contextmanager
def recording() -> Iterator[set[str]]:
    """The names of the places through which requests go, for as long."""
    import apprise
    import httpx
    import pytest
    import urllib3
    from pytfe.resources.workspaces import Workspaces

    from drift.objects import Store
    from providers.azure.session import Session as Azure
    from providers.gcp.session import Session as Google

    seen: set[tuple[str, int]] = set()
    reached: set[str] = set()

    def noted(real: Any) -> Any:
        def asks(*said: Any, **more: Any) -> Any:
            frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - who asks is what is looked for
            while frame is not None:
                seen.add((frame.f_code.co_filename, frame.f_lineno))
                frame = frame.f_back
            return real(*said, **more)

        return asks

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
            (httpx.Client, "send"),
            (Store, "_asked"),
            # who ask elsewhere than where it is wanted: on threads of their own, page by page
            (apprise.Apprise, "notify"),
            (Workspaces, "list"),
            (Azure, "pages"),
            (Google, "pages"),
            (Google, "get_pages"),
            (Google, "read_pages"),
        ):
            patch.setattr(owner, name, noted(getattr(owner, name)))
        yield reached
    lines: dict[str, set[int]] = {}
    for file, line in seen:
        lines.setdefault(file, set()).add(line)
    for site in sites():
        if not lines.get(str(ROOT / site.file), set()).isdisjoint(site.lines):
            reached.add(site.name)
