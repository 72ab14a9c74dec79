"""Bytes are decoded strictly, and the first that does not belong is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.errors import InputError, OptionError
from vartai.text.decode import decode_text


@given(st.text(), st.sampled_from(["utf-8", "utf-16", "utf-32-le"]))
def test_what_was_encoded_comes_back(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding), encoding=encoding) == text


@pytest.mark.parametrize(
    ("raw", "encoding", "offset", "message"),
    [
        (b"ger\xffas", "utf-8", 3, "byte 3: expected utf-8, found byte 0xFF"),
        (b"gera\xc4", "utf-8", 4, "byte 4: expected utf-8, found byte 0xC4"),
        (b"\xc0\x80", "utf-8", 0, "byte 0: expected utf-8, found byte 0xC0"),  # overlong NUL
        (b"\xed\xa0\x80", "utf-8", 0, "byte 0: expected utf-8, found byte 0xED"),  # surrogate
        (b"ta\x8diau", "cp1252", 2, "byte 2: expected cp1252, found byte 0x8D"),
        ("ėjo".encode(), "ascii", 0, "byte 0: expected ascii, found byte 0xC4"),
    ],
)
def test_the_byte_that_does_not_belong_is_named(
    raw: bytes, encoding: str, offset: int, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        decode_text(raw, encoding=encoding)
    assert caught.value.byte == offset


def test_nul_bytes_and_the_byte_order_mark_are_text() -> None:
    assert decode_text(b"\xef\xbb\xbfa\x00b") == "\ufeffa\x00b"
    assert decode_text(b"\xef\xbb\xbfa", encoding="utf-8-sig") == "a"


@pytest.mark.parametrize("encoding", ["utf-9", "rot13", "base64", ""])
def test_what_is_no_text_encoding_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(OptionError, match=f"unknown encoding '{encoding}'"):
        decode_text(b"a", encoding=encoding)
