"""Physical lines to records of fields, by the rules of CSV (RFC 4180), strictly.

A field that begins with a double quote ends with the next double quote that is not doubled, and
may hold delimiters and line ends. Three faults are reported where Python's own `csv` module is
silent or loses the place, which is why it is not used here:

- text after a closing quote (`"so "called" films",1`), which it would glue together;
- a quote that never closes, with which it would swallow the rest of the file: here the record is
  rejected on the line where the quote opened, and reading goes on with the next line;
- and its limit on the length of a field is one setting for the whole process.

A test holds every record that the `csv` module writes equal to what is read here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vartai.data.lines import Fault, Line, reject_line
from vartai.data.rejects import Rejection

QUOTE = '"'
BLANK = Fault("blank line", "expected a record, found an empty line")


class Record(NamedTuple):
    """One record: the line on which it begins, from 1, its fields, and its text as it stood."""

    line: int
    fields: list[str]
    raw: str


class _QuotingError(Exception):
    """The line cannot belong to this record; the text says why."""


class _Scanner:
    """Cuts one record into fields, a line at a time; no character is looked at twice."""

    def __init__(self, delimiter: str) -> None:
        self.fields: list[str] = []
        self.has_bare_quote = False
        self._delimiter = delimiter
        self._is_open = False
        self._pieces: list[str] = []
        self.open_characters = 0

    def feed(self, text: str, end: str) -> bool:
        """Take one line; True if the record ends with it, False if a quote is still open.

        Raises:
            _QuotingError: text stands after a closing quote.
        """
        position = 0
        while True:
            if not self._is_open and not text.startswith(QUOTE, position):
                stop = text.find(self._delimiter, position)
                field = text[position:] if stop < 0 else text[position:stop]
                self.has_bare_quote = self.has_bare_quote or QUOTE in field
                self.fields.append(field)
            else:
                if not self._is_open:
                    self._is_open, position = True, position + 1
                stop = self._quoted(text, position, end)
                if self._is_open:
                    return False
            if stop < 0 or stop == len(text):
                return True
            position = stop + 1

    def _quoted(self, text: str, position: int, end: str) -> int:
        """Take a quoted field up to its closing quote, if this line has it.

        Returns:
            The place of the delimiter after it, or the length of the text.
        """
        close = text.find(QUOTE, position)
        while close >= 0 and text.startswith(QUOTE, close + 1):
            close = text.find(QUOTE, close + 2)
        if close < 0:
            self._pieces.append(text[position:] + end)
            self.open_characters += len(text) - position + len(end)
            return -1
        self._pieces.append(text[position:close])
        after = close + 1
        if after < len(text) and not text.startswith(self._delimiter, after):
            found = text[after : after + 10]
            raise _QuotingError(
                f"expected {self._delimiter!r} or the end of the line after the closing quote "
                f"of field {len(self.fields) + 1}, found {found!r}"
            )
        self.fields.append("".join(self._pieces).replace(QUOTE * 2, QUOTE))
        self._is_open, self.open_characters = False, 0
        self._pieces.clear()
        return after


class RecordReader:
    """Iterates over the records of a file; rejections stand among them, in order.

    Args:
        lines: physical lines.
        file: name of the file, for rejections.
        delimiter: one character.
        max_characters: a quoted field still open after this many never closes.
    """

    def __init__(
        self, lines: Iterable[Line], *, file: str, delimiter: str, max_characters: int
    ) -> None:
        self._lines = iter(lines)
        self._returned: deque[Line] = deque()
        self._width = 0
        self._is_suspect = False
        self._file = file
        self._delimiter = delimiter
        self._max_characters = max_characters

    def __iter__(self) -> Iterator[Record | Rejection]:
        while (line := self._next()) is not None:
            if QUOTE in line.text and not (line.fault and line.fault.reason == "line too long"):
                yield self._quoted_record(line)
            elif line.fault:
                yield reject_line(line, line.fault, file=self._file)
            elif not line.text:
                yield reject_line(line, BLANK, file=self._file)
            else:
                fields = line.text.split(self._delimiter)
                self._trust(len(fields))
                yield Record(line.number, fields, line.text)

    def _next(self) -> Line | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def _quoted_record(self, first: Line) -> Record | Rejection:
        """The record that begins on `first`; takes as many lines as its quotes ask for."""
        scanner = _Scanner(self._delimiter)
        taken: list[Line] = []
        line: Line | None = first
        size = 0
        while line is not None and self._is_within(scanner.open_characters, size):
            taken.append(line)
            size += len(line.text)
            try:
                complete = scanner.feed(line.text, line.end)
            except _QuotingError as error:
                return self._give_up(taken, str(error))
            if complete:
                return self._finished(scanner, taken)
            line = self._next()
        if line is not None:
            self._returned.appendleft(line)
            found = f"found none within {self._max_characters:,} characters"
        else:
            found = "found the end of the file"
        opened = len(scanner.fields) + 1
        return self._give_up(
            taken, f"expected a quote that closes field {opened}, opened on this line; {found}"
        )

    def _is_within(self, open_characters: int, size: int) -> bool:
        return open_characters <= self._max_characters and size <= 8 * self._max_characters

    def _finished(self, scanner: _Scanner, taken: list[Line]) -> Record | Rejection:
        for line in taken:
            if line.fault:
                return reject_line(line, line.fault, file=self._file)
        if scanner.has_bare_quote and self._is_suspect:
            return self._give_up(
                taken,
                "a quote inside an unquoted field, in what may be the rest of a broken record",
            )
        self._trust(len(scanner.fields))
        raw = "".join(line.text + line.end for line in taken)
        return Record(taken[0].number, scanner.fields, raw)

    def _trust(self, width: int) -> None:
        """After a broken record, the first of the usual number of fields ends the suspicion."""
        if not self._is_suspect or width == self._width:
            self._is_suspect = False
            self._width = width

    def _give_up(self, taken: list[Line], detail: str) -> Rejection:
        """Reject the first line; those after it may be records of their own, and come again."""
        last = taken[-1].number
        self._is_suspect = True
        if len(taken) > 1:
            self._returned.extendleft(reversed(taken[1:]))
            detail = f"{detail} (on line {last}); reading goes on with line {taken[1].number}"
        return reject_line(taken[0], Fault("broken quoting", detail), file=self._file)
