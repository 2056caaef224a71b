"""Whether who reads is told all there is, where a service tells each only what is its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.errors import CellError
from providers.aws.attaching import function
from providers.aws.failures import CALL_ERRORS, explain


def check(needs: Mapping[str, Any], documents: Iterable[Mapping[str, Any]], sts: Any) -> None:
    """Raises CellError where the hook of ``needs`` (docs/aws-type-facts.md) says of a document why the caller
    is not told all: else what it is not told would seem to be gone."""
    try:
        caller = sts.get_caller_identity()["Arn"]
    except CALL_ERRORS as error:
        raise explain(error, "sts:GetCallerIdentity") from error
    for document in documents:
        why = function(needs["hook"])(document, caller)
        if why is not None:
            raise CellError("denied", why)
