"""Terragrunt's configuration as Git says it: units, what they include, and the inputs of their modules."""
