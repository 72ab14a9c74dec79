"""Looking inside a model: every gate, what is remembered, what a unit means.

Nothing is imported here before it is asked for.
"""
