from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from vartai import InputError
from vartai.estimators.texts import mend_texts, note_misdecoded, read_texts


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", None], r"X\[1\]: expected text, found NoneType None"),
        (["a", float("nan")], r"X\[1\]: expected text, found float nan"),
        (["a", b"b"], r"X\[1\]: expected text, found bytes b'b'"),
        (np.array([1, 2]), r"X\[0\]: expected text, found int 1"),
        (
            pd.Series(["a", None, "c"], index=[5, 6, 7]),
            r"X\[1\]: expected text, found \w+ (nan|None)",
        ),
        (pd.Series(["a", pd.NA], dtype="string"), r"X\[1\]: expected text, found NAType <NA>"),
        (pl.Series(["a", None]), r"X\[1\]: expected text, found NoneType"),
        (pa.array(["a", None]), r"X\[1\]: expected text, found NoneType"),
        (["a", "b\ud800"], r"X\[1\]: expected whole characters.*U\+D800 at position 1"),
        ([], "X: expected at least one text, found none"),
    ],
)
def test_what_is_no_text_is_named_by_its_position(values: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_texts(values)


def test_texts_are_taken_exactly_as_they_stand() -> None:
    texts = ["", "  two  blanks ", "👩‍🚀 e\u0301", "NUL \0 inside", "PrieÅ¡"]
    assert read_texts(texts) == texts


def test_misdecoded_texts_are_noted_by_position() -> None:
    notes = note_misdecoded(["sound", "PrieÅ¡", "lÄ…stelÄ—s"], name="X")
    assert len(notes) == 1
    assert notes[0].startswith("2 texts were decoded with the wrong encoding (X[1] 'PrieÅ¡')")
    assert note_misdecoded(["sound", "ąžuolas"]) == []


def test_texts_are_mended_whole_or_left_and_either_is_noted() -> None:
    mended, notes = mend_texts(["PrieÅ¡", "krypÄiai ląstelės", "sound"])
    assert mended == ["Prieš", "krypÄiai ląstelės", "sound"]
    assert notes == [
        "1 text was decoded with the wrong encoding (X[0] 'PrieÅ¡'): mended",
        "1 text was decoded with the wrong encoding (X[1] 'krypÄiai ląstelės'): "
        "cannot be mended whole, used as they are",
    ]
