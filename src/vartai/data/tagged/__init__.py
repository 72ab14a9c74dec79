"""Sentences of words with a tag each: CoNLL-U, CoNLL columns, JSON lines and plain text.

A file is a row of blocks: stretches of lines that hold one sentence, or none. A block remembers its
lines, so that tags can be filled in and everything else written back as it stood.
"""
