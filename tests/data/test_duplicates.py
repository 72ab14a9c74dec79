from __future__ import annotations

from vartai.data.duplicates import Duplicates, count_duplicates


def test_conflicts_are_texts_with_different_sets_of_labels() -> None:
    texts = ["a", "A ", "a", "b", "b", "c"]
    labels = [("1",), ("2",), ("1",), ("x", "y"), ("y", "x"), ("1",)]
    assert count_duplicates(texts, labels) == Duplicates(rows=3, conflicting=1)
    assert count_duplicates(texts, []) == Duplicates(rows=3, conflicting=0)


def test_counts_read_as_sentences() -> None:
    assert Duplicates(0, 0).notes() == []
    assert Duplicates(1, 1).notes() == [
        "1 row repeats the text of an earlier row.",
        "1 text occurs with different labels.",
    ]
    assert Duplicates(1234, 12).notes() == [
        "1,234 rows repeat the text of an earlier row.",
        "12 texts occur with different labels.",
    ]
