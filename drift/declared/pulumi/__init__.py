"""Pulumi: exports and checkpoints of stacks, another dialect of Terraform's types and the clouds' own."""
