"""Serves a loopback cluster in a process of its own: ``python -m providers.kubernetes.loopback KUBECONFIG
[FOLDER]``.

Writes the kubeconfig, prints the URL, and serves until standard input closes. Without a folder,
``--objects N`` makes that many ConfigMaps, Deployments and custom resources, spread over ``--kinds K`` kinds;
``--crowd N`` makes a cluster of 107 kinds with about 13 N objects. ``--delay`` seconds pass before each
answer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from providers.kubernetes.loopback import Faults, cluster, crowd


def made(objects: int, kinds: int) -> Iterator[dict[str, Any]]:
    """Objects of many kinds, of the size that such objects have."""
    for number in range(objects):
        name, namespace = f"o{number:06}", f"n{number % 50:02}"
        metadata = {"name": name, "namespace": namespace, "labels": {"app": name, "team": f"t{number % 7}"}}
        which = number % kinds
        if which == 0:
            yield {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata,
                "data": {"a": "x" * 200, "b": name},
            }
        elif which == 1:
            container = {"name": "app", "image": f"registry/{name}:1", "env": [{"name": "A", "value": "1"}]}
            template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
            spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
            yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
        else:
            spec = {
                "size": number,
                "note": "y" * 200,
                "parts": [{"name": f"p{n}", "value": n} for n in range(5)],
            }
            api, kind = f"g{which}.example.com/v1", f"Kind{which}"
            yield {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}


def main() -> None:
    parser = argparse.ArgumentParser(prog="providers.kubernetes.loopback", description=__doc__)
    parser.add_argument("kubeconfig", type=Path)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--objects", type=int, default=0)
    parser.add_argument("--kinds", type=int, default=30)
    parser.add_argument("--crowd", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0)
    given = parser.parse_args()
    objects = given.folder or (crowd.made(given.crowd) if given.crowd else made(given.objects, given.kinds))
    with cluster(objects, faults=Faults(delay=given.delay), kubeconfig=given.kubeconfig) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
