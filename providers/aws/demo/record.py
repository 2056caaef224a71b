"""For developers: makes the templates of the demo's Terraform states again, with a real Terraform on a
loopback AWS.

``python -m providers.aws.demo.record PLUGIN_FOLDER [STATE…]`` needs ``terraform`` on the PATH and the AWS
provider in a folder of Terraform's filesystem mirror layout. What AWS makes up (ids, ARNs with a random end)
becomes ``${address}``, which the demo fills with what it really created.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from providers.aws.demo import accounts, states
from providers.aws.loopback import environment, moto

#: Ids that AWS makes up: prefix and hexadecimal digits, a UUID, a hosted zone, an ARN that ends with one of
#: them.
_MADE_UP = re.compile(
    r"(vpc|subnet|igw|nat|eipalloc|rtb|sg|i|vol|lt)-[0-9a-f]{8,17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Z]{20,}"
    r"|arn:aws:elasticloadbalancing:.+|arn:aws:secretsmanager:.+|arn:aws:sns:.+:[0-9a-f-]{36}"
)
_OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'
#: Addresses and interfaces that AWS chooses.
_ADDRESSES = {
    "aws_eip": ("public_ip", "network_interface"),
    "aws_nat_gateway": ("private_ip",),
    "aws_instance": ("private_ip", "public_ip"),
}
#: Members that change with every recording and that nothing reads.
_VOLATILE = frozenset({"network_interface_id", "primary_network_interface_id", "unique_id"})


def main(mirror: str, *names: str) -> None:
    with moto() as url:
        for name in names or states.NAMES:
            env = {**environment(url, "eu-west-1"), **accounts.credentials(url, states.account(name))}
            state = _apply(states.folder(name), mirror, env)
            states.template(name).write_text(json.dumps(generalise(state), indent=2) + "\n", encoding="utf-8")


def _apply(folder: Path, mirror: str, env: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for file in folder.glob("*.tf"):
            shutil.copy(file, work)
        (work / "override.tf").write_text(_OVERRIDE, encoding="utf-8")
        with zipfile.ZipFile(work / "menu.zip", "w") as archive:
            archive.writestr("menu.py", "")
        (work / "cli.tfrc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        environ = {**os.environ, **env, "TF_CLI_CONFIG_FILE": str(work / "cli.tfrc"), "TF_IN_AUTOMATION": "1"}
        environ |= {f"TF_VAR_{key}": value for key, value in states.SECRETS.items()}
        for arguments in (
            ("init",),
            ("apply", "-auto-approve"),
            ("apply", "-auto-approve", "-refresh-only"),
        ):
            subprocess.run(
                ["terraform", *arguments, "-input=false", "-no-color"], cwd=work, env=environ, check=True
            )
        state: dict[str, Any] = json.loads((work / "terraform.tfstate").read_text(encoding="utf-8"))
        return state


def generalise(state: dict[str, Any]) -> dict[str, Any]:
    """The state without what was made up: placeholders for ids and for the secrets."""
    known = {value: f"${{{name}}}" for name, value in states.SECRETS.items()}
    for resource in state["resources"]:
        for instance in resource["instances"]:
            instance.pop("private", None)
            attributes = instance["attributes"]
            for name in ("id", "arn"):
                value = attributes.get(name)
                if isinstance(value, str) and _MADE_UP.fullmatch(value):
                    suffix = "" if name == "id" or attributes.get("id") == value else ".arn"
                    known.setdefault(value, f"${{{states.address(resource, instance)}{suffix}}}")
            for name in _ADDRESSES.get(resource["type"], ()):
                if attributes.get(name):
                    known.setdefault(attributes[name], f"${{{states.address(resource, instance)}.{name}}}")
            for root in attributes.get("root_block_device") or ():
                known[root["volume_id"]] = f"${{{states.address(resource, instance)}.root}}"
    state["outputs"] = {}
    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(value) for value in longest))
    generalised: dict[str, Any] = _replace(state, pattern, known)
    return generalised


def _replace(value: Any, pattern: re.Pattern[str], known: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: "" if key in _VOLATILE else _replace(item, pattern, known) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_replace(item, pattern, known) for item in value]
    return pattern.sub(lambda found: known[found[0]], value) if isinstance(value, str) else value


if __name__ == "__main__":
    main(*sys.argv[1:])
