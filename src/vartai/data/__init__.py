"""Files of texts to checked examples and batches; what cannot be used is counted and kept."""
