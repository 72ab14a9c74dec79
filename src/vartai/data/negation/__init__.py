"""A generated English and Lithuanian corpus in which only order and negation decide the label."""

from vartai.data.negation.corpus import NegationCorpus, generate_corpus
from vartai.data.negation.sampling import Sentence

__all__ = ["NegationCorpus", "Sentence", "generate_corpus"]
