"""Resource records as files: snapshots and baselines."""
