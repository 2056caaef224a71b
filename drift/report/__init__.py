"""The report of a run: the document, its evidence and its folder."""
