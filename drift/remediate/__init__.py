"""Turns findings into pull requests: what is to happen to each, the edit, its proof, and the forge."""
