"""Which of a subscription's types the credential may read all of: Azure leaves out of its lists, silently,
what it may not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.errors import CellError
from drift.kinds.scalars import fold_case
from providers.azure.nesting import upwards
from providers.azure.session import Session

VERSION = "2022-04-01"
_GROUPS = "microsoft.resources/resourcegroups"
#: Types whose permission is named in another way.
_NAMED = {_GROUPS: "microsoft.resources/subscriptions/resourcegroups"}
_UNKNOWN = (
    "what may be read over the whole subscription is not known, so that what is not listed may be there"
)


class Permissions:
    """What the credential may do over whole subscriptions
    (https://learn.microsoft.com/rest/api/authorization/permissions)."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def of(self, subscription: str) -> Reads:
        """What it may read there. Raises CellError where Azure does not tell.

        Nothing can be told to be missing then: who may not ask this of a subscription has been granted some
        of its groups at most, and gets lists of these alone.
        """
        path = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions"
        try:
            told = [one for page in self.session.pages(path, VERSION) for one in page]
        except CellError as error:
            status = "failed" if error.status == "unsupported" else error.status
            raise CellError(status, f"{_UNKNOWN}: {error.message}") from error
        if not all(isinstance(one, Mapping) and isinstance(one.get("actions"), list) for one in told):
            raise CellError("failed", f"{_UNKNOWN}: GET {path}: the answer is no list of permissions")
        return Reads(told)


class Reads:
    """The grants over one scope: each allows its ``actions`` but for its ``notActions``."""

    def __init__(self, grants: list[Mapping[str, Any]]) -> None:
        self._grants = [(_pattern(one.get("actions")), _pattern(one.get("notActions"))) for one in grants]
        self._all = any(
            {"*", "*/read"} & {*one.get("actions", ())}
            and not any(str(no).lower().endswith(("/read", "*")) for no in one.get("notActions") or ())
            for one in grants
        )

    def refusal(self, type_: str) -> str | None:
        """Why a type is not read whole; None where it is, and all above it."""
        if all(self.allows(one) for one in upwards(type_)):
            return None
        return (
            f"only what lies in some resource groups of the subscription may be read: {type_}/read is not "
            "granted over the whole subscription (grant the role Reader)"
        )

    def everything(self) -> bool:
        """Whether no type is left out."""
        return self._all

    def allows(self, type_: str) -> bool:
        """Whether all resources of a type may be read.

        >>> said = {"actions": ["*/read"], "notActions": ["Microsoft.Sql/*"]}
        >>> Reads([said]).allows("Microsoft.Sql/servers")
        False
        """
        low = fold_case(type_)
        return self.does(f"{_NAMED.get(low, low)}/read")

    def does(self, action: str) -> bool:
        """Whether an action may be done everywhere. One with globs has to be granted with these, or wider.

        >>> Reads([{"actions": ["*/read"], "notActions": []}]).does("Microsoft.Web/sites/config/list/action")
        False
        """
        low = fold_case(action)
        return any(allowed.fullmatch(low) and not but.fullmatch(low) for allowed, but in self._grants)


def _pattern(globs: Any) -> re.Pattern[str]:
    """What fits one of these actions; ``*`` stands for anything. Nothing fits where there is none."""
    said = [re.escape(fold_case(str(one))).replace(r"\*", ".*") for one in globs or ()]
    return re.compile("|".join(said) if said else "(?!)")
