from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.data.lines import Line, open_lines
from vartai.data.sources import ByteSource

Write = Callable[[str, str | bytes], str]


def lines_of(path: str, encoding: str = "utf-8", *, max_characters: int = 1_000) -> list[Line]:
    with ByteSource(path) as source:
        return list(open_lines(source, encoding, max_characters=max_characters)[0])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_cut_and_kept_aside(write_file: Write, end: str) -> None:
    lines = lines_of(write_file("a", f"pirma{end}{end}antra{end}{end}{end}"))
    assert [(line.number, line.text, line.end) for line in lines] == [
        (1, "pirma", end),
        (2, "", end),
        (3, "antra", end),
    ]


def test_only_line_feeds_end_lines_not_other_separators_of_unicode(write_file: Write) -> None:
    text = "a\u2028b\x0bc\x85d\x1ce"
    assert [line.text for line in lines_of(write_file("a", text + "\nz"))] == [text, "z"]


def test_an_undecodable_byte_costs_one_line_and_is_named(write_file: Write) -> None:
    lines = lines_of(write_file("a", b"good\nca\xf0e\nalso good\n"))
    assert [line.fault is None for line in lines] == [True, False, True]
    fault = lines[1].fault
    assert fault is not None
    assert fault.reason == "undecodable byte"
    assert "byte 2 of the line, 7 of the file" in fault.detail
    assert "expected utf-8, found byte 0xF0" in fault.detail
    assert lines[1].text == r"ca\xf0e"


def test_an_overlong_line_is_measured_not_kept(write_file: Write) -> None:
    long = b"y" * 10_000_000
    lines = lines_of(write_file("a", b"x\n" + long + b"\nz"), max_characters=1_000)
    assert [line.number for line in lines] == [1, 2, 3]
    fault = lines[1].fault
    assert fault is not None
    assert fault.reason == "line too long"
    assert "found 10,000,000" in fault.detail
    assert len(lines[1].text) < 100_000
    assert lines[2].text == "z"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32", "cp037"])
@given(texts=st.lists(st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n"))))
def test_lines_of_any_encoding_are_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, texts: list[str]
) -> None:
    texts = ["pirma antra trečia" if encoding != "cp037" else "first", *texts, "end"]
    path = tmp_path_factory.getbasetemp() / f"lines-{encoding}"
    path.write_bytes("\n".join(texts).encode(encoding))
    assert [line.text for line in lines_of(str(path), encoding)] == texts


def test_an_overlong_utf16_line_does_not_shift_the_next(write_file: Write) -> None:
    content = "x\n" + "ą" * 3_000_000 + "\nž\n"
    lines = lines_of(write_file("a", content.encode("utf-16")), "utf-16", max_characters=10)
    assert [line.number for line in lines] == [1, 2, 3]
    assert lines[2].text == "ž"
    assert lines[1].fault is not None
