"""The kinds of values that only Azure has, by the name that type facts use."""

from __future__ import annotations

from drift.kinds.base import Kind
from providers.azure.kinds.arm_id import ARM_ID
from providers.azure.kinds.charset import CHARSET
from providers.azure.kinds.enum import ENUM
from providers.azure.kinds.hosts import HOSTS
from providers.azure.kinds.id_map import ID_MAP
from providers.azure.kinds.joined import JOINED_LIST
from providers.azure.kinds.location import LOCATION
from providers.azure.kinds.numbered import NUMBERED
from providers.azure.kinds.object import OBJECT
from providers.azure.kinds.one_or_several import ONE_OR_SEVERAL
from providers.azure.kinds.plain import PLAIN
from providers.azure.kinds.spelling import MOMENT, SPAN
from providers.azure.kinds.sql_sku import SQL_SKU
from providers.azure.kinds.switched import SWITCHED_LIST

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        ARM_ID,
        CHARSET,
        ENUM,
        HOSTS,
        ID_MAP,
        JOINED_LIST,
        LOCATION,
        MOMENT,
        NUMBERED,
        OBJECT,
        PLAIN,
        ONE_OR_SEVERAL,
        SPAN,
        SQL_SKU,
        SWITCHED_LIST,
    )
}
