"""A generated corpus in which words agree: gender and number, decided by endings and from afar."""

from __future__ import annotations

from vartai.data.agreement.corpus import as_sentences, generate_agreement, write_conllu

__all__ = ["as_sentences", "generate_agreement", "write_conllu"]
