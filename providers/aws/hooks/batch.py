"""AWS Batch: what a job queue runs on, in both of Terraform's spellings."""

from __future__ import annotations

from typing import Any


def terraform_job_queue(document: dict[str, Any]) -> dict[str, Any]:
    """``ComputeEnvironmentOrder`` of ``aws_batch_job_queue``: blocks, or a list of ARNs in their order."""
    blocks = [
        {"ComputeEnvironment": one.get("compute_environment"), "Order": one.get("order")}
        for one in document.get("compute_environment_order") or ()
    ]
    named = [
        {"ComputeEnvironment": one, "Order": order}
        for order, one in enumerate(document.get("compute_environments") or ())
    ]
    return {"ComputeEnvironmentOrder": blocks or named or None}
