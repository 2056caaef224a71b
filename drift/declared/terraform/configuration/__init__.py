"""Terraform's configuration as Git says it: parsed, evaluated as far as files and a state tell, and joined
with the state."""
