"""The summary of a file of tagged sentences, for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from vartai.cli.voice import Voice
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.summary import TaggedSummary, summarise_tagged

_MOST_TAGS = 25


def check_tagged(path: str, options: TaggedOptions, *, rejects: str | None, voice: Voice) -> None:
    """Look at a file as training would, and tell."""
    summary, rejected = summarise_tagged(path, options)
    if rejects is not None:
        rejected.write(rejects)
    _show(summary, voice)
    facts = asdict(summary)
    facts["lengths"] = {str(share): size for share, size in summary.lengths.items()}
    voice.answer(facts)


def _show(summary: TaggedSummary, voice: Voice) -> None:
    voice.tell(
        f"{summary.file}: {summary.format}, {summary.sentences:,} usable sentences of "
        f"{summary.words:,} words"
    )
    voice.tell(f"  words    {summary.words_column}")
    voice.tell(f"  tags     {summary.column}")
    if summary.input_columns:
        voice.tell(f"  inputs   {', '.join(summary.input_columns)}")
    voice.tell(f"  forms    {summary.forms:,}, of which {summary.once:,} stand there once")
    if summary.lengths:
        lengths = summary.lengths
        voice.tell(
            f"  length   {lengths[0.0]:,} to {lengths[1.0]:,} words, half of the sentences up to "
            f"{lengths[0.5]:,}, nineteen in twenty up to {lengths[0.95]:,}"
        )
    voice.tell(f"  ambiguous  {summary.ambiguous:.1%} of words have a form of several tags")
    _show_tags(summary, voice)
    notes = [*summary.notes]
    if summary.repeated_sentences:
        notes.append(f"{summary.repeated_sentences:,} sentences repeat an earlier one's words.")
    _sentences("Noticed:", notes, voice)
    if summary.rejected:
        total = sum(summary.rejected.values())
        said = "1 sentence" if total == 1 else f"{total:,} sentences"
        _sentences(f"{said} rejected, the first:", summary.first_rejections, voice)
    if len(summary.tags) < 2:
        _sentences("Advice:", ["One tag only: there is nothing to learn."], voice)


def _show_tags(summary: TaggedSummary, voice: Voice) -> None:
    if not summary.tags:
        return
    voice.tell()
    shown = list(summary.tags.items())[:_MOST_TAGS]
    voice.table(
        ("tag", "words", "share"),
        [(tag, f"{times:,}", f"{times / summary.words:.1%}") for tag, times in shown],
    )
    more = len(summary.tags) - len(shown)
    if more:
        voice.tell(f"and {more:,} more tags")


def _sentences(title: str, sentences: Sequence[str], voice: Voice) -> None:
    if not sentences:
        return
    voice.tell()
    voice.tell(title)
    for sentence in sentences:
        voice.tell(f"- {sentence}")
