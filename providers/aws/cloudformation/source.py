"""The declared source ``cloudformation``: recognises templates and cloud assemblies, and loads them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from drift.listing import files_below
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location, Option
from providers.aws.cloudformation.signs import (
    MANIFEST,
    SUFFIXES,
    assembly_in,
    is_assembly,
    is_template,
    looks_like_template,
)


class CloudFormation(BaseSource):
    """CloudFormation and SAM templates, one file or a folder of them, and what the CDK makes."""

    name = "cloudformation"
    options = (
        Option("stack", "The CloudFormation stack (name or ARN) of a template."),
        Option("stack_set", "The StackSet (its name) that deploys a template to accounts and regions."),
        Option(
            "parameters",
            "A template's parameters, or the file that holds them, relative to the template's folder.",
            ("mapping", "path"),
        ),
        Option(
            "stack_policy",
            "Which updates of the stack are allowed: a policy, or the file that holds it, relative to the "
            "template's folder.",
            ("mapping", "path"),
        ),
        Option("termination_protection", "Whether the stack is protected from being deleted.", ("flag",)),
        Option("config_env", "The environment of samconfig.toml that a SAM template is deployed with."),
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return assembly_in(path) is not None or any(
                is_template(file) for file in files_below(path, SUFFIXES)
            )
        if path.name == MANIFEST:
            return is_assembly(path.parent)
        return looks_like_template(head)

    def hint(self, path: Path) -> Hint:
        needs = {"region": "where"}
        templates = (one for one in files_below(path, SUFFIXES) if is_template(one))
        if path.is_file() or len(list(islice(templates, 2))) < 2:  # of several each has its own
            needs = {"stack": "the stack that it is deployed as", **needs}
        return Hint(needs=needs)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """As :func:`providers.aws.cloudformation.loading.load`, which takes all that evaluates templates."""
        from providers.aws.cloudformation.loading import load

        return load(location)
