"""A classifier's vectors and recurrent layers, taught by texts before labels."""

from __future__ import annotations

from collections.abc import Sequence

from vartai.data.batches import TokenStore
from vartai.sequences import SequenceBatch
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.pretraining import Texts, pretrain, pretraining_sitting
from vartai.text.rows import read_rows
from vartai.training.device import use_threads
from vartai.training.loop import Outcome
from vartai.training.sitting import Sitting


def pretrain_reader(
    task: ClassifyTask, texts: Sequence[str], *, sitting: Sitting, identity: str
) -> Outcome | None:
    """Train the vectors and the recurrent layers, if any, of a fresh classifier in place.

    Texts are read in the pieces in which the classifier will read them.

    Args:
        task: whose model is fresh.
        texts: with labels or without.
        sitting: what surrounds the run; pretraining has a checkpoint of its own beside its.
        identity: of the whole run.

    Returns:
        The outcome; None if the run is resumed from a checkpoint of the training that follows, or
        has no language model to train.
    """
    if sitting.resume_training:
        return None
    config = task.config
    sitting.note(f"pretraining on {len(texts):,} texts")
    rows = read_rows(task.tokenizer, texts, affixes=config.text.affixes)
    if config.model.segment is not None:
        size = config.model.segment
        rows = [row[at : at + size] for row in rows for at in range(0, len(row), size)]
    with use_threads(config.training.threads):
        return pretrain(
            task.model.vectors,
            task.model.encoder,
            Texts(TokenStore(rows), _tokens, task.tokenizer.size),
            options=config.pretraining,
            training=config.training,
            sitting=pretraining_sitting(sitting),
            identity=identity,
            counted=config.model.embeddings is None,
        )


def _tokens(batch: SequenceBatch) -> SequenceBatch:
    """Ids of tokens alone, without those of their ends."""
    return batch if batch.data.dim() == 1 else batch.with_data(batch.data[:, 0])
