"""Captioning: a sentence about a picture, learned from pictures with sentences."""
