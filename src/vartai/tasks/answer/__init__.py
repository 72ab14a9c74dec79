"""Answering questions: a part of a passage, or one word over a story."""
