"""`python -m drift` is `drift`."""

from __future__ import annotations

from drift.cli.console import main

if __name__ == "__main__":
    main()
