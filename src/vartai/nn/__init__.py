"""Layers: numbers in, modules out."""
