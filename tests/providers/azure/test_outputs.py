"""What a service writes by itself is told by its name and by what it is; what people set never passes."""

from __future__ import annotations

from typing import Any

import pytest

from providers.azure.outputs import reason

OWN = "/subscriptions/s/resourcegroups/r/providers/microsoft.network/loadbalancers/lb"


@pytest.mark.parametrize(
    ("parts", "value", "unknown"),
    [
        (["properties", "creationTime"], "2017-03-28T21:04:43.6612345Z", False),
        (["properties", "lastModifiedTime"], "2017-04-14T13:21:56.68-07:00", False),
        (["properties", "encryptionProvisioningState"], "Succeeded", False),
        (["properties", "clusterState"], "Running", False),
        (["properties", "probes", "p", "id"], f"{OWN}/probes/P", False),
        (["properties", "mdmId"], "waws-prod-bay-209_26915", True),
    ],
)
def test_the_services_own(parts: list[str], value: Any, unknown: bool) -> None:
    assert reason(parts, value, OWN, unknown=unknown)


@pytest.mark.parametrize(
    ("parts", "value", "unknown"),
    [
        (["properties", "creationTime"], "whenever", False),
        (["properties", "retrievalStartDate"], "2001-02-03T04:05:06Z", False),
        (["properties", "state"], "Disabled", False),
        (["properties", "state"], "Enabled", False),
        (["properties", "state"], "active", False),
        (["properties", "connectionState", "status"], "Approved", False),
        (["properties", "rules", "r", "probe", "id"], f"{OWN}/probes/other", False),
        (["properties", "probes", "p", "id"], "/subscriptions/s/resourcegroups/r/probes/p", False),
        (["properties", "webSpace"], "x", False),
    ],
)
def test_what_people_set(parts: list[str], value: Any, unknown: bool) -> None:
    assert reason(parts, value, OWN, unknown=unknown) is None
