"""The sentences of a training run: read, checked, split, and everything noticed said aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vartai.cli.train_options import TextTrainOptions
from vartai.cli.voice import Voice
from vartai.data.rejects import Rejects
from vartai.data.split import fill_parts
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import (
    Sentences,
    read_sentences,
    require_enough,
    split_sentences,
)
from vartai.tasks.tag.config import TagConfig
from vartai.tasks.tag.demo import demo_splits
from vartai.tasks.tag.evaluation import require_tags
from vartai.tasks.tag.experiment import TagSplits


@dataclass(frozen=True)
class TagData:
    """What is trained on.

    Args:
        config: of the tagger, with everything that was guessed about the file filled in.
        splits: the sentences.
        files: those that were read.
        test_file: the file to judge by, if it was one of its own.
        rejected: sentences of the files that could not be used.
    """

    config: TagConfig
    splits: TagSplits
    files: tuple[str, ...]
    test_file: str | None
    rejected: int


def read_training_data(
    file: str | None, config: TagConfig, where: TextTrainOptions, *, voice: Voice, rejects: Path
) -> TagData:
    """Read the file and, if there are any, those of validation and test.

    Args:
        file: the file; None for the built-in corpus.
        config: how to read and split it.
        where: the other files.
        voice: tells what was guessed and rejected.
        rejects: file that the rejected sentences are written to, if there are any.

    Raises:
        InputError: a file cannot be read or has too little that can be used.
    """
    if file is None:
        reading = TaggedOptions(column="feats:Gender", words="form", format="conllu")
        splits = demo_splits(config.training.seed)
        _say_sizes((splits.train, splits.valid, splits.test), voice)
        return TagData(replace(config, reading=reading), splits, ("built-in corpus",), None, 0)
    files = [each for each in (file, where.valid, where.test) if each is not None]
    rejected = Rejects()
    parts: dict[str, Sentences] = {}
    for each in dict.fromkeys(files):
        like = None if each == file else config.reading
        parts[each], reading = _read(each, config, like, rejected, voice)
        if each == file:
            config = replace(config, reading=reading)
    unlabelled = _read_unlabelled(where.unlabelled, config.reading, rejected, voice)
    voice.file_rejects(rejected, rejects)
    require_tags(parts[file])
    own = parts[file]
    found = fill_parts(
        own,
        [parts.get(name or "") for name in (where.valid, where.test)],
        shares=(config.split.valid_share, config.split.test_share),
        split=lambda fractions: split_sentences(
            own, fractions=fractions, seed=config.training.seed
        ),
    )
    splits = TagSplits(*found, unlabelled=unlabelled)
    _say_sizes(found, voice)
    if unlabelled is not None:
        voice.say(f"{len(unlabelled):,} sentences without tags to pretrain on.")
    files += where.unlabelled
    return TagData(config, splits, tuple(dict.fromkeys(files)), where.test, len(rejected))


def _say_sizes(parts: Sequence[Sentences], voice: Voice) -> None:
    voice.say_sizes([f"{len(part):,} sentences ({part.words:,} words)" for part in parts])


def _read_unlabelled(
    files: Sequence[str], like: TaggedOptions, rejected: Rejects, voice: Voice
) -> Sentences | None:
    """All sentences of these files together; their tags, if there are any, are not read."""
    if not files:
        return None
    asked = TaggedOptions(encoding=like.encoding, max_words=like.max_words)
    whole = Sentences(", ".join(files), [])
    for file in dict.fromkeys(files):
        sentences, rejects, opened = read_sentences(file, asked, need_tags=False, like=like)
        voice.say_all([f"{file}: {note}" for note in opened.notes])
        for rejection in rejects:
            rejected.add(rejection)
        require_enough(sentences, rejects)
        whole.rows.extend(sentences.rows)
    return whole


def _read(
    file: str, config: TagConfig, like: TaggedOptions | None, rejected: Rejects, voice: Voice
) -> tuple[Sentences, TaggedOptions]:
    asked = config.reading
    if like is not None:
        # Another file may be in another format; what was guessed of the first is a hint only.
        asked = TaggedOptions(encoding=asked.encoding, max_words=asked.max_words)
    sentences, rejects, opened = read_sentences(file, asked, need_tags=True, like=like)
    voice.say_all([f"{file}: {note}" for note in opened.notes])
    for rejection in rejects:
        rejected.add(rejection)
    require_enough(sentences, rejects)
    return sentences, opened.options
