"""What a language model says of itself on its model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vartai.data.passages import TextSplits
from vartai.tasks.card_facts import CardFacts, Fact, file_names, run_facts
from vartai.tasks.generate.experiment import Report, count_characters
from vartai.tasks.generate.results import verdict
from vartai.tasks.generate.task import GenerateTask

USAGE = 'vartai generate FOLDER --prompt "text"'
SHOWN = ("nats_per_unit", "perplexity", "bits_per_character")
LIMITS = (
    "It writes what is likely to follow, not what is true.",
    "What it learned from can come out again word for word, private things included.",
    "Scores hold for text like that it was judged by, and for no other.",
)


def card_facts(
    report: Report,
    scores: Mapping[str, Any],
    splits: TextSplits,
    *,
    files: Sequence[str],
    rejected: int,
) -> CardFacts:
    """Of a language model that was trained and judged.

    Args:
        report: the model and its scores.
        scores: the same as `report_as_mapping` gives them.
        splits: the text it learned from and was judged by.
        files: where it came from.
        rejected: lines of those files that could not be used.
    """
    config = report.task.config
    return CardFacts(
        tags=[config.model.cell, config.text.unit],
        usage=USAGE,
        data={"files": file_names(files), **text_facts(splits), "lines left out": rejected},
        training={
            **model_facts(report.task),
            "parameters": int(scores["parameters"]),
            **run_facts(config.training, report.outcome, seconds=scores["seconds"]),
        },
        metrics={name: scores["test"][name] for name in SHOWN},
        baselines=scores["baselines"],
        limits=[verdict(report), *_about_validation(splits), *LIMITS],
    )


def text_facts(splits: TextSplits) -> dict[str, Fact]:
    """How much text there was for what."""
    return {
        "characters to train on": count_characters(splits.train),
        "characters to choose the epoch by": count_characters(splits.valid),
        "characters to judge by": count_characters(splits.judged),
        "documents to train on": len(splits.train),
    }


def model_facts(task: GenerateTask) -> dict[str, Fact]:
    """What the model is."""
    options = task.config.model
    return {
        "cell": options.cell,
        "layers": options.layers,
        "hidden size": options.hidden_size,
        "tied": options.tied,
        "unit": task.config.text.unit,
        "different units": task.tokenizer.size,
    }


def _about_validation(splits: TextSplits) -> list[str]:
    if splits.test:
        return []
    return ["It is judged by the text that chose its epoch, which flatters a little."]
