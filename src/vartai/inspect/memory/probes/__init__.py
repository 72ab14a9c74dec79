"""Probes: small generated tasks that cannot be done without remembering for a known time."""
