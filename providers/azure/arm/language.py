"""The declared source ``arm``: recognises ARM templates, and loads them."""

from __future__ import annotations

from pathlib import Path

from drift.listing import files_below
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location, Option
from providers.azure.arm.signs import SUFFIXES, is_template, looks_like_template

OPTIONS = (
    Option("resource_group", "The resource group that an ARM template is deployed to."),
    Option("management_group", "The management group that an ARM template is deployed to."),
    Option("location", "The location of an ARM template's deployment."),
    Option(
        "parameters",
        "A template's parameters, or the file that holds them, relative to the template's folder.",
        ("mapping", "path"),
    ),
)


class ArmTemplates(BaseSource):
    """ARM templates, one file or a folder of them."""

    name = "arm"
    options = OPTIONS

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(is_template(file) for file in files_below(path, SUFFIXES))
        return looks_like_template(head)

    def hint(self, path: Path) -> Hint:
        return Hint(needs={"scope": "the subscription's id", "resource_group": "where it is deployed to"})

    def load(self, location: Location, loader: Loader) -> Declaration:
        """As :func:`providers.azure.arm.source.load`, which takes all that evaluates templates."""
        from providers.azure.arm.source import load

        return load(location)
