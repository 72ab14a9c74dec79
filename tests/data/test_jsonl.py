from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from vartai.data.options import TableOptions
from vartai.data.rejects import Rejection
from vartai.data.tables import Row, open_table

Write = Callable[[str, str | bytes], str]


def test_keys_are_columns_in_order_of_appearance(write_file: Write) -> None:
    path = write_file("a.jsonl", '{"text": "a", "label": 1}\n{"label": 0, "text": "b", "id": 7}\n')
    with open_table(path, TableOptions()) as table:
        assert table.columns == ("text", "label", "id")
        assert list(table.rows()) == [
            Row(1, {"text": "a", "label": 1}),
            Row(2, {"label": 0, "text": "b", "id": 7}),
        ]


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        ('{"text": "a"', "not a JSON object", "Expecting ',' delimiter"),
        ('["a", 1]', "not a JSON object", "found an array"),
        ('"a"', "not a JSON object", "found 'a'"),
        ('{"text": "a", "text": "b"}', "duplicate key", "found 'text' again"),
        ('{"x": {"y": 1, "y": 2}}', "duplicate key", "found 'y' again"),
        ('{"text": NaN}', "not a JSON object", "has no NaN"),
        ('{"text": ' + "[" * 100_000 + "}", "not a JSON object", "expected a JSON object"),
        ('{"text": ' + "1" * 5_000 + "}", "not a JSON object", "expected a JSON object"),
        ("", "blank line", "expected a record"),
    ],
)
def test_a_bad_line_is_a_rejection(write_file: Write, line: str, reason: str, detail: str) -> None:
    good = json.dumps({"text": "good", "label": 1})
    with open_table(write_file("a.jsonl", f"{good}\n{line}\n{good}\n"), TableOptions()) as table:
        items = list(table.rows())
    assert [item.line for item in items] == [1, 2, 3]
    rejection = items[1]
    assert isinstance(rejection, Rejection)
    assert rejection.reason == reason
    assert detail in rejection.detail
