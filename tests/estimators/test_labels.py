from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from vartai import InputError
from vartai.estimators.labels import read_labels


@pytest.mark.parametrize(
    ("values", "classes", "dtype"),
    [
        (["b", "a", "b"], ["a", "b"], "<U1"),
        ([10, 2, 10], [2, 10], "int64"),
        ([True, False], [False, True], "bool"),
        (np.array([3, 1], dtype=np.int8), [1, 3], "int8"),
        (np.array(["b", "a"], dtype=object), ["a", "b"], "object"),
        (pd.Series([1, 0], dtype="int32", index=[5, 5]), [0, 1], "int32"),
        (pd.DataFrame({"label": [1, 0]}), [0, 1], "int64"),
        (pl.Series([1, 0], dtype=pl.Int16), [0, 1], "int16"),
        (pa.array([True, False]), [False, True], "bool"),
    ],
)
def test_classes_are_sorted_and_keep_their_type(
    values: object, classes: list[object], dtype: str
) -> None:
    found = read_labels(values, separator=None)
    assert found.classes.tolist() == classes
    assert found.classes.dtype == np.dtype(dtype)


def test_labels_are_spelled_as_in_a_table() -> None:
    assert read_labels([True, False], separator=None).rows == [("true",), ("false",)]
    assert read_labels([10, 2], separator=None).names == ("2", "10")


def test_several_labels_come_as_collections_or_in_one_text() -> None:
    values = [["b", "a"], ("a",), {"c", "b"}, set(), "b; c ;b"]
    found = read_labels(values, separator=";")
    assert found.rows == [("b", "a"), ("a",), ("b", "c"), (), ("b", "c")]
    assert found.classes.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("values", "separator", "message"),
    [
        (None, None, "y: requires y to be passed, but the target y is None"),
        (["a", None], None, r"y\[1\]: expected a class label .*, found NoneType None"),
        (["a", " "], None, r"y\[1\]: expected a class label .*, found ' '"),
        ([1.0, 2.0], None, r"y\[0\]: .*found float 1.0; a continuous target"),
        ([1, float("nan")], None, r"y\[1\]: .*found float nan$"),
        (["a", 1], None, r"y\[1\]: expected one kind.*whole number 1 after a text"),
        ([1, True], None, r"y\[1\]: expected one kind.*truth value True after a whole number"),
        ([("a", "b")], None, r"y\[0\]: .*for several labels a text give label_separator"),
        ([1, 2], ";", r"y\[0\]: expected a list, tuple or set of labels, .* found int 1"),
        ([{"a;b"}], ";", r"y\[0\]: label 'a;b' holds the label_separator ';'"),
        (["a;;b"], ";", r"y\[0\]: expected a class label .*, found ''"),
        ([["a"], [1]], ";", r"y\[1\]: expected one kind"),
        (np.eye(2, dtype=int), None, "y: expected one column, found 2"),
    ],
)
def test_what_is_no_label_is_named_by_its_position(
    values: object, separator: str | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_labels(values, separator=separator)
