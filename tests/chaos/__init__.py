"""Whole live scans, with history, outbox and checkpoints, that are disturbed at any moment."""
