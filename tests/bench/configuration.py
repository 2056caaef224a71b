"""Evaluates 5,000 resources of 100 HCL files with modules, and reads them beside their state."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from drift import plugins
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.model import Declared
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.variables import Variables
from drift.declared.terraform.state import TerraformState
from drift.model import Resource
from drift.source import Loader, Location

FILES, PLAIN, CALLS, IN_MODULE = 100, 40, 2, 5
MODULE = """
variable "name" {}
variable "port" { type = number }
resource "aws_security_group" "g" {
  count       = 5
  name        = "${var.name}-${count.index}"
  description = "bench"
  dynamic "ingress" {
    for_each = [var.port, 443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
  tags = merge({ A = var.name }, { B = "c" })
}
"""


def written(folder: Path) -> None:
    """A root module of that size."""
    (folder / "module").mkdir()
    (folder / "module" / "main.tf").write_text(MODULE)
    (folder / "locals.tf").write_text('locals {\n  p = "bench"\n}\n')
    for file in range(FILES):
        queues = "".join(
            f'resource "aws_sqs_queue" "q{file}_{one}" {{\n  name = "q-${{local.p}}-{file}-{one}"\n'
            '  visibility_timeout_seconds = 30\n  tags = { Team = "shop" }\n}\n'
            for one in range(PLAIN)
        )
        call = (
            f'module "m{file}" {{\n  source = "./module"\n  for_each = toset(["a", "b"])\n'
            f'  name = "m{file}-${{each.key}}"\n  port = 22\n}}\n'
        )
        (folder / f"file{file}.tf").write_text(queues + call)


def state(tree: Tree) -> dict[str, object]:
    """What an apply would have written of it."""
    found: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    for one in tree.declared():
        if isinstance(one, Declared):
            attributes = {name: each.value for name, each in one.settings.attributes.items()}
            arn = f"arn:aws:sqs:eu-west-1:123456789012:{attributes['name']}"
            place = (one.address.rpartition(f".{one.type}.")[0] if one.module else "", one.type, one.name)
            found.setdefault(place, []).append(
                {"index_key": one.key, "attributes": {**attributes, "arn": arn, "id": arn}}
            )
    resources = [
        {
            **({"module": module} if module else {}),
            "mode": "managed",
            "type": type_,
            "name": name,
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": instances,
        }
        for (module, type_, name), instances in found.items()
    ]
    return {"version": 4, "terraform_version": "1.11.0", "lineage": "x", "serial": 1, "resources": resources}


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        written(folder)
        started = time.process_time()
        tree = Tree(Folders(folder, "bench"), Variables())
        declared = sum(bool(one.settings) for one in tree.declared() if isinstance(one, Declared))
        evaluated = time.process_time() - started
        (folder / "terraform.tfstate").write_text(json.dumps(state(tree)))
        started = time.process_time()
        location = Location(folder / "terraform.tfstate", "terraform.tfstate")
        entry = TerraformState().load(location, Loader(plugins.providers()))
        types = entry.types()
        read = sum(isinstance(one, Resource) for one in entry.resources(_Nothing()))
        both = time.process_time() - started
        print(f"configuration: {declared:,} instances in {FILES} files evaluated in {evaluated:.1f} s")
        print(f"configuration: with their state, {read:,} of {len(types)} types, in {both:.1f} s (goal: 15)")


class _Nothing:
    def context(self, provider: str) -> dict[str, object]:
        return {}

    def scopes(self, provider: str) -> frozenset[str]:
        return frozenset()

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return None

    def types(self, provider: str) -> set[tuple[str, str]]:
        return set()

    def every(self, provider: str, type: str) -> list[Resource]:
        return []
