"""Terraform: what its states hold and what its configuration says of ``ignore_changes``."""
