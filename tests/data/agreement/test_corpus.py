"""The generated corpus of agreement."""

from __future__ import annotations

from pathlib import Path

from vartai.data.agreement import as_sentences, generate_agreement, write_conllu
from vartai.data.agreement.lexicon import INDECLINABLE
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import read_sentences


def test_the_same_seed_gives_the_same_sentences_and_another_seed_others() -> None:
    assert generate_agreement(20, seed=1) == generate_agreement(20, seed=1)
    assert generate_agreement(20, seed=1) != generate_agreement(20, seed=2)


def test_every_adjective_agrees_with_the_subject() -> None:
    for sentence in generate_agreement(200, seed=0):
        found = {(word.gender, word.number) for word in sentence if word.gender}
        assert len(found) == 1


def test_a_word_that_shows_nothing_occurs_with_every_gender_and_number() -> None:
    sentences = generate_agreement(500, seed=0)
    for form in INDECLINABLE:
        found = {(w.gender, w.number) for each in sentences for w in each if w.form == form}
        assert len(found) == 4


def test_held_out_nouns_are_never_in_training() -> None:
    def nouns(*, held_out: bool) -> set[str]:
        sentences = generate_agreement(300, seed=0, held_out=held_out)
        return {
            word.form.lower()
            for sentence in sentences
            for word in sentence
            if word.upos == "NOUN" and word.gender
        }

    assert len(nouns(held_out=True) - nouns(held_out=False)) == 8


def test_what_is_written_as_conllu_is_read_back(tmp_path: Path) -> None:
    made = generate_agreement(30, seed=3)
    file = tmp_path / "made.conllu"
    file.write_text(write_conllu(made), encoding="utf-8")
    read, rejects, _ = read_sentences(
        str(file), TaggedOptions(column="feats:Gender"), need_tags=True
    )
    assert len(rejects) == 0
    expected = as_sentences(made, tag="gender")
    assert [row[1:] for row in read.rows] == [row[1:] for row in expected]
