"""Stories in the format of bAbI: numbered lines, of which some ask.

    1 Mary went to the hallway.
    2 Where is Mary?<TAB>hallway<TAB>1

Number 1 begins a story. What a question is about are the lines of its story before it that do not
ask. If one of these cannot be used, no later question of that story can be answered fairly, and
each of them is rejected, too.

Source: Weston et al. 2015, "Towards AI-complete question answering".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from vartai.data.lines import Fault, Line, reject_line
from vartai.data.questions.question import Answer, Question
from vartai.data.rejects import Rejection

_NUMBERED = re.compile(r"([0-9]{1,6}) +(\S.*)")


def read_stories(
    lines: Iterable[Line], *, file: str, max_characters: int, need_answer: bool
) -> Iterator[Question | Rejection]:
    """The questions of a file, with a rejection in the place of each line that cannot be used."""
    story = _Story(file, max_characters, need_answer=need_answer)
    for line in lines:
        item = story.take(line)
        if item is not None:
            yield item


class _Story:
    """The story that is being read."""

    def __init__(self, file: str, max_characters: int, *, need_answer: bool) -> None:
        self._file = file
        self._max_characters = max_characters
        self._need_answer = need_answer
        self._number = 0
        self._first = 0
        self._told: list[str] = []
        self._size = 0
        self._broken: int | None = None

    def take(self, line: Line) -> Question | Rejection | None:
        """A line; returns what becomes of it unless it only tells."""
        if line.fault is not None:
            return self._give_up(line, line.fault)
        match = _NUMBERED.fullmatch(line.text)
        if match is None:
            found = f"expected a number, a blank and a sentence, found {line.text!r:.60}"
            return self._give_up(line, Fault("not a story line", found))
        number = int(match[1])
        if number not in (1, self._number + 1):
            expected = f"expected number 1 or {self._number + 1}, found {number}"
            return self._give_up(line, Fault("not a story line", expected), number)
        if number == 1:
            self._first, self._told, self._size, self._broken = line.number, [], 0, None
        self._number = number
        if "\0" in match[2]:
            return self._give_up(line, Fault("NUL character", "expected text, found NUL"), number)
        if "\t" in match[2]:
            return self._ask(line, match[2].split("\t"))
        self._told.append(match[2].strip())
        self._size += len(self._told[-1]) + 1
        return None

    def _give_up(self, line: Line, fault: Fault, number: int | None = None) -> Rejection:
        self._number = self._number + 1 if number is None else number
        self._broken = line.number
        return reject_line(line, fault, file=self._file)

    def _ask(self, line: Line, fields: list[str]) -> Question | Rejection:
        text, answer = fields[0].strip(), fields[1].strip()
        fault = self._fault(text, answer, fields)
        if fault is not None:
            return reject_line(line, fault, file=self._file)
        return Question(
            line=line.number,
            id="",
            group=f"{Path(self._file).name}:{self._first}",
            context="\n".join(self._told),
            text=text,
            answers=(Answer(answer, ()),) if answer else (),
        )

    def _fault(self, text: str, answer: str, fields: list[str]) -> Fault | None:
        if self._broken is not None:
            return Fault("incomplete story", f"line {self._broken} of its story was rejected")
        if not text:
            return Fault("empty text", "expected a question before the first tab, found none")
        if len(fields) > 3:
            return Fault(
                "wrong number of fields", f"expected at most 3 between tabs, found {len(fields)}"
            )
        if not answer and self._need_answer:
            return Fault("missing answer", "expected an answer after the first tab, found none")
        if not self._told:
            return Fault("empty text", "expected lines of a story before its question, found none")
        if self._size > self._max_characters:
            expected = f"expected at most {self._max_characters:,} characters"
            return Fault("text too long", f"{expected}, found a story of {self._size:,}")
        return None
