"""Small files of tagged sentences, and how a tagger is trained on them in a blink."""

from __future__ import annotations

from pathlib import Path

from vartai.data.agreement import generate_agreement, write_conllu

SMALL_TAGGER = ["--hidden-size", "8", "--embedding-size", "8", "--character-size", "6"]
SMALL_TAGGER += ["--epochs", "1", "--device", "cpu", "--min-frequency", "1"]


def write_corpus(path: Path, count: int = 60, *, seed: int = 0) -> Path:
    """Sentences as CoNLL-U."""
    path.write_text(write_conllu(generate_agreement(count, seed=seed)), encoding="utf-8")
    return path


def write_columns(path: Path, count: int = 30) -> Path:
    """Sentences in columns: word, part of speech, chunk."""
    rows = "the DT B-NP\ncat{n} NN I-NP\nruns VBZ B-VP\n\n"
    path.write_text("".join(rows.format(n=n) for n in range(count)), encoding="utf-8")
    return path
