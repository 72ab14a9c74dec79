from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vartai.data.options import TableOptions
from vartai.data.summary import summarise_table
from vartai.errors import InputError

Write = Callable[[str, str | bytes], str]


def test_a_table_is_summed_up(write_file: Write) -> None:
    path = write_file("a.csv", "text,label\nab,pos\nAB,neg\nabcd,pos\n,pos\nabcdef,Pos\nx,y,z\n")
    summary, rejects = summarise_table(path, TableOptions(), fix_text=False)
    assert summary.rows == 4
    assert summary.labels == {"pos": 2, "neg": 1, "Pos": 1}
    assert summary.characters == {0.0: 2, 0.25: 2, 0.5: 2, 0.75: 4, 0.95: 6, 1.0: 6}
    assert (summary.repeated_rows, summary.conflicting_texts) == (1, 1)
    assert summary.rejected == {"empty text": 1, "wrong number of fields": 1} == rejects.counts()
    assert len(summary.first_rejections) == 2
    assert "The labels 'Pos' and 'pos' differ in case or blanks only." in summary.notes
    assert "1 text occurs with different labels." in summary.notes


def test_a_table_without_label_is_summed_up_with_a_note(write_file: Write) -> None:
    summary, _ = summarise_table(write_file("a.txt", "one\ntwo\n"), TableOptions(), fix_text=False)
    assert summary.label_column is None
    assert summary.labels == {}
    assert summary.notes[0].startswith("No label: expected a column for the label")


def test_a_column_that_was_asked_for_and_is_absent_is_an_error(write_file: Write) -> None:
    path = write_file("a.csv", "text,label\na,1\nb,0\n")
    with pytest.raises(InputError, match=r"expected a column 'labl', .*Did you mean 'label'\?"):
        summarise_table(path, TableOptions(label="labl"), fix_text=False)


def test_the_tweets_repeat_themselves_and_disagree(data_dir: Path) -> None:
    path = str(data_dir / "airline_tweets" / "Tweets.csv.gz")
    summary, _ = summarise_table(path, TableOptions(), fix_text=False)
    assert (summary.text_columns, summary.label_column) == (("text",), "airline_sentiment")
    assert summary.repeated_rows >= 213
    assert summary.conflicting_texts > 0
