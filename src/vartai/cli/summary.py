"""The summary of a table, for people."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.cli.voice import Voice, count_rows
from vartai.data.summary import TableSummary

_MOST_LABELS = 20


def show_summary(summary: TableSummary, advice: Sequence[str], voice: Voice) -> None:
    """Tell what is in the table, what was guessed and rejected, and what to do about it."""
    voice.tell(f"{summary.file}: {summary.format}, {summary.rows:,} usable rows")
    voice.tell(f"  columns  {', '.join(summary.columns)}")
    voice.tell(f"  text     {', '.join(summary.text_columns)}")
    voice.tell(f"  label    {summary.label_column or 'none'}")
    if summary.characters:
        lengths = summary.characters
        voice.tell(
            f"  length   {lengths[0.0]:,} to {lengths[1.0]:,} characters, half of the texts up to "
            f"{lengths[0.5]:,}, nineteen in twenty up to {lengths[0.95]:,}"
        )
    _show_labels(summary, voice)
    _show_sentences("Noticed:", summary.notes, voice)
    if summary.rejected:
        total = count_rows(sum(summary.rejected.values()))
        _show_sentences(f"{total} rejected, the first:", summary.first_rejections, voice)
    _show_sentences("Advice:", advice, voice)
    if not advice:
        voice.tell()
        voice.tell("Nothing stands against training on it.")


def _show_labels(summary: TableSummary, voice: Voice) -> None:
    if not summary.labels:
        return
    total = sum(summary.labels.values())
    shown = list(summary.labels.items())[:_MOST_LABELS]
    voice.tell()
    voice.table(
        ("label", "rows", "share"),
        [(label, f"{rows:,}", f"{rows / total:.1%}") for label, rows in shown],
    )
    more = len(summary.labels) - len(shown)
    if more:
        voice.tell(f"and {more:,} more labels")


def _show_sentences(title: str, sentences: Sequence[str], voice: Voice) -> None:
    if not sentences:
        return
    voice.tell()
    voice.tell(title)
    for sentence in sentences:
        voice.tell(f"- {sentence}")
