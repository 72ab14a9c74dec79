from __future__ import annotations

from collections.abc import Callable

import pytest

from vartai.data.columns import Columns, choose_columns
from vartai.data.options import TableOptions
from vartai.data.tables import open_table
from vartai.errors import InputError

Write = Callable[[str, str | bytes], str]


@pytest.fixture
def choose(write_file: Write) -> Callable[..., Columns]:
    def run(content: str, options: TableOptions, *, need_label: bool = True) -> Columns:
        with open_table(write_file("table.csv", content), options) as table:
            return choose_columns(table, options, need_label=need_label)

    return run


Choose = Callable[..., Columns]
NAMED = "id,review,overall_sentiment,sentiment_confidence\n" + "".join(
    f"{n},what I think of {n * 7},{'pos' if n % 3 else 'neg'},0.{n}\n" for n in range(20)
)


def test_usual_names_are_found_and_noted(choose: Choose) -> None:
    columns = choose(NAMED, TableOptions())
    assert (columns.text, columns.label) == (("review",), "overall_sentiment")
    assert columns.notes == (
        "Column 'overall_sentiment' is read as the label (guessed from its name).",
        "Column 'review' is read as the text (guessed from its name).",
    )


def test_what_was_asked_for_is_taken_without_a_note(choose: Choose) -> None:
    columns = choose(NAMED, TableOptions(text=("id", "review"), label="sentiment_confidence"))
    assert columns == Columns(("id", "review"), "sentiment_confidence", ())


def test_prediction_wants_no_label(choose: Choose) -> None:
    assert choose(NAMED, TableOptions(), need_label=False).label is None


def test_columns_without_names_are_told_by_what_stands_in_them(choose: Choose) -> None:
    content = "".join(f"{'pos' if n % 2 else 'neg'},what I think of {n * 7}\n" for n in range(20))
    columns = choose(content, TableOptions())
    assert (columns.text, columns.label) == (("2",), "1")
    assert all("guessed from the first rows" in note for note in columns.notes)


def test_one_word_texts_are_told_from_their_labels(choose: Choose) -> None:
    content = "".join(f"name{n},{'lt' if n % 2 else 'pl'}\n" for n in range(20))
    columns = choose(content, TableOptions())
    assert (columns.text, columns.label) == (("1",), "2")


def test_a_single_column_is_the_text(choose: Choose) -> None:
    assert choose("labas\nrytas\n", TableOptions(), need_label=False) == Columns(("1",), None, ())
    with pytest.raises(InputError, match="column for the label beside the text, found only '1'"):
        choose("labas\nrytas\n", TableOptions())


def test_two_possible_labels_are_listed_with_what_to_type(choose: Choose) -> None:
    content = "".join(f"what I think of {n * 7},{n % 2},{n % 3}\n" for n in range(20))
    with pytest.raises(
        InputError,
        match=r"cannot tell which column holds the label; found '1' \(what I think of 0\), "
        r"'2' \(0\), '3' \(0\)\. Say which: --label NAME",
    ):
        choose(content, TableOptions())


def test_parallel_texts_are_not_taken_for_text_and_label(choose: Choose) -> None:
    content = "".join(f"what I think of {n},ką galvoju apie {n}\n" for n in range(20))
    with pytest.raises(InputError, match="cannot tell which column holds the text"):
        choose(content, TableOptions())


def test_a_missing_column_lists_those_there_and_the_nearest(choose: Choose) -> None:
    with pytest.raises(
        InputError,
        match=r"table\.csv: expected a column 'reviews', found 'id', 'review', "
        r"'overall_sentiment', 'sentiment_confidence'\. Did you mean 'review'\?",
    ):
        choose(NAMED, TableOptions(text=("reviews",)))
    with pytest.raises(InputError, match="expected a column 'label', found"):
        choose(NAMED, TableOptions(label="label"), need_label=False)
