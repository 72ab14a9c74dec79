"""Pairs from tables and from two files: aligned or refused, nothing lost, nothing shifted."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from vartai.data.pair_options import PairOptions
from vartai.data.parallel import Parallel, read_parallel, require_enough_pairs, split_parallel
from vartai.errors import InputError, OptionError

OPTIONS = PairOptions()


def two_files(folder: Path, left: bytes, right: bytes) -> list[str]:
    names = [folder / "pairs.en", folder / "pairs.lt"]
    for name, content in zip(names, (left, right), strict=True):
        name.write_bytes(content)
    return [str(name) for name in names]


def test_line_by_line_and_a_table_give_the_same_pairs(tmp_path: Path) -> None:
    files = two_files(tmp_path, b"one cat\ntwo\n", "viena katė\ndu\n".encode())
    table = tmp_path / "pairs.tsv"
    table.write_text("en\tlt\none cat\tviena katė\ntwo\tdu\n", encoding="utf-8")
    from_files, _, _ = read_parallel(files, OPTIONS)
    from_table, _, notes = read_parallel([str(table)], PairOptions(header=True))
    assert from_files.sources == from_table.sources == ["one cat", "two"]
    assert from_files.targets == from_table.targets == ["viena katė", "du"]
    assert "Column 'en' is read as the source, 'lt' as the target." in notes


def test_columns_are_taken_by_name_from_many(tmp_path: Path) -> None:
    table = tmp_path / "pairs.jsonl"
    table.write_text('{"id": 1, "de": "Hund", "en": "dog"}\n', encoding="utf-8")
    options = PairOptions(source="en", target="de")
    pairs, _, _ = read_parallel([str(table)], options)
    assert (pairs.sources, pairs.targets, pairs.lines) == (["dog"], ["Hund"], [1])


def test_many_columns_without_names_are_listed(tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("id,en,de\n1,dog,Hund\n", encoding="utf-8")
    told = r"found 'id', 'en', 'de'\. Say which: --source NAME --target NAME"
    with pytest.raises(InputError, match=told):
        read_parallel([str(table)], PairOptions(header=True))


def test_one_name_of_two_decides_the_other(tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("de,en\nHund,dog\n", encoding="utf-8")
    pairs, _, _ = read_parallel([str(table)], PairOptions(header=True, source="en"))
    assert (pairs.sources, pairs.targets) == (["dog"], ["Hund"])


def test_a_misspelt_column_is_told_with_the_nearest(tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("english,deutsch\ndog,Hund\n", encoding="utf-8")
    with pytest.raises(InputError, match="expected a column 'englisch', .* Did you mean 'english'"):
        read_parallel([str(table)], PairOptions(source="englisch", header=True))


@pytest.mark.parametrize("longer", [0, 1])
def test_files_that_are_not_aligned_are_told_with_both_counts(tmp_path: Path, longer: int) -> None:
    sides = [b"a\nb\n", b"c\nd\n"]
    sides[longer] += b"e\nf\ng\n"
    counts = ("5 in .*pairs.en and 2 in .*pairs.lt", "2 in .*pairs.en and 5 in .*pairs.lt")[longer]
    with pytest.raises(InputError, match=rf"{counts}; from line 3 on, .* has no partner"):
        read_parallel(two_files(tmp_path, *sides), OPTIONS)


def test_a_blank_side_is_rejected_in_its_place_and_shifts_nothing(tmp_path: Path) -> None:
    files = two_files(tmp_path, b"a\n\nc\nd\n", b"1\n2\n  \n4\n")
    pairs, rejects, _ = read_parallel(files, OPTIONS)
    assert (pairs.sources, pairs.targets) == (["a", "d"], ["1", "4"])
    assert pairs.lines == [1, 4]
    assert [(one.file, one.line, one.reason) for one in rejects] == [
        (files[0], 2, "empty text"),
        (files[1], 3, "empty text"),
    ]
    assert [one.raw for one in rejects] == ["\t2", "c\t  "]


def test_blank_lines_at_an_end_are_lines(tmp_path: Path) -> None:
    pairs, rejects, _ = read_parallel(two_files(tmp_path, b"a\nb\n", b"1\n\n"), OPTIONS)
    assert (len(pairs), len(rejects)) == (1, 1)


def test_a_byte_that_is_no_text_costs_one_pair(tmp_path: Path) -> None:
    pairs, rejects, _ = read_parallel(
        two_files(tmp_path, b"a\ncaf\xe9\nc\n", b"1\n2\n3\n"), OPTIONS
    )
    assert pairs.lines == [1, 3]
    [rejected] = rejects
    assert (rejected.line, rejected.reason) == (2, "undecodable byte")


def test_compressed_files_are_read_too(tmp_path: Path) -> None:
    names = [tmp_path / "t.en.gz", tmp_path / "t.de.gz"]
    for name, text in zip(names, ("a\nb\n", "c\nd\n"), strict=True):
        name.write_bytes(gzip.compress(text.encode()))
    pairs, _, _ = read_parallel([str(name) for name in names], OPTIONS)
    assert pairs.targets == ["c", "d"]


def test_three_files_are_not_pairs() -> None:
    with pytest.raises(OptionError, match="a table of pairs, or two files .*; 3 files were given"):
        read_parallel(["a", "b", "c"], OPTIONS)


def test_too_few_usable_pairs_stop_the_run(tmp_path: Path) -> None:
    pairs, rejects, _ = read_parallel(two_files(tmp_path, b"a\n\n\n", b"1\n2\n3\n"), OPTIONS)
    with pytest.raises(InputError, match=r"found 1 of 3 \(2 × empty text\); the first: "):
        require_enough_pairs(pairs, rejects)


def test_equal_sources_stay_on_one_side_of_a_split() -> None:
    sources = [f"text {place % 20}" for place in range(100)]
    pairs = Parallel("made", sources, [f"T{place}" for place in range(100)], list(range(100)))
    parts = split_parallel(pairs, fractions=(0.5, 0.3, 0.2), seed=1)
    sides = [set(part.sources) for part in parts]
    assert sum(map(len, parts)) == 100
    assert len(set().union(*sides)) == sum(map(len, sides))
    for part in parts:
        assert [pairs.targets[line] for line in part.lines] == part.targets


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"source": "en", "target": "en"}, "column 'en' cannot be both source and target"),
        ({"format": "lines"}, "format lines has no two columns"),
        ({"valid_share": 0.6}, "valid_share must be above 0 and below 0.5"),
        ({"delimiter": '"'}, "delimiter must be one character"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(OptionError, match=told):
        PairOptions(**options)  # type: ignore[arg-type]
