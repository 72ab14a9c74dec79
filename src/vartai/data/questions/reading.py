"""From a file to questions: which format it has, and what it holds, in order."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from vartai.data.examples import MINIMUM_SHARE
from vartai.data.lines import open_lines
from vartai.data.questions.babi import read_stories
from vartai.data.questions.options import QuestionOptions
from vartai.data.questions.question import SPAN, WORD, Question, Questions
from vartai.data.questions.squad import read_squad
from vartai.data.questions.tables import choose_question_columns, read_rows
from vartai.data.rejects import Rejection, Rejects
from vartai.data.sources import ByteSource, ByteStream
from vartai.data.tables import table_of_source
from vartai.data.tar import is_archive, iter_members, split_member
from vartai.errors import InputError, OptionError

_SQUAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:version|data)"\s*:')
_BABI = re.compile(rb"(?:\xef\xbb\xbf)?1 +[^\t\r\n]+\r?\n2 ")
_HEAD = 4096


class QuestionStream:
    """Iterates over the questions of a file: a `Question`, or the `Rejection` in its place.

    There is one pass, in order.

    Attributes:
        file: name of the file.
        kind: one of `vartai.data.questions.question.KINDS`.
        format: one of `vartai.data.questions.options.FORMATS`.
        notes: every guess made, as readable sentences.
    """

    def __init__(self, file: str, format: str, options: QuestionOptions) -> None:  # noqa: A002
        self.file = file
        self.format = format
        self.kind = WORD if format == "babi" else options.kind or SPAN
        self.notes: list[str] = []
        self._items: Iterator[Question | Rejection] = iter(())
        self._source: ByteSource | None = None
        if options.kind not in (None, self.kind):
            raise OptionError(f"{file}: stories in bAbI's format have answers of kind word")
        if format == "squad" and self.kind != SPAN:
            raise OptionError(f"{file}: questions in SQuAD's format have answers of kind span")

    def __iter__(self) -> Iterator[Question | Rejection]:
        return self._items

    def chunks(self, size: int) -> Iterator[list[Question | Rejection]]:
        """The same in lists of at most `size` items."""
        while chunk := list(itertools.islice(self._items, size)):
            yield chunk

    def read_from(
        self, items: Iterator[Question | Rejection], source: ByteSource | None = None
    ) -> QuestionStream:
        """This stream, which will give these items, read from this source."""
        self._items, self._source = items, source
        return self

    def close(self) -> None:
        """Close the file of a stream that will not be read to its end."""
        if self._source is not None:
            self._source.close()


def iter_questions(path: str, options: QuestionOptions, *, need_answer: bool) -> QuestionStream:
    """Open a file for one pass over its questions.

    Args:
        path: a file; - for standard input; ``ARCHIVE/PATTERN`` for members of a tar archive.
        options: how to read it.
        need_answer: a question without answer is rejected unless the file says there is none.

    Raises:
        InputError: the file cannot be opened or is not in the format claimed.
        OptionError: unknown encoding, or a kind that the format does not have.
    """
    archive, pattern = split_member(path)
    if pattern is not None:
        return _open_members(archive, pattern, options, need_answer=need_answer)
    if is_archive(path):
        raise InputError("an archive; name its members as ARCHIVE/PATTERN", file=path)
    source = ByteSource(path)
    try:
        return _open(source, options, need_answer=need_answer)
    except BaseException:
        source.close()
        raise


def read_questions(
    path: str, options: QuestionOptions, *, need_answer: bool
) -> tuple[Questions, Rejects, list[str]]:
    """Read a whole file. The arguments are those of `iter_questions`.

    Returns:
        The usable questions, the rejected ones, and what was guessed and noticed, in sentences.
        There may be no usable question: file the rejects, then call `require_enough_questions`.

    Raises:
        InputError: the file cannot be read.
        OptionError: unknown encoding, or a kind that the format does not have.
    """
    stream = iter_questions(path, options, need_answer=need_answer)
    questions = Questions(stream.file, stream.kind)
    rejects = Rejects()
    for item in stream:
        if isinstance(item, Rejection):
            rejects.add(item)
        else:
            questions.items.append(item)
    return questions, rejects, [*stream.notes, *_notes(questions)]


def require_enough_questions(questions: Questions, rejects: Rejects) -> None:
    """Stop where so many were rejected that the file must have been read in the wrong way.

    Raises:
        InputError: none is left, or less than half; counts the rejections, quotes the first.
    """
    count = len(questions) + len(rejects)
    if len(questions) > 0 and len(questions) >= MINIMUM_SHARE * count:
        return
    reasons = ", ".join(f"{times:,} × {reason}" for reason, times in rejects.counts().items())
    first = f" ({reasons}); the first: {rejects.first[0]}" if rejects.first else ""
    raise InputError(
        f"expected usable questions, found {len(questions):,} of {count:,}{first}",
        file=questions.file,
    )


def _notes(questions: Questions) -> list[str]:
    """What whoever trains on these questions should know."""
    unsure = sum(any(len(answer.starts) > 1 for answer in item.answers) for item in questions.items)
    none = sum(not item.answers for item in questions.items)
    notes = []
    if unsure:
        notes.append(
            f"{unsure:,} answers stand at more than one place of their context; each place counts "
            "as right."
        )
    if none:
        notes.append(f"{none:,} of {len(questions):,} questions have no answer.")
    twice = Counter(item.id for item in questions.items if item.id)
    repeated = sum(times > 1 for times in twice.values())
    if repeated:
        notes.append(f"{repeated:,} ids stand at more than one question.")
    return notes


def _open(source: ByteSource, options: QuestionOptions, *, need_answer: bool) -> QuestionStream:
    known = options.format or _guess(source)
    if known in ("squad", "babi"):
        stream = QuestionStream(source.file, known, options)
        if options.format is None:
            stream.notes.append(f"The format is {known} (by its first bytes).")
        items = _items(source, stream, options, need_answer=need_answer)
        return stream.read_from(_closed_after(source, items), source)
    table = table_of_source(source, replace(options, format=known).as_table())
    stream = QuestionStream(source.file, table.format, options)
    columns, guesses = choose_question_columns(table, options, need_answer=need_answer)
    stream.notes += [*table.notes, *guesses]
    return stream.read_from(read_rows(table, columns, options, kind=stream.kind), source)


def _items(
    source: ByteStream, stream: QuestionStream, options: QuestionOptions, *, need_answer: bool
) -> Iterator[Question | Rejection]:
    longest = options.max_characters
    if stream.format == "squad":
        return read_squad(
            source, encoding=options.encoding, max_characters=longest, need_answer=need_answer
        )
    lines, notes = open_lines(source, options.encoding, max_characters=longest)
    stream.notes += notes
    return read_stories(lines, file=source.file, max_characters=longest, need_answer=need_answer)


def _closed_after(
    source: ByteSource, items: Iterator[Question | Rejection]
) -> Iterator[Question | Rejection]:
    with source:
        yield from items


def _guess(source: ByteSource) -> str | None:
    head = source.peek(_HEAD)
    if _SQUAD.match(head):
        return "squad"
    return "babi" if _BABI.match(head) else None


def _open_members(
    archive: str, pattern: str, options: QuestionOptions, *, need_answer: bool
) -> QuestionStream:
    """All members that match, as one stream; they must be stories or SQuAD's JSON."""
    known = options.format or "babi"
    if known not in ("squad", "babi"):
        raise OptionError(f"{archive}: members of an archive are babi or squad, not {known}")
    stream = QuestionStream(f"{archive}/{pattern}", known, options)

    def items() -> Iterator[Question | Rejection]:
        with closing(ByteSource(archive)) as source:
            for member in iter_members(source, pattern):
                yield from _items(member, stream, options, need_answer=need_answer)

    return stream.read_from(items())
