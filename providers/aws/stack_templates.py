"""Reads the templates that stacks were deployed with: as they were given, and as macros made them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.errors import DeclaredError
from providers.aws.cloudformation.recorded import place_of, plain, rewritten
from providers.aws.failures import CALL_ERRORS, explain


def add_templates(client: Any, stacks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Adds to records of :func:`providers.aws.stacks.read_stacks`, as plain JSON without secrets::

        {"template": as it was given, "processed": as it was deployed, where a transform made another of it,
         "template_unread": why there is none}

    One GetTemplate for each stack, a second one where the first shows a transform. Gives why some could not
    be read.
    """
    failures: list[str] = []
    for stack in stacks:
        try:
            given = _read(client, stack, "Original")
            told = {"template": given}
            if rewritten(given):
                told["processed"] = _read(client, stack, "Processed")
        except CALL_ERRORS as error:
            told = {"template_unread": explain(error, "cloudformation:GetTemplate").message}
        except DeclaredError as error:
            told = {"template_unread": str(error)}
        if "template_unread" in told:
            failures.append(f"{stack['name']}: {told['template_unread']}")
        stack.update(told)  # type: ignore[attr-defined]
    return failures


def _read(client: Any, stack: Mapping[str, Any], stage: str) -> Any:
    answer = client.get_template(StackName=stack["id"], TemplateStage=stage)
    return plain(answer.get("TemplateBody") or "", f"the {stage.lower()} template of {stack['name']}")


def read_object(client: Any, url: str) -> dict[str, Any]:
    """What lies at a URL of S3, as plain JSON without secrets: ``template``, or ``unread`` and why."""
    place = place_of(url)
    if place is None:
        return {"unread": f"{url} is no URL of S3"}
    try:
        body = client.get_object(**place)["Body"].read()
        return {"template": plain(body.decode(), url)}
    except CALL_ERRORS as error:
        return {"unread": explain(error, "s3:GetObject").message}
    except DeclaredError as error:
        return {"unread": str(error)}
