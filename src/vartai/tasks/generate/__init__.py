"""A language model: text in, the text that may follow out."""
