"""The commands that bring resources back to an ARM template or a Bicep file: a deployment in the mode
Incremental, which sets what the template declares and leaves all else. Source:
https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from drift.editor import Restoring, Wish
from providers.azure.arm.source import Templates, beside, translations


def commands(wish: Wish) -> Restoring | None:
    """What shows and what makes the deployment of the whole template; None where it is not known where that
    goes."""
    declared, declaration = wish.finding.declared, wish.declaration
    if declared is None or declared.origin is None or wish.view is None:
        return None
    if not isinstance(declaration, Templates):
        return None
    origin = declared.origin
    found = [one for one in translations(declaration, wish.view) if one.template.file == origin.file]
    if len(found) != 1:
        return None  # a linked template is deployed by the one that links it
    template, place = found[0].template, found[0].place
    target: tuple[str, ...]
    if place.level == "resourceGroup" and place.resource_group and place.subscription:
        verb, target = (
            "group",
            ("--resource-group", place.resource_group, "--subscription", place.subscription),
        )
        goes = f"the resource group {place.resource_group}"
    elif place.level == "subscription" and place.subscription and place.location:
        verb, target = "sub", ("--location", place.location, "--subscription", place.subscription)
        goes = f"the subscription {place.subscription}"
    elif place.level == "managementGroup" and place.management_group and place.location:
        verb = "mg"
        target = ("--management-group-id", place.management_group, "--location", place.location)
        goes = f"the management group {place.management_group}"
    elif place.level == "tenant" and place.location:
        verb, target, goes = "tenant", ("--location", place.location), "the tenant"
    else:
        return None
    given = _parameters(declaration, template.path)
    if given is None:
        return None
    words = (*target, "--template-file", template.path.name, *given)
    does = (
        f"Deploys {template.file} to {goes} in the mode Incremental: every resource that it declares, not "
        "this one alone, gets what the template says, and settings that it leaves out get their defaults; "
        "resources that it does not name stay. Look at what what-if shows before you run the second command."
    )
    top, folder = wish.location.root, template.path.parent
    relative = folder.relative_to(top).as_posix() if top and folder.is_relative_to(top) else "."
    return Restoring(
        (("az", "deployment", verb, "what-if", *words), ("az", "deployment", verb, "create", *words)),
        does,
        relative,
    )


def _parameters(declaration: Templates, path: Path) -> tuple[str, ...] | None:
    """How the parameters are given that the declared entry gives; None where their values are no plain
    texts."""
    option = declaration.location.options.get("parameters")
    file = beside(path)
    if isinstance(option, (str, Path)):
        return ("--parameters", f"@{option}")
    told = (f"@{file.name}",) if file is not None else ()
    if isinstance(option, Mapping):
        if not all(isinstance(value, (str, int, bool)) for value in option.values()):
            return None
        told = (*told, *(f"{name}={_text(value)}" for name, value in option.items()))
    return ("--parameters", *told) if told else ()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
