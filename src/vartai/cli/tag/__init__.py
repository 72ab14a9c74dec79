"""Tagging, as it is typed and told."""
