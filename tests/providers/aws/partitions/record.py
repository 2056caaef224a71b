"""For developers: records the estates again, ``python -m tests.providers.aws.partitions.record``.

A real Terraform applies the estate of every type to a loopback AWS in each partition; its state and the
program's snapshot are kept. Needs ``terraform`` and its AWS provider (see
:func:`tests.providers.aws.terraform.find`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import zstandard

from providers.aws.loopback import environment, moto
from tests.providers.aws.partitions import RECORDED, REDACTION_KEY, Recorded
from tests.providers.aws.terraform import Terraform, find


def main() -> None:
    terraform = find()
    if isinstance(terraform, str):
        sys.exit(terraform)
    for recorded in RECORDED:
        with tempfile.TemporaryDirectory() as scratch, moto() as url:
            _record(recorded, terraform, Path(scratch), environment(url, recorded.region))


def _record(recorded: Recorded, terraform: Terraform, folder: Path, env: dict[str, str]) -> None:
    sources = folder / "sources"
    sources.mkdir()
    for name, text in recorded.sources():
        (sources / name).write_text(text, encoding="utf-8")
    applied = terraform.apply(folder / "work", env, sorted(sources.glob("*.tf")))
    state = json.loads(applied.read_bytes())
    for resource in state["resources"]:
        for instance in resource["instances"]:
            instance.pop("private", None)
    text = json.dumps(state, separators=(",", ":")).encode()
    recorded.state.write_bytes(zstandard.ZstdCompressor(19).compress(text))
    (folder / "drift.yaml").write_text(
        f"version: 1\ndeclared: []\nlive: {{aws: {{regions: [{recorded.region}], include: ['AWS::*']}}}}\n",
        encoding="utf-8",
    )
    subprocess.run(
        [sys.executable, "-m", "drift", "snapshot", "-o", str(recorded.snapshot)],
        cwd=folder,
        env={**os.environ, **env, "DRIFT_REDACTION_KEY": REDACTION_KEY},
        check=False,
    )


if __name__ == "__main__":
    main()
