"""``drift schema``: prints the JSON Schemas of what drift reads and writes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from drift.errors import ConfigError


def schema(
    name: Annotated[str, typer.Argument(help="config, report or preflight.")] = "config",
) -> None:
    """Print a JSON Schema: of drift.yaml, of report.json, or of what preflight prints."""
    import orjson

    from drift import preflight as before
    from drift.config import model as config
    from drift.report import document as reports

    schemas: dict[str, Any] = {
        "config": config.json_schema,
        "report": reports.json_schema,
        "preflight": before.json_schema,
    }
    if name not in schemas:
        raise ConfigError(f"there is no schema {name!r}; there are {', '.join(schemas)}")
    typer.echo(orjson.dumps(schemas[name](), option=orjson.OPT_INDENT_2))
