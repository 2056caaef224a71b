"""Argo CD: Applications, what makes them, and what they make."""
