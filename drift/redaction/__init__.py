"""Hides secrets at the edge: by what is known of a path, by name, by look."""
