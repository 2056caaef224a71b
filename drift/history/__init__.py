"""What is remembered from run to run: a database of runs, coverage, findings and their values.

Nothing here imports SQLAlchemy before a history is opened."""
