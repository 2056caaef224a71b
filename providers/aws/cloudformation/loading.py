"""Loads what is deployed of a declared location: templates, a folder of them, or a cloud assembly."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.listing import files_below
from drift.model import Problem
from drift.source import Location
from providers.aws.cloudformation import assembly, parameters, rain, samconfig
from providers.aws.cloudformation.declared_types import local_child
from providers.aws.cloudformation.deployment import Deployment
from providers.aws.cloudformation.evaluated import SOURCE
from providers.aws.cloudformation.signs import MANIFEST, SUFFIXES, assembly_in, is_template
from providers.aws.cloudformation.template import Template
from providers.aws.cloudformation.templates import Templates

#: What an option says that only one template may have.
_SAYS = {
    "stack": "names one stack",
    "stack_set": "names one stack set",
    "stack_policy": "is the policy of one stack",
    "termination_protection": "is a setting of one stack",
}


def load(location: Location) -> Templates:
    """Parses the template or the folder's templates.

    Raises:
        DeclaredError: when nothing can be read, a given parameter exists nowhere, or ``stack`` is said of
            several.
    """
    problems: list[Problem] = []
    found = _deployments(location, problems)
    folder = location.path if location.path.is_dir() else location.path.parent
    option = location.options.get("parameters")
    said = parameters.given(option, location.display, folder)
    parameters.refuse_unknown(said, [one.template for one in found], location.display)
    policy = parameters.policy(location.options.get("stack_policy"), location.display, folder)
    if policy is None:
        policy = parameters.policy_beside(option, location.display, folder)
    protected = location.options.get("termination_protection")
    for word in _SAYS:
        if location.option(word) and len(found) > 1:
            files = ", ".join(one.template.file for one in found)
            raise DeclaredError(
                f"{location.display}: '{word}' {_SAYS[word]}, but here are "
                f"{len(found)} templates: {files}; give each its own entry"
            )
    if policy is not None or protected is not None:
        found = [_with(one, policy, protected) for one in found]
    tags = parameters.tags(option, location.display, folder)
    return Templates(location, found, said, problems, tags)


def _with(one: Deployment, policy: Any, protected: Any) -> Deployment:
    """A deployment with what an entry says of its stack."""
    return replace(
        one,
        policy=one.policy if policy is None else policy,
        protected=one.protected if protected is None else protected is True,
    )


def _deployments(location: Location, problems: list[Problem]) -> list[Deployment]:
    """What is deployed of a declared location."""
    path = location.path
    built = assembly_in(path) if path.is_dir() else None
    if path.name == MANIFEST and built is None:
        built = path.parent
        location = replace(location, path=built, display=posixpath.dirname(location.display) or ".")
    if built is not None:
        found = assembly.read(built, location, problems)
        if not found:
            why = problems[0].message if problems else "its manifest names no stack"
            raise DeclaredError(f"{location.display}: holds no readable stack: {why}")
        return found
    templates = _folder(location, problems) if path.is_dir() else [_read(path, location.display, location)]
    environment = location.option("config_env")
    return [samconfig.deployment(one, environment, location.display) for one in templates]


def _folder(location: Location, problems: list[Problem]) -> list[Template]:
    """The templates of a folder; those that another one nests belong to that one."""
    found: list[Template] = []
    for file in files_below(location.path, SUFFIXES):
        if not is_template(file):
            continue
        try:
            found.append(_read(file, location.inside(file), location))
        except DeclaredError as error:
            problems.append(Problem(SOURCE, str(error), unread=True))
    if not found:
        why = (
            problems[0].message
            if problems
            else f"there is no {', '.join(SUFFIXES)} file with Resources in it"
        )
        raise DeclaredError(f"{location.display}: holds no readable CloudFormation template: {why}")
    nested = {
        path for one in found for said in one.resources.values() for path in [local_child(one, said)] if path
    }
    nested = nested.union(*(one.parts for one in found))
    roots = [one for one in found if one.path.resolve() not in nested]
    return roots or found


def _read(path: Path, file: str, location: Location) -> Template:
    return rain.read(path, file, location.root)
