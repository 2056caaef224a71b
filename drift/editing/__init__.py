"""Changes texts by position: what is not changed stays as it is, byte for byte."""
