"""A captioner in Python: pictures in, sentences out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sklearn.base import BaseEstimator

from vartai.data.caption_options import CaptionTableOptions
from vartai.data.captions import CaptionedPicture, CaptionedPictures, split_captions
from vartai.errors import InputError
from vartai.estimators.parameters import Parameters
from vartai.estimators.pictures import Note, read_captions_of, read_pictures
from vartai.estimators.trained import Trained, hold_out, learn
from vartai.images.options import PictureOptions
from vartai.tasks.caption.card import UNJUDGED, describe, sizes
from vartai.tasks.caption.config import (
    CaptionChoice,
    CaptionConfig,
    CaptionerOptions,
    CaptionTraining,
    CaptionWords,
    CaptionWriting,
    ChangeOptions,
    LookingOptions,
)
from vartai.tasks.caption.evaluation import evaluate
from vartai.tasks.caption.fit import fit_captioner
from vartai.tasks.caption.results import scores_as_mapping
from vartai.tasks.caption.scores import score_captions
from vartai.tasks.caption.task import CaptionTask, Looks
from vartai.tasks.card_facts import Run
from vartai.tasks.measured import run_as_mapping
from vartai.training.events import Observer
from vartai.training.sitting import ignore

# The arguments are called X and y because scikit-learn calls them so.
# ruff: noqa: N803
CAPTIONER = Parameters(
    CaptionConfig,
    {
        ("table", "image"): "pictures come as values, not in a named column",
        ("table", "caption"): "captions come as values, not in a named column",
        ("table", "format"): "no table is read",
        ("table", "delimiter"): "no table is read",
        ("table", "header"): "no table is read",
        ("table", "encoding"): "Python's texts are decoded",
        ("table", "max_characters"): "guards against misread files; no table is read",
        ("table", "test_share"): "the caller holds the test pictures and calls `score`",
        ("pictures", "pretrained"): "networks of other libraries are run on the command line",
        ("pictures", "pretrained_weights"): "likewise",
        ("training", "checkpoint"): "`fit` has no folder to write checkpoints to",
    },
)
"""Which options of the configuration are parameters, and why the others are not."""


@dataclass(kw_only=True, eq=False, repr=False)
class Captioner(Trained[CaptionTask], BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Learns to describe pictures: a convolutional encoder, attention and an LSTM that writes.

    The parameters and their defaults are those of `vartai train caption`. They are described where
    they are defined: in `PictureOptions`, `ChangeOptions`, `CaptionWords`, `CaptionerOptions`,
    `LookingOptions`, `CaptionWriting`, `CaptionChoice` and `CaptionTraining`, with ``valid_share``
    from `CaptionTableOptions`. `fit` checks them.

    Attributes:
        history_: an `EpochDone` for each epoch; not after `load`.
        notes_: what `fit` noticed, in sentences; not after `load`.
        metrics_: what was measured: for one, ``valid`` holds the scores on the validation pictures.
        card_: the model card that `save` writes, in Markdown.
        task_: the trained network with all it needs to see and write.

    Example:
        >>> import numpy as np
        >>> pictures = [np.full((3, 8, 8), 20 * n, dtype=np.uint8) for n in range(10)]
        >>> captions = ["a dark square"] * 5 + ["a bright square"] * 5
        >>> captioner = Captioner(picture_size=8, places=2, epochs=1, valid_share=0.3)
        >>> len(captioner.fit(pictures, captions).predict(pictures[:2]))
        2
    """

    TASK = "caption"
    PARAMETERS = CAPTIONER

    valid_share: float = CaptionTableOptions.valid_share

    picture_size: int = PictureOptions.picture_size
    places: int = PictureOptions.places
    width: int = PictureOptions.width
    annotation_size: int = PictureOptions.annotation_size
    blocks: int = PictureOptions.blocks
    positions: bool = PictureOptions.positions
    annotation_dropout: float = PictureOptions.annotation_dropout

    flip: bool = ChangeOptions.flip
    shift: int = ChangeOptions.shift

    lowercase: bool = CaptionWords.lowercase
    vocabulary_size: int = CaptionWords.vocabulary_size
    min_frequency: int = CaptionWords.min_frequency
    max_tokens: int = CaptionWords.max_tokens

    attention: str = CaptionerOptions.attention
    hidden_size: int = CaptionerOptions.hidden_size
    embedding_size: int = CaptionerOptions.embedding_size
    attention_size: int = CaptionerOptions.attention_size
    start_layers: int = CaptionerOptions.start_layers
    gate: bool = CaptionerOptions.gate
    word_dropout: float = CaptionerOptions.word_dropout
    embedding_dropout: float = CaptionerOptions.embedding_dropout
    output_dropout: float = CaptionerOptions.output_dropout
    encoder: str = CaptionerOptions.encoder
    freeze: bool = CaptionerOptions.freeze

    even: float = LookingOptions.even
    score_weight: float = LookingOptions.score_weight
    entropy_weight: float = LookingOptions.entropy_weight
    baseline_decay: float = LookingOptions.baseline_decay
    soft_share: float = LookingOptions.soft_share

    beam: int = CaptionWriting.beam
    length_penalty: float = CaptionWriting.length_penalty
    glance: str = CaptionWriting.glance

    choose: str = CaptionChoice.choose
    sample: int = CaptionChoice.sample

    epochs: int = CaptionTraining.epochs
    time: str | None = CaptionTraining.time
    patience: int = CaptionTraining.patience
    learning_rate: float = CaptionTraining.learning_rate
    warmup: int = CaptionTraining.warmup
    batch_size: int | None = CaptionTraining.batch_size
    batch_tokens: int = CaptionTraining.batch_tokens
    clip: float = CaptionTraining.clip
    weight_decay: float = CaptionTraining.weight_decay
    label_smoothing: float = CaptionTraining.label_smoothing
    averaging: float = CaptionTraining.averaging
    threads: int | None = CaptionTraining.threads
    device: str = CaptionTraining.device
    seed: int = CaptionTraining.seed

    def fit(
        self,
        X: object,
        y: object,
        *,
        valid: tuple[object, object] | None = None,
        observer: Observer = ignore,
    ) -> Captioner:
        """Train.

        Args:
            X: pictures: paths, or pixels ``[3, S, S]`` of type uint8; with ``encoder`` given,
                annotations ``[L, D]``, or paths of such.
            y: for each a caption, or several.
            valid: pictures and captions that choose the best epoch. If not given, ``valid_share``
                of `X` is held out for it, with equal pictures on one side.
            observer: told of every step and epoch, for a progress bar of your own.

        Returns:
            This captioner. If training was interrupted (Ctrl-C) it is as it was before.

        Raises:
            InputError: pictures or captions are not what was expected; names the position.
            OptionError: a parameter has the wrong type or is out of bounds.
            RunError: training diverged.
            KeyboardInterrupt: Ctrl-C.
        """
        config = CAPTIONER.to_config(self.get_params(deep=False))
        share, seed = config.table.valid_share, config.training.seed
        notes: list[str] = []
        read = partial(_read, config, trained=False, note=notes.append)
        train, held_out = hold_out(
            read(X, y, ("X", "y")),
            valid,
            split=lambda found: split_captions(found, fractions=(1 - share, share), seed=seed),
            read=read,
            both="a pair of pictures and captions",
        )
        task, outcome = learn(
            lambda sitting: fit_captioner(config, train, held_out, sitting=sitting),
            observer,
            notes,
        )
        scores = {"valid": scores_as_mapping(evaluate(task, held_out))}
        metrics = run_as_mapping(task, outcome, scores, seconds=outcome.seconds)
        run = Run(task, outcome, metrics, sizes(train, held_out), UNJUDGED)
        title = f"Captioner ({config.model.attention} attention)"
        return self._become(run, describe(run), title=title, notes=notes)

    def predict(self, X: object) -> list[str]:
        """A caption of each picture.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: a picture cannot be read, or has another size than the model's.
        """
        task = self._fitted()
        pictures = read_pictures(X, task.config, name="X", trained=True, note=_warn)
        return [one.text for one in task.caption(pictures)]

    def looks(self, picture: object, caption: str | None = None) -> Looks:
        """Where in a picture it looks for each word of a caption.

        Args:
            picture: as in `fit`.
            caption: read word by word; the one that `predict` gives if not given.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: the picture cannot be read, or the caption is no text.
        """
        task = self._fitted()
        pictures = read_pictures([picture], task.config, name="picture", trained=True, note=_warn)
        if caption is not None and not isinstance(caption, str):
            raise InputError(f"caption: expected a text, found {caption!r:.60}")
        if caption is None:
            words: Sequence[str] = task.caption(pictures)[0].words
        else:
            [words] = task.words.words([caption])
        return task.looks(pictures[0], words)

    def score(self, X: object, y: object) -> float:
        """BLEU-4 from 0 to 100, by sacreBLEU: case folded, its own tokenisation.

        Raises:
            NotFittedError: `fit` was not called (scikit-learn's error).
            InputError: pictures or captions are not what was expected.
        """
        task = self._fitted()
        examples = _read(task.config, X, y, ("X", "y"), trained=True, note=_warn)
        made = [one.text for one in task.caption(examples.inputs)]
        return score_captions(made, [item.captions for item in examples.items]).bleu[-1]


def _warn(said: str) -> None:
    warnings.warn(said, stacklevel=4)


def _read(
    config: CaptionConfig,
    pictures: object,
    captions: object,
    names: tuple[str, str],
    *,
    trained: bool,
    note: Note,
) -> CaptionedPictures:
    inputs = read_pictures(pictures, config, name=names[0], trained=trained, note=note)
    read = read_captions_of(captions, name=names[1])
    if len(inputs) != len(read):
        raise InputError(
            f"{names[1]}: expected captions of each picture, found {len(inputs):,} pictures and "
            f"captions of {len(read):,}"
        )
    items = [
        CaptionedPicture(image=f"{names[0]}[{place}]", file=names[0], line=place + 1, captions=own)
        for place, own in enumerate(read)
    ]
    return CaptionedPictures(names[0], items, inputs)
