"""Keeps what does not fit in memory: live and declared resources on disk."""
