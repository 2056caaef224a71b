"""What to do about a finding: the sentence, and the exact commands where the report knows enough for them.

Commands are made to be pasted into a shell, from names that anybody may have chosen: every word is quoted,
and one that could be mistaken for an option is not offered.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from pathlib import PurePosixPath
from typing import Any

from drift.visible import visible

_ADVICE = {
    "changed": "Apply the declaration again, or declare the live value if it is the right one.",
    "missing": "Apply the declaration again, or remove it from Git if the resource is no longer wanted.",
    "unmanaged": "Declare and import it, delete it, or accept it with a rule.",
    "pending": "Nothing yet: the declaration is young. It becomes drift when the grace period ends.",
}
AGAIN = "Apply the declaration again"
EXPLAIN = "Why it counts as drift"
RULE = "Or accept it: an entry for ignore in drift.yaml, with your reason"
_GROUP = re.compile(r"/resourcegroups/([^/]+)/", re.IGNORECASE)
_OPTIONS = ("-chdir=", "-target=", "--run", "--subscription", "--resource-group", "--template-file")
#: A word that no shell reads otherwise and that is no option but ours: nearly every one.
_PLAIN_WORD = re.compile(
    rf"-[fk]|(?:{'|'.join(_OPTIONS)}|[a-zA-Z0-9_@%+=:,./])[a-zA-Z0-9_@%+=:,./-]*"
).fullmatch
_GLOB = re.compile(r"([*?\[])")


@dataclass(frozen=True)
class Step:
    """Something to paste, and what it does."""

    label: str
    text: str


def advice(finding: Mapping[str, Any]) -> str:
    """One sentence; empty where the kind is not known."""
    return _ADVICE["pending"] if finding.get("status") == "pending" else _ADVICE.get(str(finding["kind"]), "")


def steps(finding: Mapping[str, Any], run: Mapping[str, Any]) -> list[Step]:
    """What can be pasted, what mends it first."""
    said = zip((AGAIN, EXPLAIN, RULE), commands(finding, run), strict=True)
    return [Step(label, text) for label, text in said if text]


def commands(finding: Mapping[str, Any], run: Mapping[str, Any]) -> tuple[str, str, str]:
    """What applies the declaration again, why it counts as drift, and the rule that accepts it; empty where
    there is no such text."""
    if finding.get("status") == "pending":
        return "", "", ""
    again = _again(finding, run) if finding.get("kind") != "unmanaged" else None
    return again or "", explain(finding, run) or "", _rule(finding) or ""


def explain(finding: Mapping[str, Any], run: Mapping[str, Any]) -> str | None:
    """The command that says why it is one; None where the report does not name it."""
    words = ["drift", "explain", str(finding.get("id") or "")]
    if run.get("id"):
        words += ["--run", str(run["id"])]
    return _command(*words)


def _again(finding: Mapping[str, Any], run: Mapping[str, Any]) -> str | None:
    """How its declaration is applied; None where the report does not hold all that the command needs."""
    declared = finding.get("declared_at") or {}
    source, file, address = (str(declared.get(key) or "") for key in ("source", "file", "address"))
    if source in ("terraform-state", "terraform"):
        # A file of a module says nothing of the folder in which Terraform is run.
        folder = _folder(file)
        root = file.endswith(".tf") and not address.startswith("module.") and folder != "."
        where = [f"-chdir={folder}"] if root else []
        return _command("terraform", *where, "apply", f"-target={address}") if address else None
    if source in ("manifests", "config-connector"):
        return _command("kubectl", "apply", "-f", file) if file else None
    if source == "kustomize":
        folders = {
            str(one.get("location"))
            for one in run.get("declared") or []
            if one.get("source") == source and one.get("location")
        }
        return _command("kubectl", "apply", "-k", *folders) if len(folders) == 1 else None
    group = _GROUP.search(str(finding.get("resource_id") or ""))
    if source in ("arm", "bicep") and group and file:
        scope, name = str(finding.get("scope") or ""), group[1]
        words = ("--subscription", scope, "--resource-group", name, "--template-file", file)
        return _command("az", "deployment", "group", "create", *words)
    return None


@lru_cache(4096)
def _folder(file: str) -> str:
    return str(PurePosixPath(file).parent)


def _command(*words: str) -> str | None:
    """The words for a shell; None where one is empty, has a line break or could be taken for an option."""
    return " ".join(words) if all(map(_PLAIN_WORD, words)) else _quoted(words)


def _quoted(words: Sequence[str]) -> str | None:
    said = [visible(word) for word in words]
    given = zip(words, said, strict=True)
    if any(not word or word != shown or "\n" in word or "\t" in word for word, shown in given):
        return None
    if any(
        word.startswith("-") and word not in ("-f", "-k") and not word.startswith(_OPTIONS) for word in said
    ):
        return None
    return " ".join(shlex.quote(word) for word in said)


def _rule(finding: Mapping[str, Any]) -> str | None:
    """An entry for ``ignore:`` that fits this finding and nothing else."""
    declared = finding.get("declared_at") or {}
    by = {"id": finding.get("resource_id")}
    if finding.get("kind") == "missing" and declared.get("address"):
        by = {"address": declared["address"]}
    paths = [str(change.get("path")) for change in finding.get("changes") or [] if change.get("path")]
    said = [str(finding.get("type")), *map(str, by.values()), *paths]
    if (
        not all(said)
        or len(paths) > 8
        or visible(whole := "".join(said)) != whole
        or any("*" in path for path in paths)
    ):
        return None
    entry = {"type": str(finding.get("type")), **{name: str(value) for name, value in by.items()}}
    said = [
        f"{encode_basestring(name)}: {encode_basestring(_literal(value))}" for name, value in entry.items()
    ]
    if finding.get("kind") == "changed":
        if not paths:
            return None
        listed = ", ".join(map(encode_basestring, paths))
        said.append(f'"path": {listed if len(paths) == 1 else f"[{listed}]"}')
    else:
        said.append(f'"kind": {encode_basestring(str(finding.get("kind")))}')
    return "- {" + ", ".join([*said, '"reason": "…"']) + "}"


def _literal(text: str) -> str:
    """A glob that fits ``text`` alone; rules take a text without ``*`` and ``?`` as it is."""
    return _GLOB.sub(r"[\1]", text) if "*" in text or "?" in text else text
