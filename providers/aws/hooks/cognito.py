"""The attributes of a user pool as a template names them."""

from __future__ import annotations

from typing import Any

#: What stands before the name of an attribute that is not one of OpenID Connect's.
_OWN = ("dev:custom:", "custom:", "dev:")
#: What each user has. Source:
#: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
STANDARD = frozenset(
    "address birthdate email email_verified family_name gender given_name identities locale middle_name name "
    "nickname phone_number phone_number_verified picture preferred_username profile sub updated_at website "
    "zoneinfo".split()
)


def user_pool(document: dict[str, Any]) -> dict[str, Any]:
    """``Schema`` with the names that were given, without what Cognito puts before them."""
    made = []
    for said in document.get("SchemaAttributes") or ():
        name = str(said.get("Name", ""))
        prefix = next((one for one in _OWN if name.startswith(one)), "")
        made.append({**said, "Name": name.removeprefix(prefix)})
    return {"Schema": made}
