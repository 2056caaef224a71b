"""Malformed input for every reader: 2,000 files in each run of the tests, as many as time allows by hand."""
