"""Names of enumerations: an answer may have their numbers instead (``$alt=json;enum-encoding=int``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

#: Enumerations whose numbers are not the order in which discovery documents list them, by a name that only
#: they have. Sources: google/api/launch_stage.proto, google/monitoring/v3/common.proto,
#: google/cloud/bigquery/reservation/v1, google/cloud/metastore/v1alpha.
_NUMBERS: dict[str, dict[int, str]] = {
    "LAUNCH_STAGE_UNSPECIFIED": {
        0: "LAUNCH_STAGE_UNSPECIFIED",
        1: "EARLY_ACCESS",
        2: "ALPHA",
        3: "BETA",
        4: "GA",
        5: "DEPRECATED",
        6: "UNIMPLEMENTED",
        7: "PRELAUNCH",
    },
    "ALIGN_NONE": {
        0: "ALIGN_NONE",
        1: "ALIGN_DELTA",
        2: "ALIGN_RATE",
        3: "ALIGN_INTERPOLATE",
        4: "ALIGN_NEXT_OLDER",
        10: "ALIGN_MIN",
        11: "ALIGN_MAX",
        12: "ALIGN_MEAN",
        13: "ALIGN_COUNT",
        14: "ALIGN_SUM",
        15: "ALIGN_STDDEV",
        16: "ALIGN_COUNT_TRUE",
        17: "ALIGN_FRACTION_TRUE",
        18: "ALIGN_PERCENTILE_99",
        19: "ALIGN_PERCENTILE_95",
        20: "ALIGN_PERCENTILE_50",
        21: "ALIGN_PERCENTILE_05",
        23: "ALIGN_PERCENT_CHANGE",
        24: "ALIGN_COUNT_FALSE",
    },
    "REDUCE_NONE": {
        0: "REDUCE_NONE",
        1: "REDUCE_MEAN",
        2: "REDUCE_MIN",
        3: "REDUCE_MAX",
        4: "REDUCE_SUM",
        5: "REDUCE_STDDEV",
        6: "REDUCE_COUNT",
        7: "REDUCE_COUNT_TRUE",
        8: "REDUCE_FRACTION_TRUE",
        9: "REDUCE_PERCENTILE_99",
        10: "REDUCE_PERCENTILE_95",
        11: "REDUCE_PERCENTILE_50",
        12: "REDUCE_PERCENTILE_05",
        15: "REDUCE_COUNT_FALSE",
    },
    "COMMITMENT_PLAN_UNSPECIFIED": {
        0: "COMMITMENT_PLAN_UNSPECIFIED",
        2: "MONTHLY",
        3: "FLEX",
        4: "ANNUAL",
        5: "TRIAL",
        6: "NONE",
        7: "FLEX_FLAT_RATE",
        8: "MONTHLY_FLAT_RATE",
        9: "ANNUAL_FLAT_RATE",
        10: "THREE_YEAR",
    },
    "METASTORE_TYPE_UNSPECIFIED": {
        0: "METASTORE_TYPE_UNSPECIFIED",
        1: "DATAPLEX",
        2: "BIGQUERY",
        3: "DATAPROC_METASTORE",
    },
}


def _enum(value: Any, context: Context, *, names: Sequence[str]) -> Canonical:
    """The name of an enumeration's value; a number that stands for none stays what it is.

    >>> _enum(2, Context(), names=["UNSPECIFIED", "SMALL", "LARGE"])
    'LARGE'
    """
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    numbers = next((numbers for name, numbers in _NUMBERS.items() if name in names), None)
    if numbers is not None:
        return numbers.get(value, value)
    return names[value] if 0 <= value < len(names) else value


def _admits(declared: Any, live: Any, context: Context, *, names: Sequence[str]) -> bool:
    """Whether the declaration leaves the choice to the service: its first name says that it says nothing."""
    return isinstance(declared, str) and declared.endswith("UNSPECIFIED") and declared == names[0]


ENUM = Kind("enum", _enum, admits=_admits)
