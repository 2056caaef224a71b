"""Pairs what is declared with what is live."""
