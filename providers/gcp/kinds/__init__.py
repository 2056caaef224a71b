"""The kinds of values that only Google Cloud has, by the name that type facts use."""

from __future__ import annotations

from drift.kinds.base import Kind
from providers.gcp.kinds.alias import ALIAS
from providers.gcp.kinds.enum import ENUM
from providers.gcp.kinds.envelope import ENVELOPE
from providers.gcp.kinds.filter import FILTER
from providers.gcp.kinds.full_name import FULL_NAME
from providers.gcp.kinds.index_fields import INDEX_FIELDS
from providers.gcp.kinds.instance_name import INSTANCE_NAME
from providers.gcp.kinds.map_defaults import MAP_DEFAULTS
from providers.gcp.kinds.member import MEMBER
from providers.gcp.kinds.oauth_scope import OAUTH_SCOPE
from providers.gcp.kinds.project import PROJECT
from providers.gcp.kinds.self_link import ANYTHING, SELF_LINK, TEXT
from providers.gcp.kinds.service_choice import SERVICE_CHOICE

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        SELF_LINK,
        TEXT,
        ANYTHING,
        ENUM,
        FILTER,
        ALIAS,
        MEMBER,
        FULL_NAME,
        PROJECT,
        INSTANCE_NAME,
        ENVELOPE,
        INDEX_FIELDS,
        MAP_DEFAULTS,
        OAUTH_SCOPE,
        SERVICE_CHOICE,
    )
}
