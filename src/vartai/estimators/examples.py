"""From the arguments of `fit` to examples to learn from and examples to choose the epoch by."""

from __future__ import annotations

from collections.abc import Callable

from vartai.data.examples import Examples
from vartai.data.split import split_examples
from vartai.errors import InputError
from vartai.estimators.columns import require_same_length
from vartai.estimators.labels import Labels, read_labels
from vartai.estimators.texts import mend_texts, note_misdecoded, read_texts
from vartai.estimators.trained import hold_out
from vartai.tasks.classify.config import ClassifyConfig

Note = Callable[[str], None]


def read_examples(
    config: ClassifyConfig, texts: object, labels: object, *, names: tuple[str, str], note: Note
) -> tuple[Examples, Labels]:
    """Check texts and labels, and mend the texts if the configuration says so.

    Args:
        config: of the classifier.
        texts: one column of texts.
        labels: one label, or several, for each.
        names: of these two arguments, for messages.
        note: told, in a sentence each, what was found in the texts.

    Raises:
        InputError: texts or labels are not what was expected.
    """
    checked = read_texts(texts, name=names[0])
    known = read_labels(labels, separator=config.table.label_separator, name=names[1])
    require_same_length(checked, known.rows, name=names[1])
    if config.text.fix_text:
        checked, sentences = mend_texts(checked, name=names[0])
    else:
        sentences = note_misdecoded(checked, name=names[0])
    for sentence in sentences:
        note(sentence)
    lines = list(range(1, len(checked) + 1))
    return Examples(file=names[0], texts=checked, labels=known.rows, lines=lines), known


def hold_texts_out(
    config: ClassifyConfig,
    examples: Examples,
    known: Labels,
    valid: tuple[object, object] | None,
    *,
    note: Note,
) -> tuple[Examples, Examples]:
    """Examples to learn from, and others to choose the epoch by.

    Args:
        config: of the classifier.
        examples: all there are to learn from.
        known: their labels.
        valid: texts and labels to choose by; a share of `examples` if not given.
        note: told what was found in the texts of `valid`.

    Raises:
        InputError: there are fewer than two classes; `valid` is not what was expected or holds a
            label that `examples` lack; there are too few different texts to hold some out.
    """
    if len(known.names) < 2:
        only = f"1 class: {known.names[0]!r}" if known.names else "none"
        raise InputError(f"y: expected at least two classes, found {only}")
    share, seed = config.split.valid_share, config.training.seed

    def read(texts: object, labels: object, names: tuple[str, str]) -> Examples:
        held_out, _ = read_examples(config, texts, labels, names=names, note=note)
        _require_known(held_out, known, name=names[1])
        return held_out

    return hold_out(
        examples,
        valid,
        split=lambda found: split_examples(found, fractions=(1 - share, share), seed=seed),
        read=read,
        both="a pair of texts and labels",
    )


def _require_known(examples: Examples, known: Labels, *, name: str) -> None:
    for place, labels in enumerate(examples.labels):
        for label in labels:
            if label not in known.names:
                raise InputError(
                    f"{name}[{place}]: label {label!r} is not among those of y: "
                    f"{', '.join(known.names)}"
                )
