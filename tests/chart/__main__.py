"""Writes what of the chart is made: the rules of its roles, and what it renders for each file of values,
to be reviewed: ``python -m tests.chart HELM``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.chart import render, rules

if __name__ == "__main__":
    rules.FILE.write_text(rules.text(), encoding="utf-8")
    for values in render.VALUES:
        golden = render.HERE / "golden" / values.name
        golden.write_text(render.text(Path(sys.argv[1]), values), encoding="utf-8")
