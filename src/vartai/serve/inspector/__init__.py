"""The page on which a model is looked into: what it asks, what it is answered, how it looks."""
