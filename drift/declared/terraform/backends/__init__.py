"""Backends that belong to no cloud: HTTP, HCP Terraform and Terraform Enterprise, Consul, PostgreSQL."""
