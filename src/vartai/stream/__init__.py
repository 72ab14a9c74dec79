"""A trained model that is fed as text comes: its state is kept, and nothing is read twice.

`open_stream` gives the stream of a classifier, a tagger or a language model; `push_together` steps
many of them as one batch.
"""
