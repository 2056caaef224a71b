"""The commands that make what is live what Terraform's files say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from drift.declared.terraform.beside import named_files
from drift.declared.terraform.configuration.folders import files
from drift.declared.terraform.configuration.terragrunt.files import unit_file
from drift.declared.terraform.content import index
from drift.declared.terraform.editing.modules import Repository
from drift.declared.terraform.editing.references import references
from drift.declared.terraform.editing.subject import Subject
from drift.declared.terraform.options import VARIABLES
from drift.editor import NotEdited, Restoring, Wish
from drift.model import Unresolved
from drift.source import Location

_DEFAULT = "default"
#: So many of what goes along are named.
_NAMED = 5


def restoring(subjects: Sequence[Subject], wish: Wish, repository: Repository) -> Restoring | None:
    """Of the instances that say what is otherwise."""
    if not subjects:
        return None
    subject = subjects[0]
    root = subject.intent.tree.folders.root
    top = (wish.location.root or root).resolve()
    unit = wish.location.path / subject.intent.unit if subject.intent.unit else None
    binary, folder = _binary(root), root
    if unit is not None or wish.declaration.source == "terragrunt":
        binary = "terragrunt"
        folder = _unit(subject, wish) or root
    if not folder.resolve().is_relative_to(top):
        return None
    words = [f"-target={address(one)}" for one in subjects]
    words += [f"-var-file={os.path.relpath(one, folder)}" for one in named_files(wish.location)]
    commands = [(binary, "apply", *words)]
    workspace = subject.intent.tree.workspace
    if workspace != _DEFAULT and binary != "terragrunt":
        commands.insert(0, (binary, "workspace", "select", workspace))
    where = folder.resolve().relative_to(top).as_posix()
    return Restoring(tuple(commands), _does(subjects, wish, repository), where)


def address(subject: Subject) -> str:
    """An instance's address as Terraform reads it: keys quoted and escaped."""
    said = subject.said
    modules = [f"module.{name}{index(key)}" for name, key in said.module]
    return ".".join([*modules, f"{said.type}.{said.name}{index(said.key)}"])


def _binary(root: Path) -> str:
    """OpenTofu where the configuration has files that only it reads."""
    own = any(file.name.endswith((".tofu", ".tofu.json")) for file in files(root))
    return "tofu" if own or (root / ".opentofu-version").is_file() else "terraform"


def _unit(subject: Subject, wish: Wish) -> Path | None:
    """The folder of a Terragrunt unit, by how it is named to people."""
    location: Location = wish.location
    named = subject.intent.unit.removeprefix(location.display.rstrip("/")).lstrip("/")
    folder = location.path / named if location.path.is_dir() else location.path.parent
    folder = folder if folder.is_dir() else folder.parent
    return folder if unit_file(folder) is not None else None


def _does(subjects: Sequence[Subject], wish: Wish, repository: Repository) -> str:
    finding = wish.finding
    name = finding.resource.name or finding.resource.id
    if finding.kind == "missing":
        what = f"makes {name} anew"
    else:
        paths = ", ".join(one.path for one in finding.changes[:_NAMED])
        what = f"sets {paths} of {name} to what the files say"
    told = f"Terraform shows its plan and asks before it {what}"
    along = sorted({one for subject in subjects for one in _along(subject, repository)})
    if along:
        more = f" and {len(along) - _NAMED} more" if len(along) > _NAMED else ""
        told += f"; -target takes along what it depends on: {', '.join(along[:_NAMED])}{more}"
    else:
        told += "; it depends on nothing else of this configuration"
    if wish.location.options.get(VARIABLES.name):
        told += "; give the variables that drift.yaml names under `variables`, too"
    return told


def _along(subject: Subject, repository: Repository) -> list[str]:
    """What the block refers to in its own module."""
    tree = subject.intent.tree
    instance = tree.find(subject.said.module)
    found: list[str] = []
    if instance is None or isinstance(instance, Unresolved):
        return found
    words = ("resource", subject.said.type, subject.said.name)
    try:
        blocks = repository.folder(instance.module.folder).blocks(*words)
    except NotEdited:
        return found
    for _, node in blocks:
        for names, _ in references(node):
            known = names[:2] if names[0] not in ("data",) else names[:3]
            kind = names[0]
            if kind in ("var", "local", "each", "count", "path", "terraform", "self") or len(names) < 2:
                continue
            if kind == "module" or ("resource", *names[:2]) in instance.module.resources:
                found.append(".".join(known))
    return found
