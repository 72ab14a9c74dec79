"""From scores to sequences: transforms of scores, stopping, greedy choice, sampling, beams.

Nothing here knows a model: whatever can be stepped (`vartai.decoding.step`) can be decoded.
"""
