"""Text classification, as it is typed and told."""
