"""drift.yaml and the words of its rules: read, checked, with file, line and key in every error."""
