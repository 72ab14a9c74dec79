"""What a unit means: labels on tokens, units ranked by them, probes, and what a unit causes."""
