"""How good translations are, in the words that others use: BLEU and chrF by sacreBLEU, signed.

A BLEU without its signature means nothing: tokenisation and case alone move it by several points
(Post 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from vartai.errors import InputError


@dataclass(frozen=True)
class TranslationScores:
    """Of translations of a whole set, from 0 to 100.

    Args:
        bleu: mixed case, tokenised by sacreBLEU itself, of plain text.
        bleu_signature: how it was counted.
        chrf: F score of character sixgrams (Popović 2015).
        chrf_signature: how it was counted.
    """

    bleu: float
    bleu_signature: str
    chrf: float
    chrf_signature: str


def score_translations(translations: Sequence[str], references: Sequence[str]) -> TranslationScores:
    """Score translations against one reference each.

    Raises:
        InputError: there are none, or not as many of both.
    """
    if len(translations) != len(references) or not references:
        raise InputError(
            f"expected a reference for each translation, found {len(translations):,} translations "
            f"and {len(references):,} references"
        )
    bleu, chrf = BLEU(), CHRF()
    found = [metric.corpus_score(translations, [references]) for metric in (bleu, chrf)]
    return TranslationScores(
        bleu=float(found[0].score),
        bleu_signature=str(bleu.get_signature()),
        chrf=float(found[1].score),
        chrf_signature=str(chrf.get_signature()),
    )


def sentence_chrf(translation: str, reference: str) -> float:
    """Score one translation by chrF, from 0 to 100; of single sentences it says more than BLEU."""
    return float(CHRF().sentence_score(translation, [reference]).score)
