"""Use a folder of `vartai export --to onnx` without Vartai: onnxruntime, tokenizers, NumPy.

python run_onnx.py FOLDER "text" …        a classifier's labels, a tagger's tags, and
python run_onnx.py FOLDER "It was"        what a language model writes next, likeliest first
"""

import json
import re
import sys
import unicodedata
import zlib
from pathlib import Path

import numpy as np
import onnxruntime

FOLDER = Path(sys.argv[1])
TOLD = json.loads((FOLDER / "decoding.json").read_text(encoding="utf-8"))
TEXT = TOLD["text"]


def session(name):
    """A graph of the folder, open."""
    return onnxruntime.InferenceSession(FOLDER / name, providers=["CPUExecutionProvider"])


def table(values):
    """Ids count from 2: 0 is padding, 1 is whatever the vocabulary lacks."""
    return {value: place for place, value in enumerate(values, start=2)}


def affixes(word):
    """A bucket for each beginning and each end of a word; 0 where the word is shorter."""

    def bucket(affix):
        return 1 + zlib.crc32(affix.encode()) % TEXT["affix_buckets"]

    sizes = range(1, TEXT["affixes"] + 1)
    begins = [bucket("<" + word[:n]) if n <= len(word) else 0 for n in sizes]
    return begins + [bucket(word[-n:] + ">") if n <= len(word) else 0 for n in sizes]


def without_middle(tokens, longest):
    """The first and the last half of the longest that is read."""
    tail = longest // 2
    return tokens if len(tokens) <= longest else tokens[: longest - tail] + tokens[-tail:]


def reader():
    """A function from a text to its ids and, where they are words, the words."""
    saved = (FOLDER / "tokenizer.json").read_text(encoding="utf-8")
    if TEXT["reader"] == "tokenizers":
        from tokenizers import Tokenizer

        library = Tokenizer.from_str(saved)
        library.no_truncation()  # it would keep the beginning; the model was taught on both ends

        def words(text):
            normal = library.normalizer.normalize_str(text)
            return [word for word, _ in library.pre_tokenizer.pre_tokenize_str(normal)]

        return lambda text: (library.encode(text, add_special_tokens=False).ids, words(text))
    own = json.loads(saved)
    if TEXT["reader"] == "characters":
        ids = table(own["characters"])
        return lambda text: ([ids.get(character, 1) for character in text], [])
    ids = table(own["words"])

    def read(text):
        found = re.findall(r"\n|[^\s]+", text.lower() if own["lowercase"] else text)
        return [ids.get(word, 1) for word in found], found

    return read


def padded(rows):
    """Lists of different lengths as one array with zeros behind them, and the lengths."""
    lengths = np.array([len(row) for row in rows], np.int64)
    grid = np.zeros((len(rows), max(lengths), *np.shape(max(rows, key=len))[1:]), np.int64)
    for place, row in enumerate(rows):
        grid[place, : len(row)] = row
    return grid, lengths


def classify(texts):
    """Labels of texts, likeliest first."""
    read, longest = reader(), TEXT["max_tokens"]
    both = [read(text) for text in texts]
    ids, lengths = padded([without_middle(own, longest) for own, _ in both])
    feeds = {"ids": ids, "lengths": lengths}
    if TEXT["affixes"]:
        rows = [[affixes(word) for word in without_middle(words, longest)] for _, words in both]
        feeds["affixes"] = padded(rows)[0].reshape(*ids.shape, 2 * TEXT["affixes"])
    shares = session("model.onnx").run(["probabilities"], feeds)[0]
    for text, row in zip(texts, shares, strict=True):
        order = np.argsort(-row)
        chosen = [k for k in order if row[k] > 0.5] if TOLD["several_labels"] else order[:1]
        answer = {TOLD["labels"][k]: round(float(row[k]), 6) for k in chosen}
        print(json.dumps({"text": text, "labels": answer}, ensure_ascii=False))


def tag(texts):
    """A tag for every word; words are what blanks leave."""
    own = json.loads((FOLDER / "tokenizer.json").read_text(encoding="utf-8"))
    word_ids, character_ids = table(own["words"]), table(own["characters"])
    sentences = [text.split() for text in texts]
    places = {}
    for sentence in sentences:
        for word in sentence:
            places.setdefault(word, len(places))
    composed = {word: unicodedata.normalize("NFC", word) for word in places}
    looked_up = {w: c.lower() if own["lowercase"] else c for w, c in composed.items()}
    words, lengths = padded([[word_ids.get(looked_up[w], 1) for w in s] for s in sentences])
    feeds = {"words": words, "lengths": lengths}
    if TEXT["characters"] or TEXT["affixes"]:
        feeds["forms"] = padded([[places[word] for word in s] for s in sentences])[0]
    if TEXT["characters"]:
        spelled = [without_middle(composed[word], TEXT["max_characters"]) for word in places]
        rows = [[character_ids.get(character, 1) for character in form] for form in spelled]
        feeds["characters"], feeds["character_lengths"] = padded(rows)
    if TEXT["affixes"]:
        feeds["affixes"] = np.array([affixes(looked_up[word]) for word in places], np.int64)
    if TEXT["columns"]:
        sys.exit(f"this model also reads the columns {', '.join(TEXT['columns'])} of each word")
    tags = session("model.onnx").run(["tags"], feeds)[0]
    for sentence, row in zip(sentences, tags, strict=True):
        print(" ".join(f"{w}/{TOLD['tags'][t]}" for w, t in zip(sentence, row, strict=False)))


def generate(texts, length=40):
    """What follows, the likeliest unit each time: ids of `vocabulary` in decoding.json."""
    step, read = session("step.onnx"), reader()
    for text in texts:
        state = {
            f"{part['name']}_in": np.zeros((1, *part["shape"]), part["kind"])
            for part in TOLD["state"]
        }
        written, waiting = [], [TOLD["begins_with"], *read(text)[0]]
        while len(written) < length:
            for number in waiting:
                names = [output.name for output in step.get_outputs()]
                ids = np.array([[number]], np.int64)
                found = dict(zip(names, step.run(names, {"ids": ids, **state}), strict=True))
                state = {name: found[name.removesuffix("_in") + "_out"] for name in state}
            scores = found["log_probabilities"][0]
            scores[[0, 1] if TOLD["end"] is None else [1]] = -np.inf  # no text: border and unknown
            waiting = [int(scores.argmax())]
            if waiting[0] == TOLD["end"]:
                break
            written += waiting
        units = [TOLD["vocabulary"][number] for number in written]
        print(json.dumps({"text": text, "units": units}, ensure_ascii=False))


if __name__ == "__main__":
    {"classify": classify, "tag": tag, "generate": generate}[TOLD["task"]](sys.argv[2:])
