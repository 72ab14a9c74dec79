"""What is measured of one classifier about negation and order; plain numbers, for a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax
from scipy.stats import spearmanr

from vartai.data.examples import Examples
from vartai.data.negation.contrasts import generate_pairs
from vartai.data.options import TableOptions
from vartai.data.pair_sheet import PairSheet, TextPair, read_pair_sheet
from vartai.data.shuffle import shuffle_words
from vartai.inspect.trace import trace
from vartai.inspect.words.explain import explain, explain_interaction, explain_phrases
from vartai.inspect.words.sheet import (
    JudgedPair,
    Predict,
    judge_pairs,
    shuffled_control,
    summarise_pairs,
)
from vartai.tasks.classify.task import ClassifyTask

Measured = dict[str, Any]

PAIRS = Path(__file__).parent / "negation_pairs_en.tsv"
NEGATORS = frozenset(
    ("not", "n't", "never", "no", "none", "nothing", "nobody", "nor", "neither", "hardly")
) | {"without", "cannot"}
LESSON = (
    ("This film is not terrible, it's great!", "positive"),
    ("This film is not great, it's terrible!", "negative"),
    ("this film is great", "positive"),
    ("this film is terrible", "negative"),
    ("this film is not great", "negative"),
    ("this film is not terrible", "positive"),
)
SHUFFLES = range(5)
GENERATED = 100
EXPLAINED = 40
FREQUENT = 50


def measure(task: ClassifyTask, texts: Examples, *, demo: bool) -> Measured:
    """All numbers of one classifier.

    Args:
        task: whose recurrent path is looked into; its n-gram path, if any, stands beside it.
        texts: held out, with their labels.
        demo: a model of the demonstration's corpus, English and Lithuanian; else one of SST-2.
    """
    positive, negative = ("positive", "negative") if demo else ("1", "0")
    alone = task.alone()
    asked: dict[str, Predict] = {"alone": alone.probabilities}
    wide = task.wide
    if wide is not None:
        asked["n-grams"] = lambda rows: softmax(wide.scores(rows), axis=1)
    opinion = {"positive": positive, "negative": negative}
    found: Measured = {
        "pairs": {
            language: pairs(task, asked, language=language, opinion=opinion)
            for language in (("en", "lt") if demo else ("en",))
        },
        "lesson": {
            who: predict([tokenised(text) for text, _ in LESSON])[
                :, task.labels.index(positive)
            ].tolist()
            for who, predict in asked.items()
        },
        "cause": cause(alone, opinion=opinion),
        "agreement": agreement(alone, [text for text in texts.texts if negators(text)]),
    }
    if not demo:
        found["sentences"] = sentences(task, asked, texts)
    if not task.config.model.bidirectional:
        words = ("not", "no", "ne", "nebuvo") if demo else ("not", "n't", "no", "never")
        found["gates"] = gates(alone, texts.texts, words)
    return found


def tokenised(text: str) -> str:
    """As the texts of SST-2 and of the demonstration are: lower case, marks and 's set apart."""
    text = text.lower().replace("'s", " 's")
    for mark in ",.!":
        text = text.replace(mark, f" {mark}")
    return text


def negators(text: str) -> bool:
    """Whether a text holds one."""
    return bool(NEGATORS & set(text.split()))


def sentences(task: ClassifyTask, asked: dict[str, Predict], texts: Examples) -> Measured:
    """Accuracy on texts with and without negator, in their order and shuffled."""
    held = np.array([negators(text) for text in texts.texts])
    truth = np.array([task.labels.index(label) for (label,) in texts.labels])
    found: Measured = {"with": int(held.sum()), "without": int((~held).sum())}
    for who, predict in asked.items():
        right = predict(texts.texts).argmax(1) == truth
        shuffled = []
        for seed in SHUFFLES:
            random = np.random.default_rng(seed)
            again = predict([shuffle_words(text, random) for text in texts.texts])
            shuffled.append(again.argmax(1) == truth)
        still = np.mean(shuffled, axis=0)
        groups = (right[held], still[held], right[~held], still[~held])
        found[who] = [float(np.mean(group)) for group in groups]
    return found


def pairs(
    task: ClassifyTask, asked: dict[str, Predict], *, language: str, opinion: dict[str, str]
) -> Measured:
    """Share of pairs with both texts right by kind, of all that are asked; and shuffled."""
    sheets: list[tuple[str | None, PairSheet]] = [
        (None, generate_pairs("negation", language=language, count=GENERATED, seed=0, **opinion)),
        ("order", generate_pairs("order", language=language, count=GENERATED, seed=0, **opinion)),
    ]
    if language == "en":
        written, _, _ = read_pair_sheet(str(PAIRS), TableOptions())
        names = {"1": opinion["positive"], "0": opinion["negative"]}
        written.pairs = [
            pair._replace(label_a=names[pair.label_a or ""], label_b=names[pair.label_b or ""])
            for pair in written.pairs
        ]
        sheets.append(("written", written))
    found: Measured = defaultdict(dict)
    for name, sheet in sheets:
        if name is not None:
            sheet.pairs = [pair._replace(kind=name) for pair in sheet.pairs]
        for who, predict in asked.items():
            judged = judge_pairs(predict, task.labels, sheet)
            for row in summarise_pairs(judged):
                found[who][row.kind] = 0.0 if row.both_right is None else row.both_right.value
            if who == "alone":
                for kind in {pair.kind for pair in sheet.pairs}:
                    some = [each for each in judged if each.pair.kind == kind]
                    control = shuffled_control(predict, task.labels, some, seeds=SHUFFLES)
                    found["shuffled"][kind] = float(np.mean(control.both_right or 0.0))
    return found


def cause(task: ClassifyTask, *, opinion: dict[str, str]) -> Measured:
    """Of pairs of one adjective that flip: which methods say that it was the negator."""
    sheet = generate_pairs("negation", language="en", count=GENERATED, seed=0, **opinion)
    chosen = [
        pair
        for pair in sheet.pairs
        if pair.kind == "negated" and "not" in pair.text_b.split() and "reason" not in pair.text_b
    ]
    judged = judge_pairs(task.probabilities, task.labels, PairSheet("negated", chosen))
    says: dict[str, list[bool]] = defaultdict(list)
    for each in judged:
        if not each.flipped:
            continue
        text, label, before = each.pair.text_b, each.predicted_b, each.predicted_a
        found = explain(task, text, label=label, against=before)
        words = [token.text for token in found.tokens]
        negator, word = words.index("not"), len(words) - 1
        says["left-out"].append(found.effects["left-out"][negator] > 0)
        says["gradients"].append(found.effects["gradients"][negator] > 0)
        says["running"].append(found.effects["running"][[negator, word]].sum() > 0)
        both = [[negator, word], [word]]
        phrase, alone = explain_phrases(task, text, both, label=label, against=before)
        says["phrase"].append(phrase > 0)
        # By itself the opinion word speaks for the label that the sentence had without "not".
        says["word"].append(alone < 0)
        together = explain_interaction(task, text, [negator], [word], label=label, against=before)
        says["interaction"].append(together > 0)
    return {
        "pairs": len(judged),
        "flipped": sum(each.flipped for each in judged),
        "says": {name: float(np.mean(row)) for name, row in says.items()},
        "adds": added(task, chosen, opinion=opinion),
        "turned": turned(judged),
    }


def turned(judged: Sequence[JudgedPair]) -> list[int]:
    """Of pairs whose plain sentence is right: how many with "not" are, and how many there are."""
    known = [each.right[1] for each in judged if each.right is not None and each.right[0]]
    return [sum(known), len(known)]


def added(task: ClassifyTask, pairs: Sequence[TextPair], *, opinion: dict[str, str]) -> Measured:
    """What "not" adds to the margin of positive, in nats: before good words, before bad ones."""
    good, bad = (task.labels.index(opinion[name]) for name in ("positive", "negative"))

    def margins(texts: Sequence[str]) -> np.ndarray[Any, Any]:
        scores = task.scores(texts)
        return scores[:, good] - scores[:, bad]

    difference = margins([p.text_b for p in pairs]) - margins([p.text_a for p in pairs])
    is_good = np.array([pair.label_a == opinion["positive"] for pair in pairs])
    return {"good": float(difference[is_good].mean()), "bad": float(difference[~is_good].mean())}


def agreement(task: ClassifyTask, texts: Sequence[str]) -> Measured:
    """Mean rank correlation of the methods' effects over some texts."""
    chosen = [text for text in texts if len(text.split()) >= 6][:EXPLAINED]
    methods = ("gradients", "decomposition", "left-out")
    found: dict[str, list[float]] = defaultdict(list)
    for text in chosen:
        effects = explain(task, text, methods=methods).effects
        for one, other in (
            ("gradients", "left-out"),
            ("gradients", "decomposition"),
            ("left-out", "decomposition"),
        ):
            value = spearmanr(effects[one], effects[other]).statistic
            found[f"{one}/{other}"].append(float(value))
    return {name: float(np.nanmean(values)) for name, values in found.items()}


def gates(task: ClassifyTask, texts: Sequence[str], words: Sequence[str]) -> Measured:
    """How much gates and states move at some words, beside the other frequent words."""
    moves: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    signs: dict[str, list[float]] = defaultdict(list)
    for start in range(0, len(texts), 200):
        for traced in trace(task, list(texts[start : start + 200]), running=False):
            states = traced["l0"]
            read = [token.text for token in states.tokens]
            for name, values in states.quantities().items():
                size = np.abs(np.diff(values, axis=0)).mean(1)
                for word, moved in zip(read[1:], size, strict=True):
                    moves[name][word].append(float(moved))
            turned = (np.sign(states.hidden[1:]) != np.sign(states.hidden[:-1])).mean(1)
            for word, share in zip(read[1:], turned, strict=True):
                signs[word].append(float(share))
    counts = Counter({word: len(values) for word, values in signs.items()})
    frequent = [word for word, _ in counts.most_common(FREQUENT)]
    found: Measured = {}
    for word in words:
        if counts[word] < 10:
            continue
        others = [each for each in frequent if each != word]
        rows = {}
        for name, by_word in moves.items():
            own = float(np.mean(by_word[word]))
            rest = np.array([np.mean(by_word[each]) for each in others])
            ratio = own / float(np.median(rest))
            rows[name] = {"ratio": ratio, "rank": 1 + int((rest > own).sum())}
        found[word] = {
            "count": counts[word],
            "words": len(others) + 1,
            "moves": rows,
            "signs": float(np.mean(signs[word])),
            "signs_median": float(np.median([np.mean(signs[each]) for each in others])),
        }
    return found
