from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from vartai.data.examples import (
    Example,
    Examples,
    iter_examples,
    read_examples,
    require_enough,
)
from vartai.data.options import TableOptions
from vartai.data.rejects import Rejection
from vartai.errors import InputError

Write = Callable[[str, str | bytes], str]
MIXED = b"text,label\ngood one,pos\n,neg\nno label,\nb\xffd,neg\na,b,c\nbad one,neg\nlast,pos\n"


def test_good_rows_and_rejected_rows_add_up(write_file: Write) -> None:
    path = write_file("a.csv", MIXED)
    examples, rejects, notes = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    assert examples == Examples(
        file=path,
        texts=["good one", "bad one", "last"],
        labels=[("pos",), ("neg",), ("pos",)],
        lines=[2, 7, 8],
    )
    assert [(item.line, item.column, item.reason) for item in rejects] == [
        (3, "text", "empty text"),
        (4, "label", "missing label"),
        (5, None, "undecodable byte"),
        (6, None, "wrong number of fields"),
    ]
    assert next(iter(rejects)).raw == '{"text": "", "label": "neg"}'
    assert len(notes) == 3


def test_a_stream_keeps_order_with_rejections_in_place(write_file: Write) -> None:
    stream = iter_examples(
        write_file("a.csv", MIXED), TableOptions(), fix_text=False, need_label=False
    )
    chunks = list(stream.chunks(3))
    assert [len(chunk) for chunk in chunks] == [3, 3, 1]
    items = [item for chunk in chunks for item in chunk]
    assert [item.line for item in items] == list(range(2, 9))
    assert items[2] == Example(4, "no label", ())
    assert [isinstance(item, Rejection) for item in items].count(True) == 3


def test_a_text_of_ten_megabytes_is_one_rejection(write_file: Write) -> None:
    path = write_file("a.csv", "text,label\nshort,1\n" + "x" * 10_000_000 + ",0\nend,1\n")
    examples, rejects, _ = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    assert examples.lines == [2, 4]
    assert [item.reason for item in rejects] == ["line too long"]
    path = write_file("b.csv", "text,label\nshort,1\n" + "x" * 2_000_000 + ",0\nend,1\n")
    examples, rejects, _ = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    assert examples.lines == [2, 4]
    assert [item.reason for item in rejects] == ["text too long"]
    assert all(len(item.raw) <= 1_000 for item in rejects)


def test_misdecoded_texts_are_reported_and_mended_on_request(write_file: Write) -> None:
    path = write_file("a.csv", "text,label\nPrieÅ¡ paskaitÄ…,1\ngerai,0\nkrypÄiai,1\n")
    examples, _, notes = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    assert examples.texts[0] == "PrieÅ¡ paskaitÄ…"
    assert any("2 texts were decoded with the wrong encoding" in note for note in notes)
    examples, _, notes = read_examples(path, TableOptions(), fix_text=True, need_label=True)
    assert examples.texts == ["Prieš paskaitą", "gerai", "krypÄiai"]
    assert any("1 text was decoded with the wrong encoding and mended" in note for note in notes)
    assert any("cannot be mended whole, and stay as they were: line 4" in note for note in notes)


def test_too_few_usable_rows_stop_the_run_with_reasons(write_file: Write) -> None:
    path = write_file("a.csv", "text,label\n,1\n,0\ngood,1\n,1\n")
    examples, rejects, _ = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    with pytest.raises(
        InputError,
        match=r"expected usable rows, found 1 of 4 \(3 × empty text\); the first: .*line 2",
    ):
        require_enough(examples, rejects)
    path = write_file("b.csv", "text,label\n,1\ngood,1\n")
    require_enough(*read_examples(path, TableOptions(), fix_text=False, need_label=True)[:2])


def test_a_header_alone_is_no_table(write_file: Write) -> None:
    path = write_file("a.csv", "text,label\n")
    examples, rejects, _ = read_examples(path, TableOptions(), fix_text=False, need_label=True)
    with pytest.raises(InputError, match="expected usable rows, found 0 of 0"):
        require_enough(examples, rejects)


def test_examples_can_be_taken_by_place() -> None:
    examples = Examples("a", ["x", "y", "z"], [("1",), ("2",), ("3",)], [1, 2, 3])
    assert examples.take([2, 0]) == Examples("a", ["z", "x"], [("3",), ("1",)], [3, 1])
    assert Examples("a", ["x"], [], [1]).take([0]).labels == []


def test_prediction_streams_in_constant_memory(write_file: Write) -> None:
    path = write_file("a.tsv", "some words here\t1\n" * 60_000)
    stream = iter_examples(
        path, TableOptions(text=("1",), header=False), fix_text=False, need_label=False
    )
    tracemalloc.start()
    count = sum(len(chunk) for chunk in stream.chunks(500))
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert top < 8_000_000


@pytest.mark.parametrize(
    ("name", "rows", "labels", "rejected"),
    [
        ("sst2/train.tsv", 6_920, 2, 0),
        ("trec/TREC.train.all", 5_451, 6, 1),
        ("trec/TREC.test.all", 500, 6, 0),
        ("airline_tweets/Tweets.csv.gz", 14_640, 3, 0),
        ("imdb/train.csv.gz", 24_996, 2, 0),
    ],
)
def test_public_data_sets_are_read_by_guessing(
    data_dir: Path, name: str, rows: int, labels: int, rejected: int
) -> None:
    examples, rejects, notes = read_examples(
        str(data_dir / name), TableOptions(), fix_text=False, need_label=True
    )
    assert (len(examples), len(set(examples.labels)), len(rejects)) == (rows, labels, rejected)
    assert notes


def test_the_lithuanian_genres_need_to_be_told_which_column_is_the_label(data_dir: Path) -> None:
    path = str(data_dir / "ud_lithuanian_alksnis" / "genre_by_sentence.tsv.gz")
    with pytest.raises(InputError, match=r"'2' \(dev\), '3' \(administraciniai.*--label NAME"):
        iter_examples(path, TableOptions(), fix_text=False, need_label=True)
    options = TableOptions(label="3")
    examples, rejects, _ = read_examples(path, options, fix_text=False, need_label=True)
    assert (len(examples), len(set(examples.labels)), len(rejects)) == (3_642, 5, 0)


def test_latin_1_makes_the_whole_of_trec_readable(data_dir: Path) -> None:
    examples, rejects, _ = read_examples(
        str(data_dir / "trec" / "TREC.train.all"),
        TableOptions(encoding="latin-1"),
        fix_text=False,
        need_label=True,
    )
    assert (len(examples), len(rejects)) == (5_452, 0)


def test_names_of_any_script_are_lines(data_dir: Path) -> None:
    examples, rejects, _ = read_examples(
        str(data_dir / "names_by_language" / "Polish.txt"),
        TableOptions(),
        fix_text=False,
        need_label=False,
    )
    assert (len(examples), len(rejects)) == (139, 0)
    assert "Żuraw" in examples.texts
