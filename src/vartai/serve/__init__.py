"""The HTTP application: what this machine's browser may ask, and who may ask at all."""
