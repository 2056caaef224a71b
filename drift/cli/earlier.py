"""The command line as it would have run at a moment that is over, for the demo: ``python -m drift.cli.earlier
MOMENT COMMAND…``."""

from __future__ import annotations

import sys
from datetime import datetime

from drift.cli.console import main
from drift.moment import now, set_back

if __name__ == "__main__":
    set_back(now() - datetime.fromisoformat(sys.argv.pop(1)))
    main()
