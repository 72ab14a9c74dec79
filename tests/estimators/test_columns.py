from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from vartai import InputError
from vartai.estimators.columns import read_column

VALUES = ["vienas", "du", "trys"]
HOLDERS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "numpy text": np.array,
    "numpy object": lambda values: np.array(values, dtype=object),
    "numpy column": lambda values: np.array(values).reshape(-1, 1),
    "pandas series": pd.Series,
    "pandas series of another index": lambda values: pd.Series(values, index=[7, 7, 0]),
    "pandas categories": lambda values: pd.Series(values, dtype="category"),
    "pandas frame": lambda values: pd.DataFrame({"column": values}, index=[7, 7, 0]),
    "polars series": pl.Series,
    "polars frame": lambda values: pl.DataFrame({"column": values}),
    "arrow array": pa.array,
    "arrow chunked array": lambda values: pa.chunked_array([values[:1], values[1:]]),
    "arrow table": lambda values: pa.table({"column": values}),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_column_is_read_from_whatever_holds_it(holder: str) -> None:
    assert read_column(HOLDERS[holder](VALUES), name="X") == VALUES


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("a text", r"X: expected a list, array or series, found a single str"),
        (b"bytes", "found a single bytes"),
        (None, "found NoneType"),
        (7, "found int"),
        (np.array("a text"), "found ndarray"),
        ((text for text in VALUES), "found generator"),
        ({"a": 1}, "found dict"),
        (csr_array((3, 1)), "found csr_array"),
        (np.zeros((3, 2)), r"expected one column, found 2 \(shape \(3, 2\)\)"),
        (pd.DataFrame({"a": VALUES, "b": VALUES}), "expected one column, found 2"),
        (pl.DataFrame({"a": VALUES, "b": VALUES}), "expected one column, found 2"),
        (pa.table({"a": VALUES, "b": VALUES}), "expected one column, found 2"),
    ],
)
def test_what_holds_no_single_column_is_refused(values: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_column(values, name="X")
