"""What to think about before training on a table, and what to type for each problem found."""

from __future__ import annotations

from collections.abc import Mapping

from vartai.data.rejects import Reason
from vartai.data.summary import TableSummary

FEW_ROWS = 2_000
SHORT_TEXT = 25
LONG_TEXT = 6_000
FEW_OF_A_LABEL = 10
LOPSIDED = 10
MANY_CONFLICTS = 0.02

_FIXES: Mapping[Reason, str] = {
    "answer not in context": "an answer is part of its context, letter for letter: mend either, "
    "or leave the question out",
    "blank line": "nothing to mend unless a text was lost there",
    "broken quoting": "double the quotes inside a quoted field, or say --format tsv if quotes are "
    "ordinary characters",
    "contradictory answer": "say either that there is no answer or which it is",
    "duplicate key": "give each name of a JSON object once",
    "empty text": "fill them in or remove them; --text names another column",
    "empty word": "give every word a form; CoNLL-U writes _ for what is not known",
    "incomplete story": "mend the line of the story that was rejected before it",
    "line too long": "raise --max-characters if such long lines are meant",
    "lone surrogate": "write the file as UTF-8 again from its source",
    "malformed features": "write features as Name=Value, joined by |, or _ for none",
    "missing answer": "answer them or remove them; --empty-answers none reads them as having none",
    "missing label": "label them or remove them; --label names another column",
    "missing text": "fill them in or remove them; --text names another column",
    "missing picture": "paths are seen from the folder of the table; --image names another column",
    "not a JSON object": "a jsonl file has one object a line; say --format if it is another",
    "not a list of words": "give the words as a list of texts, none of them empty",
    "not a question": "write it as SQuAD's JSON does: articles, paragraphs, questions and answers",
    "not a story line": "a line of a story is a number, a blank and a sentence",
    "not text": "--text names another column",
    "NUL character": "the file was damaged or is not text: write it again from its source",
    "sentence too long": "raise --max-words if such long sentences are meant",
    "text too long": "raise --max-characters, or cut these texts into parts",
    "undecodable byte": "say --encoding, such as --encoding cp1257 or --encoding latin-1",
    "unreadable picture": "save it anew as PNG or JPEG, or leave its rows out",
    "unknown label": "write the labels as the model has them; `vartai show` lists those",
    "wrong number of fields": "quote fields that hold the delimiter, or say --delimiter",
    "wrong number of tags": "give every word one tag",
    "wrong word number": "number the words of a sentence from 1, without gaps",
}


def advise(summary: TableSummary) -> list[str]:
    """Sentences, the weightiest first; each says what can be done.

    They also say when a recurrent network is the wrong tool.
    """
    if summary.rows == 0:
        return ["No row can be used.", *_about_rejects(summary)]
    return [
        *_about_labels(summary),
        *_about_size(summary),
        *_about_texts(summary),
        *_about_rejects(summary),
    ]


def _about_labels(summary: TableSummary) -> list[str]:
    counts = summary.labels
    if summary.label_column is None:
        return ["There is nothing to learn without a label column: name it with --label."]
    if len(counts) == 1:
        return [f"There is only one label, {next(iter(counts))!r}: nothing can be learned."]
    advice = []
    if len(counts) > max(2, summary.rows / 2):
        advice.append(
            f"Column {summary.label_column!r} has {len(counts):,} different values in "
            f"{summary.rows:,} rows; is it the label? If not, name the right one with --label."
        )
        return advice
    rare = [label for label, rows in counts.items() if rows < FEW_OF_A_LABEL]
    if rare:
        shown = ", ".join(map(repr, rare[:5])) + (", …" if len(rare) > 5 else "")
        advice.append(
            f"{len(rare):,} of {len(counts):,} labels have fewer than {FEW_OF_A_LABEL} rows "
            f"({shown}): collect more of them, or join or remove them."
        )
    if max(counts.values()) > LOPSIDED * min(counts.values()):
        advice.append(
            "Some labels are far commoner than others: look at macro-F1, not at accuracy, and try "
            "--class-weights balanced."
        )
    return advice


def _about_size(summary: TableSummary) -> list[str]:
    if summary.rows >= FEW_ROWS:
        return []
    return [
        f"{summary.rows:,} rows are few. Below some {FEW_ROWS:,} a recurrent network is seldom "
        "better than logistic regression over n-grams, which takes seconds. Training prints that "
        "one beside it: take whichever is better. --embeddings FILE and --wide help when rows "
        "are few."
    ]


def _about_texts(summary: TableSummary) -> list[str]:
    advice = []
    if summary.characters[0.5] < SHORT_TEXT:
        advice.append(
            f"Half of the texts are shorter than {summary.characters[0.5] + 1} characters: there "
            "is little order to read in them, and logistic regression over n-grams may do as "
            "well. --unit char reads letters where words are few."
        )
    if summary.characters[0.95] > LONG_TEXT:
        advice.append(
            "Some texts are very long: of a text with more than --max-tokens tokens only the "
            "first and the last part are read."
        )
    if summary.conflicting_texts > MANY_CONFLICTS * summary.rows:
        advice.append(
            f"{summary.conflicting_texts:,} texts occur with different labels: no model can get "
            "all of them right. Look at how they were labelled."
        )
    return advice


def _about_rejects(summary: TableSummary) -> list[str]:
    return [f"{rows:,} × {reason}: {_FIXES[reason]}." for reason, rows in summary.rejected.items()]
