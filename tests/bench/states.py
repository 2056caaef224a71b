"""How fast Terraform states are read, and in how much memory: of 50 and of 200 MB, and ten in a backend at a
time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from drift import backends
from drift.loopback import Answer, Request, Server
from tests.bench.timing import seconds

ACCOUNT = "111122223333"
_READ = """
import sys, time
from pathlib import Path
from drift import plugins
from drift.declared import recognise
from drift.live.estate import Estate
from drift.source import Loader, Location
providers, file, started = plugins.providers(), Path(sys.argv[1]), time.process_time()
location = Location(file, file.name, options={"scope": "111122223333", "region": "eu-west-1"})
declared = recognise(location)[0].load(location, Loader(providers))
declared.types()
told = sum(1 for _ in declared.resources(Estate(providers)))
status = Path("/proc/self/status").read_text()  # of this program alone, not of the one that started it
peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
print(f"{told} told, {time.process_time() - started:.1f} s of processor, {peak} MB")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for size in (50, 200):
            file = Path(folder) / f"{size}.tfstate"
            count = _write(file, size)
            read = [sys.executable, "-c", _READ, file]
            done = subprocess.run(read, check=True, capture_output=True, text=True)
            goal = "goal 5 s, 500 MB" if size == 50 else "streamed"
            print(f"states: {size} MB, {count} resources: {done.stdout.strip()} ({goal})")
    _remote()


def _write(file: Path, size: int) -> int:
    """A state of so many megabytes, of machines; gives how many."""
    tags = {f"tag{number}": "v" * 40 for number in range(20)}
    resources: list[dict[str, Any]] = []
    left = size * 1_000_000
    while left > 0:
        name = f"i-{len(resources):08x}"
        attributes = {
            "id": name, "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{name}", "ami": "ami-1",
            "instance_type": "t3.micro", "subnet_id": "subnet-1", "vpc_security_group_ids": ["sg-1"],
            "monitoring": False, "ebs_optimized": False, "source_dest_check": True, "tags": tags,
            "tags_all": tags, "tenancy": "default", "availability_zone": "eu-west-1a",
            "metadata_options": [{"http_endpoint": "enabled", "http_tokens": "required"}],
        }  # fmt: skip
        resources.append({
            "mode": "managed", "type": "aws_instance", "name": f"m{len(resources)}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": 1, "attributes": attributes, "sensitive_attributes": []}],
        })  # fmt: skip
        if len(resources) == 1:
            each = len(json.dumps(resources, indent=2)) + 4 * json.dumps(resources, indent=2).count("\n")
        left -= each
    head = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "outputs": {}}
    file.write_text(json.dumps({**head, "resources": resources}, indent=2))
    return len(resources)


def _remote() -> None:
    """Ten states behind a server that takes half a second for each."""
    held = threading.Event()
    body = json.dumps({"version": 4, "terraform_version": "1", "lineage": "l", "resources": []}).encode()

    def answer(_: Request) -> Answer:
        held.wait(0.5)
        return Answer(200, body)

    server = Server(answer)
    try:
        wanted = [backends.from_url(f"{server.url}/{number}", {}) for number in range(10)]
        with tempfile.TemporaryDirectory() as folder:
            many = [(backend, stored, str(at), Path(folder)) for at, (backend, stored) in enumerate(wanted)]
            took = seconds(lambda: backends.together(many))
    finally:
        server.close()
    print(f"states: ten remote ones that take 0.5 s each: {took:.1f} s (goal: in parallel)")
