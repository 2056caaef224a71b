"""The history, on SQLite and on PostgreSQL."""
