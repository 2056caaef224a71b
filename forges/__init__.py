"""Where repositories live and pull requests are opened, one file each; all are found through entry points."""
