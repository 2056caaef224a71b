"""``drift report``: renders an earlier run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drift.cli.options import FormatOption, OutOption
from drift.cli.terminal import rendered, say
from drift.errors import ConfigError


def report(
    run: Annotated[str, typer.Argument(help="A run's id, `latest`, its URL, or a report.json.")] = "latest",
    format: FormatOption = None,
    output: OutOption = None,
) -> None:
    """Render an earlier run again. Default: to standard output."""
    from drift import plugins
    from drift.cli.places import placed
    from drift.files import writable
    from drift.report import runs, stored

    place = placed(output, format)
    if not place.formats or (len(place.formats) > 1 and place.folder is None):
        there = ", ".join(plugins.names("renderers"))
        several = "; several need a folder: -o DIR" if place.formats else ""
        raise ConfigError(f"report: name one format with -f: {there}{several}")
    document = runs.find(stored.here(run))
    with runs.as_written(run):
        if place.file is None and place.folder is None:
            rendered(runs.rendering(document, place.formats[0]))
            return
        folder = place.folder or Path()
        if place.folder:
            writable(folder)
        for name in place.formats:
            file = place.file or folder / f"report.{plugins.renderer(name).suffix}"
            say(str(runs.render(document, name, file)))
