"""Ways to tell people, and machines, of a run, one file each; all are found through entry points."""
