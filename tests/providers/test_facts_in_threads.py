"""Type facts share nodes with each other: asked for by many threads at once, they are the same as asked for
one by one."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import hashlib, sys
from concurrent.futures import ThreadPoolExecutor
from providers.{cloud}.facts import facts_of, known_types

types = list(known_types())[::{step}]

def told(root):
    seen, tables, todo = set(), {{}}, [("", root)]  # thousands of nodes share a table of children
    while todo:
        at, node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        table = tables.get(id(node.children))
        if table is None:
            table = tables[id(node.children)] = len(tables)
            names = sorted(node.children)
            yield f"{{table}}: {{names}}"
            todo += [(f"{{at}}/{{name}}", node.children[name]) for name in names]
        kind = node.kind and node.kind.name
        yield f"{{at}} {{kind}} {{node.read_only}} {{node.write_only}} {{node.secret}} {{table}}"
        if node.any is not None:
            todo.append((f"{{at}}/*", node.any))

sys.setswitchinterval(1e-6)
if sys.argv[1] == "threads":
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(facts_of, types * 2))
digest = hashlib.sha256()
for type_ in types:
    for line in told(facts_of(type_).root):
        digest.update(line.encode())
print(digest.hexdigest())
"""


@pytest.mark.parametrize(("cloud", "step"), [("azure", 20), ("gcp", 12)])
def test_facts_do_not_depend_on_who_asks_when(cloud: str, step: int) -> None:
    script = SCRIPT.format(cloud=cloud, step=step)
    found = {
        subprocess.run(
            [sys.executable, "-c", script, how], capture_output=True, text=True, check=True, timeout=300
        ).stdout
        for how in ("alone", "threads", "threads")
    }
    assert len(found) == 1
