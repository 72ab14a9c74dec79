"""A tagger's vectors and recurrent layers, taught by sentences before tags."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.data.tagged.blocks import Sentence
from vartai.models.tagger import TaggerBatch
from vartai.sequences import SequenceBatch
from vartai.tasks.pretraining import Texts, pretrain, pretraining_sitting
from vartai.tasks.tag.task import TagTask
from vartai.training.device import use_threads
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting


def pretrain_reader(
    task: TagTask, sentences: Sequence[Sentence], *, sitting: Sitting, identity: str
) -> Outcome | None:
    """Train the vectors and the recurrent layers of a fresh tagger in place.

    Args:
        task: whose model is fresh.
        sentences: with tags or without.
        sitting: what surrounds the run; pretraining has a checkpoint of its own beside its.
        identity: of the whole run.

    Returns:
        The outcome; None if the run is resumed from a checkpoint of the training that follows, or
        has no language model to train.
    """
    if sitting.resume_training:
        return None
    config = task.config
    sitting.note(f"pretraining on {len(sentences):,} sentences")
    vocabulary_size = task.model.vectors.embedding.weight.size(0)
    with use_threads(config.training.threads):
        return pretrain(
            task.model.vectors,
            task.model.encoder,
            Texts(task.read(sentences), _words, vocabulary_size),
            options=config.pretraining,
            training=config.training,
            sitting=pretraining_sitting(sitting),
            identity=identity,
            counted=config.model.embeddings is None,
        )


def _words(batch: TaggerBatch) -> SequenceBatch:
    """Ids of the words alone, without those of their columns."""
    return batch.words.with_data(batch.words.data[:, 0])
