"""How good captions are, in the words that others use: BLEU-1 to BLEU-4 and chrF by sacreBLEU.

A picture may have several references, and not each as many. Case is folded on both sides, as
captions are written without it; punctuation stays and is cut off by sacreBLEU's own tokeniser.
BLEU-n counts n-grams up to n: the cumulative score, which papers on captions report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from vartai.errors import InputError

ORDERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class CaptionScores:
    """Of captions of a whole set of pictures.

    Args:
        bleu: BLEU-1 to BLEU-4, from 0 to 100.
        bleu_signature: how BLEU-4 was counted; the others have fewer orders and are the same else.
        chrf: F score of runs of one to six characters (Popović 2015), from 0 to 100. Not METEOR.
        chrf_signature: how it was counted.
        exact: share of captions that are one of their references, but for case and spaces.
    """

    bleu: tuple[float, ...]
    bleu_signature: str
    chrf: float
    chrf_signature: str
    exact: float


def score_captions(captions: Sequence[str], references: Sequence[Sequence[str]]) -> CaptionScores:
    """Score captions against one reference or several each.

    Raises:
        InputError: there are none, or not as many of both, or a picture has no reference.
    """
    if len(captions) != len(references) or not references or not all(references):
        raise InputError(
            f"expected references for each caption, found {len(captions):,} captions and "
            f"references of {sum(map(bool, references)):,} pictures"
        )
    most = max(map(len, references))
    # sacreBLEU has streams of references, and None where a picture has no further one.
    streams: Any = [[own[n] if n < len(own) else None for own in references] for n in range(most)]
    # Not a word about captions that end in a full stop: they are meant as they stand.
    metrics = [BLEU(lowercase=True, max_ngram_order=order, force=True) for order in ORDERS]
    chrf = CHRF(lowercase=True)
    bleu = tuple(float(metric.corpus_score(captions, streams).score) for metric in metrics)
    found = float(chrf.corpus_score(captions, streams).score)
    return CaptionScores(
        bleu=bleu,
        bleu_signature=str(metrics[-1].get_signature()),
        chrf=found,
        chrf_signature=str(chrf.get_signature()),
        exact=sum(map(is_exact, captions, references)) / len(captions),
    )


def is_exact(caption: str, references: Sequence[str]) -> bool:
    """Whether a caption is one of the references, but for case and spaces.

    >>> is_exact("a dog.", ["Two cats .", "A dog ."])
    True
    """
    return _folded(caption) in map(_folded, references)


def _folded(text: str) -> str:
    return "".join(text.lower().split())


def caption_chrf(caption: str, references: Sequence[str]) -> float:
    """Score one caption by chrF, from 0 to 100; of single sentences it says more than BLEU."""
    return float(CHRF(lowercase=True).sentence_score(caption, list(references)).score)
