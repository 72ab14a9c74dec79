"""Packages that nobody here wrote, untouched, before and after `vartai.accelerate`."""
