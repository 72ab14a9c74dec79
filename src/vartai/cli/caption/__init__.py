"""The verbs of captioning."""
