"""Translation: a text in one language to a text in another, learned from pairs of sentences."""
