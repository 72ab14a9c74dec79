"""The model card of a bundle: Markdown for people, with front matter that model hubs read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from vartai.tasks.card_facts import CardFacts, Fact, Scores

# Task → what Hugging Face calls it.
PIPELINES = {
    "classify": "text-classification",
    "tag": "token-classification",
    "generate": "text-generation",
    "translate": "translation",
    "answer": "question-answering",
    "caption": "image-to-text",
}


def render_card(name: str, task: str, facts: CardFacts) -> str:
    """Write the card.

    Args:
        name: what the model is called.
        task: name of the task, such as ``classify``.
        facts: what it has to say.

    Returns:
        Markdown that starts with YAML front matter and ends with a newline.
    """
    sections = [
        _front_matter(task, facts.tags, facts.metrics),
        f"# {_line(name)}",
        f"A recurrent model for the task *{_line(task)}*, {_line(facts.origin)}. Load it with "
        f"`vartai.load(folder)`, or use it from the command line: `{_line(facts.usage)}`.",
        "## Data",
        _facts(facts.data),
        "## Training",
        _facts(facts.training),
        "## Scores",
        _score_table(facts.metrics, facts.baselines),
        "## Limits",
        _bullets(facts.limits),
    ]
    return "\n\n".join(sections) + "\n"


def _front_matter(task: str, tags: Sequence[str], metrics: Scores) -> str:
    lines = ["---", "library_name: vartai"]
    if task in PIPELINES:
        lines.append(f"pipeline_tag: {PIPELINES[task]}")
    # A JSON string is a YAML string too, whatever it holds.
    lines += ["tags:", *(f"- {json.dumps(tag)}" for tag in ("vartai", *tags))]
    if metrics:
        lines += ["metrics:", *(f"- {json.dumps(metric)}" for metric in metrics)]
    return "\n".join([*lines, "---"])


def _facts(facts: Mapping[str, Fact]) -> str:
    return _bullets([f"{name}: {_value(fact)}" for name, fact in facts.items()])


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {_line(sentence)}" for sentence in sentences) or "Not stated."


def _score_table(metrics: Scores, baselines: Mapping[str, Scores]) -> str:
    if not metrics:
        return "None were measured."
    header = ["", *(_cell(name) for name in metrics)]
    rows = [header, ["---", *("---:" for _ in metrics)]]
    for name, scores in (*baselines.items(), ("**this model**", metrics)):
        rows.append([_cell(name), *(_score(scores, metric) for metric in metrics)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _score(scores: Scores, metric: str) -> str:
    return f"{scores[metric]:.4g}" if metric in scores else "–"


def _value(fact: Fact) -> str:
    if isinstance(fact, int) and not isinstance(fact, bool):
        return f"{fact:,}"
    return f"{fact:.6g}" if isinstance(fact, float) else str(fact)


def _line(text: str) -> str:
    """One line: a line break inside would end the heading or the list."""
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
