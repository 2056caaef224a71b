"""The least privilege for what is configured, as a custom role of Azure: to paste, or as Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import orjson

from drift.kinds.scalars import fold_case
from drift.live.estate import ANY
from drift.provider import Grant
from drift.task import Wanted
from providers.azure.children import APP_CONFIG, SUBSCRIPTION_WIDE
from providers.azure.nesting import giving_access, upwards
from providers.azure.settings import Settings

#: What all reading takes → what is blind without it: everything, or a type; ``""`` is who did it. Source:
#: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations.
_ALWAYS: Mapping[str, str] = {
    "Microsoft.Authorization/permissions/read": ANY,
    "Microsoft.Insights/eventtypes/values/read": "",
    "Microsoft.ResourceGraph/resources/read": ANY,
    "Microsoft.Resources/subscriptions/providers/read": ANY,
    "Microsoft.Resources/subscriptions/read": ANY,
    "Microsoft.Resources/subscriptions/resources/read": ANY,
}
GROUP = "Microsoft.Resources/resourceGroups"
_READ_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups/read"
LIST_SETTINGS = "Microsoft.Web/sites/config/list/action"
_BELOW = "Microsoft.Management/managementGroups/descendants/read"
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def role(settings: Settings, wanted: Wanted) -> Grant:
    """A role that reads the types that the settings select, with what all reading takes; as a definition for
    ``az``, and as Terraform with its assignments."""
    everything = settings.include == ["*"]
    actions = ["*/read"] if everything else sorted(needs(settings, wanted))
    notes = []
    if _reads_app_settings(settings, wanted):
        actions = sorted({*actions, LIST_SETTINGS})
        notes.append(
            f"{LIST_SETTINGS} tells the settings of apps, which are hidden as soon as they are read; "
            "take it out where no config of a site is declared"
        )
    if everything:
        notes.append(
            "*/read is the built-in role Reader; name types in live.azure.include to be granted less"
        )
    places = sorted(set(_places(settings))) or ["/subscriptions/<ID>"]
    if any("<ID>" in one for one in places):
        notes.append("put the ids of the subscriptions in the place of <ID>")
    left_out = sorted(f"{glob}/read" for glob in settings.exclude)
    document = {
        "Name": "drift reader",
        "IsCustom": True,
        "Description": "Reads what drift compares, and nothing else.",
        "Actions": actions,
        "NotActions": left_out,
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": places,
    }
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
    made = Grant(_terraform(actions, left_out, places), (*notes, "apply it by -var principal_id=OBJECT-ID"))
    return Grant(
        text, (*notes, "az role definition create --role-definition FILE makes it"), {"terraform": made}
    )


def needs(settings: Settings, wanted: Wanted) -> dict[str, set[str]]:
    """Each action that reading takes, with the types that are blind without it (``*``: all of a
    subscription; none: it only tells who did it). Types that ``include`` names by globs are as they are."""
    found: dict[str, set[str]] = {action: {what} - {""} for action, what in _ALWAYS.items()}

    def takes(action: str, type_: str) -> None:
        found.setdefault(action, set()).add(type_)

    for type_ in (GROUP, *SUBSCRIPTION_WIDE):
        if settings.reads(type_, fold_case) and wanted.selects(type_):
            takes(_READ_GROUPS if type_ == GROUP else f"{type_}/read", type_)
    named = [one for one in settings.include if "/" in one and _selected(one, wanted)]
    read = {*wanted.types, *giving_access()}
    also = [one for one in read if settings.reads(one, fold_case) and wanted.selects(one)]
    for type_ in (*named, *(one for one in also if not any(_covers(glob, one) for glob in named))):
        if type_ in SUBSCRIPTION_WIDE or type_ == GROUP:
            continue
        for above in upwards(type_):
            takes(f"{above}/read", type_)
    if APP_CONFIG in also:
        takes(LIST_SETTINGS, APP_CONFIG)
    if settings.management_groups:
        takes(_BELOW, ANY)
    return found


def _covers(glob: str, type_: str) -> bool:
    return fnmatchcase(fold_case(type_), fold_case(glob))


def _selected(type_: str, wanted: Wanted) -> bool:
    return bool(set(type_) & set("*?[")) or wanted.selects(type_)


def _reads_app_settings(settings: Settings, wanted: Wanted) -> bool:
    return settings.reads(APP_CONFIG) and (APP_CONFIG in wanted.types or not wanted.types)


def _places(settings: Settings) -> Iterator[str]:
    for one in settings.management_groups:
        yield f"/providers/Microsoft.Management/managementGroups/{one}"
    for name in settings.subscriptions or ():
        bare = name.rpartition("/")[2]
        yield f"/subscriptions/{bare if _ID.fullmatch(bare) else '<ID>'}"


_TERRAFORM = """\
# What drift needs to read Azure, and nothing else: a role, and its assignment to who runs drift.

terraform {{
  required_providers {{
    azurerm = {{
      source = "hashicorp/azurerm"
    }}
  }}
}}

variable "principal_id" {{
  description = "Object id of the managed identity or service principal that runs drift."
  type        = string
}}

resource "azurerm_role_definition" "drift" {{
  name              = "drift reader"
  scope             = {scope}
  description       = "Reads what drift compares, and nothing else."
  assignable_scopes = {scopes}

  permissions {{
    actions     = {actions}
    not_actions = {not_actions}
  }}
}}

resource "azurerm_role_assignment" "drift" {{
  for_each = toset({scopes})

  scope              = each.value
  role_definition_id = azurerm_role_definition.drift.role_definition_resource_id
  principal_id       = var.principal_id
}}
"""


def _terraform(actions: Sequence[str], left_out: Sequence[str], places: Sequence[str]) -> str:
    return _TERRAFORM.format(
        scope=_hcl(places[0]), scopes=_list(places), actions=_list(actions, 4), not_actions=_list(left_out, 4)
    )


def _list(values: Sequence[str], indent: int = 2) -> str:
    if len(values) < 2:
        return f"[{', '.join(map(_hcl, values))}]"
    lines = "".join(f"{' ' * (indent + 2)}{_hcl(one)},\n" for one in values)
    return f"[\n{lines}{' ' * indent}]"


def _hcl(value: Any) -> str:
    """A literal of HCL, in which ``${`` and ``%{`` begin an expression."""
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
