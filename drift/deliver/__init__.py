"""Tells people of a run once its report is written: whom, when, by which channel, and again if it failed."""
