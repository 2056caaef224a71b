"""Compiles gitleaks' rules, which its maintainers keep up with what vendors' tokens look like, into
``vendors.json``.

``python -m drift.redaction.compile_vendors PATH/TO/gitleaks/config/gitleaks.toml``; source:
https://github.com/gitleaks/gitleaks (MIT license).
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import orjson

_SOURCE = "https://github.com/gitleaks/gitleaks, config/gitleaks.toml"
_LICENSE = "MIT License, Copyright (c) 2019 Zachary Rice"
TARGET = Path(__file__).with_name("vendors.json")
#: Rules that :mod:`drift.redaction.shapes` has in its own words, wider or cheaper to find; and guesses.
_OWN = frozenset(
    {
        "generic-api-key",
        "kubernetes-secret-yaml",
        "curl-auth-header",
        "curl-auth-user",
        "private-key",
        "jwt",
        "sourcegraph-access-token",
        "twilio-api-key",
        "vault-service-token",
        "authress-service-client-access-key",
        "nuget-config-password",
    }
)
#: Names of rules whose finding is public.
_PUBLIC = re.compile(r"(client-id|public-key|publishable-key)$")
#: What may stand behind a token, said so that a comma or a bracket may, too.
_END = r"""(?:[\x60'"\s;]|\\[nr]|$)"""
_LEAST_KEYWORD = 4
#: Words that stand in many a text: rules with no other cost more than they find.
_COMMON = frozenset(
    ("live_", "test_", "api-", "_pub", "linear", "intra", "pat.", "sat.", "asia", "plaid", "sonar", "square")
)
_FLAGS = re.compile(r"\(\?([a-z]*)(-[a-z]+)?\)")


def main() -> None:
    rules = tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))["rules"]
    found = []
    for rule in rules:
        words = sorted(
            word.lower()
            for word in rule.get("keywords", ())
            if len(word) >= _LEAST_KEYWORD and word not in _COMMON
        )
        if not rule.get("regex") or not words or rule["id"] in _OWN or _PUBLIC.search(rule["id"]):
            continue
        pattern = of_python(rule["regex"].replace(_END, "(?![A-Za-z0-9_])"))
        re.compile(pattern)
        found.append([words, pattern])
    told = {"source": _SOURCE, "license": _LICENSE, "rules": found}
    TARGET.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    print(f"{TARGET}: {len(found)} of {len(rules)} rules")


def of_python(pattern: str) -> str:
    """A pattern of RE2 as Python spells it: flags that begin in the middle of a group become groups.

    >>> of_python(r"a(?i)b|c\\z")
    'a(?i:b)|(?i:c\\\\Z)'
    """
    out: list[str] = []
    flags: list[list[str]] = [[]]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        inline = _FLAGS.match(pattern, at)
        if char == "\\":
            out.append("\\Z" if pattern[at + 1] == "z" else pattern[at : at + 2])
            at += 2
            continue
        if char == "[":
            end = _class_end(pattern, at)
            out.append(
                pattern[at:end].replace("[:alnum:]", "A-Za-z0-9").replace("[", "\\[").replace("\\[", "[", 1)
            )
            at = end
            continue
        if inline:
            out.append(f"(?{inline[1]}{inline[2] or ''}:")
            flags[-1].append(out[-1])
            at = inline.end()
            continue
        if char == "(":
            flags.append([])
        elif char == ")":
            out.append(")" * len(flags.pop()))
        elif char == "|":
            out.append(")" * len(flags[-1]) + "|" + "".join(flags[-1]))
            at += 1
            continue
        out.append(char)
        at += 1
    return "".join(out) + ")" * len(flags[0])


def _class_end(pattern: str, start: int) -> int:
    """Where a class of characters ends, one of ``[:alnum:]`` inside of it included."""
    at = start + 1
    while pattern[at] != "]" or at == start + 1:
        if pattern[at] == "\\":
            at += 1
        elif pattern.startswith("[:", at):
            at = pattern.index(":]", at) + 1
        at += 1
    return at + 1


if __name__ == "__main__":
    main()
