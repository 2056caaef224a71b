"""One file a command: its options, and what it does with them; what is heavy is imported when it runs."""
