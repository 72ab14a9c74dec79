"""What the headers of a request tell."""

from __future__ import annotations

import pytest

from vartai.serve.headers import announced, fault_of_type


@pytest.mark.parametrize(
    ("said", "bytes_"),
    [
        ("0", 0),
        ("000012", 12),
        ("999999999999", 10**12 - 1),
        ("9" * 5000, 10**12),
        ("0" * 5000, 10**12),
        ("", None),
        ("-1", None),
        ("5, 5", None),
        ("\u00b2", None),  # a digit to Python, and no number
    ],
)
def test_a_length_is_read_from_digits_alone(said: str, bytes_: int | None) -> None:
    assert announced({"content-length": said}) == bytes_


def test_json_is_json_with_its_parameters_and_nothing_else_is() -> None:
    assert fault_of_type({"content-type": "Application/JSON; charset=utf-8"}) == ""
    assert fault_of_type({}) == "expected a body of type application/json, found 'none'"
    assert len(fault_of_type({"content-type": "x" * 1000})) < 120
