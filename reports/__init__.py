"""Report formats, one file each, found through the entry points ``drift.renderers``."""
