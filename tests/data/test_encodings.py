from __future__ import annotations

import codecs

import pytest

from vartai.data.encodings import recognise_encoding
from vartai.errors import InputError, OptionError

TEXT = "Labas rytas,1\nViso gero,0\n"


@pytest.mark.parametrize(
    ("head", "asked", "found"),
    [
        (TEXT.encode(), "utf8", "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig", "utf-8"),
        (TEXT.encode("utf-16"), "utf-16", "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16", "utf-16-be"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le", "utf-16-le"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32", "utf-32-le"),
        (TEXT.encode("cp1257"), "Windows-1257", "cp1257"),
    ],
)
def test_the_encoding_and_its_mark_are_recognised(head: bytes, asked: str, found: str) -> None:
    form = recognise_encoding(head, asked, file="a")
    assert form.encoding == found
    assert head[form.mark :].decode(form.encoding) == TEXT
    assert form.newline == "\n".encode(found)


def test_a_utf16_file_is_refused_with_what_to_type() -> None:
    with pytest.raises(InputError, match="byte-order mark of UTF-16; give encoding utf-16"):
        recognise_encoding(TEXT.encode("utf-16"), "utf-8", file="a")
    with pytest.raises(InputError, match="without byte-order mark; give encoding utf-16-be"):
        recognise_encoding(TEXT.encode("utf-16-be"), "latin-1", file="a")


@pytest.mark.parametrize("name", ["utf-9", "hex", "rot13", "", "a\0b"])
def test_an_unknown_encoding_is_an_option_error(name: str) -> None:
    with pytest.raises(OptionError, match=r"unknown encoding .*examples: utf-8"):
        recognise_encoding(b"x", name, file="a")


@pytest.mark.parametrize(
    ("head", "kind"), [(b"PK\x03\x04..", "Excel"), (b"PAR1", "Parquet"), (b"%PDF-1.4", "PDF")]
)
def test_files_of_other_kinds_are_named(head: bytes, kind: str) -> None:
    with pytest.raises(InputError, match=f"expected lines of text, found .*{kind}"):
        recognise_encoding(head, "utf-8", file="a")


def test_guesses_are_noted() -> None:
    assert recognise_encoding(b"a\rb\r", "utf-8", file="a").notes == (
        "Lines end with a carriage return (old Macintosh).",
    )
    assert "left out" in recognise_encoding(codecs.BOM_UTF8, "utf-8", file="a").notes[0]
    assert "read as utf-16-le" in recognise_encoding(b"a\0", "utf-16", file="a").notes[0]
