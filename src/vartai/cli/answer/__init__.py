"""The verbs of answering questions."""
