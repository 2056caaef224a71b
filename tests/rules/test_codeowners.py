"""CODEOWNERS as GitHub and GitLab document it."""

from __future__ import annotations

import pytest

from drift.rules.codeowners import owners_of, sections

GITHUB = """\
# who answers
*            @acme/all
/infra/      @acme/platform   # both
*.tf         @tess ops@example.org
/infra/free/
docs/*       @writer
"""
GITLAB = """\
* @default
[Docs] @doc-team
docs/
README.md @ann
^[Database][2] @dba @dbb
model/db/
docs/db.md @dbc
"""


@pytest.mark.parametrize(
    ("text", "path", "owners"),
    [
        (GITHUB, "a.yaml", ["@acme/all"]),
        (GITHUB, "infra/a.yaml", ["@acme/platform"]),
        (GITHUB, "x/infra/a.yaml", ["@acme/all"]),
        (GITHUB, "infra/a.tf", ["@tess", "ops@example.org"]),
        (GITHUB, "infra/free/a.yaml", []),
        (GITHUB, "docs/a", ["@writer"]),
        (GITHUB, "docs/a/b", ["@acme/all"]),
        (GITLAB, "a", ["@default"]),
        (GITLAB, "docs/a.md", ["@default", "@doc-team"]),
        (GITLAB, "README.md", ["@default", "@ann"]),
        (GITLAB, "model/db/a", ["@default", "@dba", "@dbb"]),
        (GITLAB, "docs/db.md", ["@default", "@doc-team", "@dbc"]),
        ("", "a", []),
        ("* @a\n[a-z @x\n", "a", ["@a"]),
        ("a\\ b @c", "a b", ["@c"]),
    ],
)
def test_the_owners_of_a_path(text: str, path: str, owners: list[str]) -> None:
    assert owners_of(path, list(sections(text))) == owners


def test_many_stars_take_no_time_without_end() -> None:
    rules = list(sections("*a" * 30 + "*b @x\n*a*a*c*.tf @y\n/x/*-*-?.md @z"))
    assert owners_of("a" * 120 + "/" + "a" * 120, rules) == []
    assert owners_of("q/baabacab.tf", rules) == ["@y"]
    assert owners_of("x/a-b-c-d.md", rules) == ["@z"]
    assert owners_of("q/" + "ca" * 31 + "b", rules) == ["@x"]
