"""Lines from a pipe: each at once, each in its place."""

from __future__ import annotations

import io

from vartai.data.live_lines import live_lines


class Pipe(io.BytesIO):
    """Counts what has been asked for."""

    lines = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self.lines += 1
        return super().readline(size)


def test_a_line_is_there_before_the_next_is_asked_for() -> None:
    pipe = Pipe(b"one\ntwo\n")
    lines = live_lines(pipe, max_bytes=100)
    assert next(lines).text == "one"
    assert pipe.lines == 1


def test_line_ends_marks_and_blank_lines() -> None:
    lines = list(live_lines(io.BytesIO("\ufeffą\r\n\n \nb".encode()), max_bytes=100))
    assert [(line.number, line.text) for line in lines] == [(1, "ą"), (2, ""), (3, " "), (4, "b")]
    assert all(line.fault is None for line in lines)


def test_what_cannot_be_read_keeps_its_place() -> None:
    raw = b"a\n" + b"x" * 50 + b"\nb\n\xff\nc\n" + b"y" * 11
    lines = list(live_lines(io.BytesIO(raw), max_bytes=10))
    assert [line.fault and line.fault.reason for line in lines] == [
        None,
        "line too long",
        None,
        "undecodable byte",
        None,
        "line too long",
    ]
    assert lines[1].fault is not None
    assert lines[1].fault.detail == "expected at most 10 bytes, found 50"


def test_a_line_of_just_the_limit_is_no_longer_than_that() -> None:
    lines = list(live_lines(io.BytesIO(b"x" * 10 + b"\n" + b"y" * 10), max_bytes=10))
    assert [line.text for line in lines] == ["x" * 10, "y" * 10]
    assert all(line.fault is None for line in lines)
