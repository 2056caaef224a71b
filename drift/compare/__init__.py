"""Compares one declared resource with its live one."""
