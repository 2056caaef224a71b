"""A Terraform root module as a declared entry: what its files say, and its state from where its ``backend``
block keeps it."""

from __future__ import annotations

from pathlib import Path

from drift.backend import DEFAULT
from drift.declared import remote
from drift.declared.terraform import proposing
from drift.declared.terraform.cdktf_files import is_project as is_cdktf
from drift.declared.terraform.configuration.folders import Folders, files
from drift.declared.terraform.configuration.terragrunt.files import unit_file
from drift.declared.terraform.options import FILES, VARIABLES
from drift.declared.terraform.state import TerraformState, declared
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location


class TerraformConfiguration(BaseSource):
    """A folder with ``.tf`` files and no state in it or below it, whatever else lies there."""

    name = "terraform"
    adds = True
    options = (VARIABLES, FILES, remote.OPTION)

    def recognises(self, path: Path, head: bytes) -> bool:
        return (
            path.is_dir()
            and any(files(path))
            and unit_file(path) is None
            and not is_cdktf(path)
            and not TerraformState().recognises(path, b"")
        )

    def hint(self, path: Path) -> Hint:
        return proposing.of_root(path)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses the root module, and reads its state. Without one what it says is compared as far as that
        goes. Raises DeclaredError for a file of variables that is not there."""
        from drift.declared.terraform.alone import Alone, states
        from drift.declared.terraform.beside import intent
        from drift.declared.terraform.configuration.backend import kept
        from drift.declared.terraform.hcl_modules import Configuration

        folders = Folders(location.path, location.display, location.root)
        workspace = str(location.option(remote.OPTION.name) or DEFAULT)
        alone = intent(location, folders, {}, loader, workspace)
        told = states(location.path, location.display, folders.name, loader, kept(alone.tree), workspace)
        if not told.places:
            return Alone(self.name, location, loader, alone, told.problems, told.notes)
        configuration = Configuration(location.path, location.display, location.root)
        found = {place.file: configuration for place in told.places}
        return declared(self.name, location, loader, told.places, found, told.problems, told.notes)
