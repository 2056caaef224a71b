"""Finds Terraform with its AWS provider on this machine and runs it against a loopback AWS."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ESTATE = Path(__file__).parent / "estate"
#: A resource that the loopback AWS does not settle makes Terraform wait for many minutes.
TIMEOUT_SECONDS = 400
#: How many resources are made at once: the provider waits for most of them, for up to a minute each.
AT_ONCE = 64
_PROVIDER = "registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws_*"


@dataclass(frozen=True, slots=True)
class Terraform:
    """The binary and the folder of a provider mirror."""

    binary: str
    mirror: Path

    def run(self, folder: Path, env: dict[str, str], *arguments: str, ok: Iterable[int] = (0,)) -> str:
        """Runs a command in a folder; its output. Fails the test with Terraform's own words."""
        config = folder / "cli.tfrc"
        config.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self.mirror}"\n  }}\n}}\n'
        )
        done = subprocess.run(
            [self.binary, *arguments],
            cwd=folder,
            env={
                **os.environ,
                **env,
                "TF_CLI_CONFIG_FILE": str(config),
                "TF_IN_AUTOMATION": "1",
                "CHECKPOINT_DISABLE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        assert done.returncode in ok, (
            f"terraform {arguments[0]}:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        )
        return done.stdout

    def apply(self, folder: Path, env: dict[str, str], files: Iterable[Path]) -> Path:
        """Applies the configuration files in a fresh folder; the state's path."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, folder)
        self.run(folder, env, "init", "-no-color", "-input=false")
        self.run(
            folder, env, "apply", "-no-color", "-input=false", "-auto-approve", f"-parallelism={AT_ONCE}"
        )
        return folder / "terraform.tfstate"


@cache
def find() -> Terraform | str:
    """Terraform, or the reason why there is none here."""
    binary = shutil.which("terraform") or shutil.which("tofu")
    if binary is None:
        return "no terraform or tofu binary on PATH"
    places = [
        os.environ.get("TF_PLUGIN_CACHE_DIR"),
        Path.home() / ".terraform.d" / "plugins",
        Path("/usr/local/share/terraform/plugins"),
        Path("/usr/share/terraform/plugins"),
        *sorted(Path("/opt").glob("*")),
    ]
    for place in places:
        if place and any(Path(place).glob(_PROVIDER)):
            return Terraform(binary, Path(place))
    return (
        "no hashicorp/aws provider in a plugin folder of this machine (looked where Terraform does, and in "
        "/opt)"
    )
