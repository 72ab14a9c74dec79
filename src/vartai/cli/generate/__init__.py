"""Language models, as they are typed and told."""
