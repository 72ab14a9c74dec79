"""Where cells run: the readable definitions, and the one door to every faster path."""
