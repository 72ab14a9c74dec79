"""How far back layers and models remember: gradients by distance, and probes that must remember."""
