"""Names of records in their one spelling, and which records Route 53 or another service made."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Context
from providers.aws.kinds.identifiers import ROUTE53_NAME

_QUOTED = frozenset({"TXT", "SPF"})


def record(document: dict[str, Any]) -> dict[str, Any]:
    """Puts ``record_name`` into the document, for the id. Gives ``System``: by whom the record was made, if
    not by people.

    ``apex``: the NS and SOA records of the zone itself; ``linked``: in a zone that belongs to another
    service; ``policy``: of a traffic policy.
    """
    zone = document.get("parent") or {}
    document["record_name"] = _canonical(document.get("Name"))
    apex = document["record_name"] == _canonical(zone.get("Name")) and document.get("Type") in ("NS", "SOA")
    made_by = (
        "linked"
        if zone.get("LinkedService")
        else "policy"
        if document.get("TrafficPolicyInstanceId")
        else "apex"
        if apex
        else None
    )
    return {"System": made_by}


def terraform_record(document: dict[str, Any]) -> dict[str, Any]:
    """``Name`` in full, and records as the API has them: Terraform leaves the quotes of TXT out."""
    name = document.get("fqdn") or document.get("name")
    document["record_name"] = _canonical(name)
    records = document.get("records") or None
    if records and document.get("type") in _QUOTED:
        records = [f'"{text}"' for text in records]
    return {"Name": name, "ResourceRecords": records}


def _canonical(name: Any) -> str:
    return str(ROUTE53_NAME.canonical(name or "", Context()))
