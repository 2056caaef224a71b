"""Each call that a run, and what comes before and after it, makes; and what becomes of it when it fails."""
