"""Published corpora are read whole: as many sentences and words as their publishers count."""

from __future__ import annotations

from pathlib import Path

import pytest

from vartai.data.tagged.files import open_tagged
from vartai.data.tagged.filling import fill_tags
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import read_sentences


@pytest.mark.parametrize(
    ("file", "sentences", "words"),
    [
        ("ud_english_ewt/en_ewt-ud-dev.conllu.gz", 2_001, 25_147),
        ("ud_lithuanian_alksnis/lt_alksnis3-orig-test.conllu.gz", 684, 10_846),
        ("conll2000/conll2000.zip/conll2000/test.txt", 2_012, 47_377),
    ],
    ids=["EWT", "ALKSNIS", "CoNLL-2000"],
)
def test_every_sentence_and_word_is_read(
    data_dir: Path, file: str, sentences: int, words: int
) -> None:
    found, rejects, _ = read_sentences(str(data_dir / file), TaggedOptions(), need_tags=True)
    assert (len(found), found.words, len(rejects)) == (sentences, words, 0)


def test_the_tags_that_stand_there_written_back_give_the_same_file(data_dir: Path) -> None:
    path = data_dir / "ud_lithuanian_alksnis" / "lt_alksnis3-orig-test.conllu.gz"
    options = TaggedOptions(column="feats:Gender")
    with open_tagged(str(path), options, need_tags=True) as file:
        for block in file.blocks():
            before = "".join(line.text + line.end for line in block.lines)
            tags = () if block.sentence is None else block.sentence.tags
            assert fill_tags(file, block, tags).decode() == before
