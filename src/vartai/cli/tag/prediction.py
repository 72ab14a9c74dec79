"""One run of `vartai predict` on a tagger: a file in, the same file with tags out."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from vartai.cli.tag.reading import tagged_options
from vartai.cli.task_verbs import Prediction
from vartai.cli.voice import Voice
from vartai.data.rejects import Rejection
from vartai.data.tagged.blocks import Block, Sentence, chunk_blocks
from vartai.data.tagged.files import TaggedFile, open_tagged
from vartai.data.tagged.filling import fill_tags
from vartai.data.writing import whole_or_not_at_all
from vartai.errors import InputError, OptionError
from vartai.tasks.tag.task import TagTask
from vartai.text.cutting import cut_words

# How much is held at once, however large the file.
_BLOCKS, _WORDS = 512, 20_000
Write = Callable[[bytes], object]


class _Counts:
    """How much went by, and the first trouble."""

    def __init__(self) -> None:
        self.sentences = self.words = self.rejected = 0
        self.first: Rejection | None = None

    def add(self, block: Block) -> None:
        if block.sentence is not None:
            self.sentences += 1
            self.words += len(block.sentence.words)
        if block.rejection is not None:
            self.rejected += 1
            self.first = self.first or block.rejection


def run_prediction(request: Prediction) -> None:
    """Predict, write, and say what was noticed."""
    task: TagTask = request.saved.task
    where = request.where
    voice = Voice(json=where.json)
    options = tagged_options(task.config, request.reading)
    if where.fix_text:
        raise OptionError("--fix-text has no use here: a tagger keeps every word as it stands")
    if request.texts:
        if where.output is not None:
            raise OptionError("--output expects --input; texts that are typed are answered here")
        _predict_texts(task, request.texts, voice)
        return
    if where.json and where.output is None:
        raise OptionError("--json expects --output: tagged sentences keep their own format")
    if where.input is None and sys.stdin.isatty():
        voice.say("Type a sentence a line; Ctrl-D ends.")
    counts = _Counts()
    source = "-" if where.input is None else where.input
    with open_tagged(source, options, need_tags=False, like=task.config.reading) as file:
        voice.say_all(file.notes)
        _require_inputs(task, file)
        with _open_output(None if where.output is None else Path(where.output)) as write:
            write(file.mark)
            for chunk in chunk_blocks(file.blocks(), count=_BLOCKS, words=_WORDS):
                for block, tags in zip(chunk, _tag(task, chunk), strict=True):
                    write(fill_tags(file, block, tags))
                    counts.add(block)
    _say_what_was_noticed(counts, where.output, voice)
    voice.answer(
        {
            "output": where.output,
            "sentences": counts.sentences,
            "words": counts.words,
            "rejected": counts.rejected,
        }
    )


def _predict_texts(task: TagTask, texts: Sequence[str], voice: Voice) -> None:
    """Each text is a sentence; a line of JSON each, or one object."""
    if task.vocabulary.columns:
        raise _needs_inputs(task, "a text")
    sentences = [
        Sentence(line, cut_words(text), (), ()) for line, text in enumerate(texts, start=1)
    ]
    for sentence in sentences:
        if not sentence.words:
            raise InputError("expected a sentence, found no word", line=sentence.line)
    found = [
        {"tokens": list(sentence.words), "tags": list(tags)}
        for sentence, tags in zip(sentences, task.predict(sentences), strict=True)
    ]
    for one in found:
        voice.tell(json.dumps(one, ensure_ascii=False))
    voice.answer({"predictions": found})


def _require_inputs(task: TagTask, file: TaggedFile) -> None:
    if len(file.options.input_column) != len(task.vocabulary.columns):
        raise _needs_inputs(task, f"a file in the format {file.options.format}", file.file)


def _needs_inputs(task: TagTask, what: str, file: str | None = None) -> InputError:
    names = ", ".join(task.config.reading.input_column)
    return InputError(
        f"the model reads the column {names} of {task.config.reading.format} beside the words, "
        f"which {what} does not have",
        file=file,
    )


def _tag(task: TagTask, chunk: Sequence[Block]) -> list[tuple[str, ...]]:
    """Tags of each block; none for one without a sentence."""
    tagged = iter(task.predict([block.sentence for block in chunk if block.sentence is not None]))
    return [() if block.sentence is None else next(tagged) for block in chunk]


@contextmanager
def _open_output(path: Path | None) -> Iterator[Write]:
    """Where bytes go: standard output, or a file that appears when it is whole.

    Raises:
        SaveError: the file could not be written; an earlier one is intact.
    """
    if path is None:
        sys.stdout.flush()
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    with (
        whole_or_not_at_all(path) as beside,
        _open_packed(beside, path.suffix.lower()) as file,
    ):
        yield file.write


def _open_packed(path: Path, suffix: str) -> BinaryIO:
    """Compressed if the name that the file will have says so."""
    if suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "wb"))
    if suffix == ".zst":
        return cast(BinaryIO, zstandard.open(path, "wb"))
    return path.open("wb")


def _say_what_was_noticed(counts: _Counts, output: str | None, voice: Voice) -> None:
    if counts.rejected:
        voice.say(
            f"{counts.rejected:,} sentences could not be read; they stand in their places as they "
            f"were, without predicted tags. The first: {counts.first}"
        )
    if output is not None:
        voice.say(f"{counts.words:,} words of {counts.sentences:,} sentences are in {output}.")
