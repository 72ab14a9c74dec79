"""Speed and scores, measured; see docs/results."""
