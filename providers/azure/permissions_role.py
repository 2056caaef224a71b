"""The least privilege for what is configured, as a custom role of Azure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson

from drift.provider import Grant, Wanted
from drift.settings import selected
from providers.azure.children import APP_CONFIG, SUBSCRIPTION_WIDE
from providers.azure.settings import Settings

#: Source: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations.
_ALWAYS = (
    "Microsoft.Authorization/permissions/read",
    "Microsoft.Insights/eventtypes/values/read",
    "Microsoft.ResourceGraph/resources/read",
    "Microsoft.Resources/subscriptions/providers/read",
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Resources/subscriptions/resources/read",
)
_LIST_SETTINGS = "Microsoft.Web/sites/config/list/action"
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def role(settings: Settings, wanted: Wanted) -> Grant:
    """A role that reads the types that the settings select, with what all reading takes."""
    everything = settings.include == ["*"]
    actions = ["*/read"] if everything else [*_ALWAYS, *_actions(settings)]
    notes = []
    if settings.management_groups and not everything:
        actions.append("Microsoft.Management/managementGroups/descendants/read")
    if settings.reads(APP_CONFIG) and (APP_CONFIG in wanted.types or not wanted.types):
        actions.append(_LIST_SETTINGS)
        notes.append(
            f"{_LIST_SETTINGS} tells the settings of apps, which are hidden as soon as they are read; "
            "take it out where no config of a site is declared"
        )
    places = [f"/providers/Microsoft.Management/managementGroups/{one}" for one in settings.management_groups]
    for name in settings.subscriptions or ():
        bare = name.rpartition("/")[2]
        places.append(f"/subscriptions/{bare if _ID.fullmatch(bare) else '<ID>'}")
    if not places or any("<ID>" in one for one in places):
        notes.append("put the ids of the subscriptions in the place of <ID>")
    document = {
        "Name": "drift reader",
        "IsCustom": True,
        "Description": "Reads what drift compares, and nothing else.",
        "Actions": sorted(set(actions)),
        "NotActions": sorted(f"{glob}/read" for glob in settings.exclude),
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": sorted(set(places)) or ["/subscriptions/<ID>"],
    }
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
    return Grant(text, (*notes, "az role definition create --role-definition FILE makes it"))


def _actions(settings: Settings) -> Sequence[str]:
    """``TYPE/read`` of each type that is named, and of all that it is a part of; of what is read of a whole
    subscription only what is selected."""
    found = []
    for glob in settings.include:
        parts = glob.split("/")
        found += [f"{'/'.join(parts[: length + 1])}/read" for length in range(1, len(parts))]
    wide = (one for one in SUBSCRIPTION_WIDE if selected([one], settings.include, settings.exclude))
    return [*found, *(f"{one}/read" for one in wide)]
