"""Values from a file of tagged sentences: a column such as upos, or a feature such as Gender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vartai.data.rejects import Rejects
from vartai.data.tagged.blocks import Sentence
from vartai.data.tagged.fields import NONE
from vartai.data.tagged.files import open_tagged
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import Sentences, read_sentences, require_enough
from vartai.inspect.flags.spans import LabelledText, Span

_MISC = "misc"
_JOINED = "SpaceAfter=No"


def read_column(
    path: str, options: TaggedOptions, *, natural: bool
) -> tuple[list[LabelledText], Rejects, tuple[str, ...]]:
    """Sentences as texts in which every word has its value.

    Args:
        path: in any format of tagged sentences; CoNLL-U tells by itself.
        options: how it is read; its `column` holds the values.
        natural: the text as it was written, words and punctuation together where CoNLL-U says
            ``SpaceAfter=No``; else a blank stands between all words, as a tagger reads them.

    Returns:
        The texts, what was rejected, and notes on what was guessed.

    Raises:
        InputError: the file cannot be read, or too little of it.
        OptionError: there is no such column.
    """
    if natural:
        with open_tagged(path, replace(options, input_column=()), need_tags=True) as opened:
            natural = opened.options.format == "conllu"
    asked = replace(options, input_column=(_MISC,) if natural else ())
    found, rejects, opened = read_sentences(path, asked, need_tags=True)
    require_enough(found, rejects)
    return [as_text(each) for each in found.rows], rejects, opened.notes


def as_text(sentence: Sentence) -> LabelledText:
    """A sentence as a text; its words have their tags as values, ``_`` is none.

    Its first extra column, if it has one, is CoNLL-U's misc, which tells where no blank follows.

    >>> as_text(Sentence(1, ("Alisa", "."), ("Fem", "_"), (("SpaceAfter=No", "_"),)))
    LabelledText(text='Alisa.', spans=(Span(start=0, end=5, value='Fem'),), line=1)
    """
    gaps = [" "] * len(sentence.words)
    if sentence.inputs:
        gaps = ["" if _JOINED in misc.split("|") else " " for misc in sentence.inputs[0]]
    text, spans = "", []
    for word, tag, gap in zip(sentence.words, sentence.tags, gaps, strict=True):
        if tag != NONE:
            spans.append(Span(len(text), len(text) + len(word), tag))
        text += word + gap
    return LabelledText(text.rstrip(" "), tuple(spans), sentence.line)


def as_texts(sentences: Sentences | Sequence[Sentence]) -> list[LabelledText]:
    """Sentences as texts; see `as_text`."""
    rows = sentences.rows if isinstance(sentences, Sentences) else sentences
    return [as_text(each) for each in rows]
