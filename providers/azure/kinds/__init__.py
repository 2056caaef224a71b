"""The kinds of values that only Azure has, by the name that type facts use."""

from __future__ import annotations

from drift.kinds.base import Kind
from providers.azure.kinds.arm_id import ARM_ID
from providers.azure.kinds.location import LOCATION

KINDS: dict[str, Kind] = {kind.name: kind for kind in (ARM_ID, LOCATION)}
