"""``drift engine``: what a scan on many machines needs."""

from __future__ import annotations

from typing import Annotated

import typer

from drift.cli.terminal import say

app = typer.Typer(help="What a scan on many machines needs (docs/engine.md).", no_args_is_help=True)


@app.callback()
def _only_with_a_command() -> None:
    """Keeps the one command a command."""


@app.command()
def manifests(
    shared: Annotated[
        str,
        typer.Option(
            "--shared",
            help="Where the volume is mounted, here too; or an object store (s3://BUCKET/FOLDER).",
            metavar="DIR",
        ),
    ] = "/var/lib/drift/shared",
    claim: Annotated[
        str, typer.Option("--claim", help="Claim of a volume that many pods may mount.")
    ] = "drift-shared",
    key_secret: Annotated[
        str, typer.Option("--key-secret", help="Secret that has DRIFT_REDACTION_KEY.")
    ] = "drift",
    namespace: Annotated[str, typer.Option("-n", "--namespace")] = "drift",
    workers: Annotated[int, typer.Option("--workers", min=1, help="So many of them.")] = 2,
    image: Annotated[
        str, typer.Option("--image", help="One that has this version of drift with its extra `dask`.")
    ] = "",
    tls_secret: Annotated[
        str,
        typer.Option("--tls-secret", help="A Secret with ca.crt, tls.crt and tls.key. Default: a new one."),
    ] = "",
    days: Annotated[int, typer.Option("--days", min=1, help="How long a new certificate holds.")] = 90,
    scanner: Annotated[
        str, typer.Option("--scanner", help="Label app.kubernetes.io/name of the pods that scan.")
    ] = "drift",
) -> None:
    """Print Kubernetes manifests of a Dask scheduler and its workers, for a person to apply."""
    import yaml

    from drift import __version__
    from drift.engine.manifests import Wanted, configuration
    from drift.engine.manifests import manifests as made

    named = image or f"ghcr.io/driftline/drift:{__version__}"
    wanted = Wanted(namespace, workers, named, claim, shared, key_secret, tls_secret, days, scanner)
    lines = yaml.safe_dump(configuration(wanted), sort_keys=False).splitlines()
    say("\n".join(["# In drift.yaml:", *(f"#   {line}" for line in lines)]))
    say(yaml.safe_dump_all(made(wanted), sort_keys=False, explicit_start=True, width=110).rstrip())
