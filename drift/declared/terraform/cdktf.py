"""What CDK for Terraform synthesised as a declared entry: each stack of ``cdktf.out`` is a root module in
JSON.

Source: https://developer.hashicorp.com/terraform/cdktf/create-and-deploy/project-setup and the manifest that
``cdktf synth`` writes (hashicorp/terraform-cdk, packages/cdktf/lib/manifest.ts).
"""

from __future__ import annotations

from pathlib import Path

from drift.declared import remote
from drift.declared.terraform.cdktf_files import MANIFEST, is_project
from drift.declared.terraform.options import FILES, VARIABLES
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location, Option

STACK = Option("stack", "Which stack of CDK for Terraform, or of CloudFormation; default: all of the former.")


class CdkForTerraform(BaseSource):
    """A folder ``cdktf.out``, its manifest, or the project's folder with it."""

    name = "cdktf"
    adds = True
    options = (VARIABLES, FILES, remote.OPTION, STACK)

    def recognises(self, path: Path, head: bytes) -> bool:
        return (
            is_project(path) if path.is_dir() else path.name == MANIFEST and b"synthesizedStackPath" in head
        )

    def hint(self, path: Path) -> Hint:
        return Hint(whole=path.is_dir(), covers=True, distant=True)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses each stack and reads its state. Raises DeclaredError where nothing was synthesised, or there
        is no stack that the entry names."""
        from drift.declared.terraform.cdktf_stacks import load

        return load(location, loader, location.option(STACK.name))
