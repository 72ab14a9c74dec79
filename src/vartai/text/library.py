"""The `tokenizers` library, asked for arrays, and its JSON.

Word and byte-pair tokenizers both run in its compiled code. Texts go through in small batches, for
an `Encoding` is some hundred bytes a token and a corpus of them would not fit.
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from tokenizers import Encoding, Tokenizer, normalizers

from vartai.text.saved import (
    Json,
    JsonObject,
    as_count,
    as_list,
    as_object,
    field,
    read_object,
    require_agreement,
)
from vartai.text.tokens import Ids, TokenizedText, checked, without_middle

BATCH = 256  # texts
PIECE = 1 << 16  # characters; a longer text goes through in pieces

# A gap where cutting changes no token: one white space between a word and whatever stands before.
_GAP = re.compile(r"(?<=\S)\s(?=\w)")


def encode_texts(library: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[TokenizedText]:
    """Ids and offsets; see `vartai.text.tokens.Tokenizer.encode`."""
    tokenized = []
    for batch in _batches(texts):
        parts = [list(pieces(text)) for text in batch]
        encodings = iter(library.encode_batch(_flat(parts), add_special_tokens=False))
        for text, own in zip(batch, parts, strict=True):
            ids, offsets = _joined(own, list(itertools.islice(encodings, len(own))))
            tokenized.append(_tokenized(text, ids, offsets, max_tokens=max_tokens))
    return tokenized


def encode_ids(library: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[Ids]:
    """Ids alone; the library skips its book-keeping of offsets."""
    found = []
    for batch in _batches(texts):
        parts = [list(pieces(text)) for text in batch]
        encodings = iter(library.encode_batch_fast(_flat(parts), add_special_tokens=False))
        for own in parts:
            ids = [number for part in itertools.islice(encodings, len(own)) for number in part.ids]
            found.append(without_middle(np.array(ids, dtype=np.int64), max_tokens))
    return found


def split_texts(library: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[str]]:
    """What the library looks up, whether or not the vocabulary has it."""
    found = []
    for text in checked(texts):
        words = [
            word
            for part in pieces(text)
            for word, _ in library.pre_tokenizer.pre_tokenize_str(
                library.normalizer.normalize_str(part)
            )
        ]
        found.append(list(without_middle(np.array(words, dtype=object), max_tokens)))
    return found


def pieces(text: str) -> Iterator[str]:
    """A text, cut after `PIECE` characters at the next gap that separates tokens anyway.

    A text without such gaps stays whole. A gap belongs to the piece after it.
    """
    start = 0
    while len(text) - start > PIECE and (gap := _GAP.search(text, start + PIECE)):
        yield text[start : gap.start()]
        start = gap.start()
    yield text[start:]


def checked_pieces(texts: Iterable[str]) -> Iterator[str]:
    """The pieces of many texts, each found to be made of characters; for counting."""
    for text in checked(texts):
        yield from pieces(text)


def normalizer(*, lowercase: bool) -> normalizers.Normalizer:
    """Compose characters (NFC), and fold case if so chosen."""
    steps: list[normalizers.Normalizer] = [normalizers.NFC()]
    if lowercase:
        steps.append(normalizers.Lowercase())
    return normalizers.Sequence(steps)


def library_json(library: Tokenizer, max_tokens: int) -> str:
    """The library's `tokenizer.json`, with the longest text as its truncation."""
    parts: dict[str, Json] = json.loads(library.to_str())
    parts["truncation"] = {
        "direction": "Right",
        "max_length": max_tokens,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    return json.dumps(parts, ensure_ascii=False)


def read_settings(saved: JsonObject) -> tuple[bool, int]:
    """Whether case is folded, and the longest text in tokens; `BundleError` if not there."""
    folding = as_object(field(saved, "normalizer"), "normalizer")
    steps = as_list(field(folding, "normalizers"), "normalizer.normalizers")
    limits = as_object(field(saved, "truncation"), "truncation")
    max_tokens = as_count(field(limits, "max_length"), "truncation.max_length", least=2)
    return {"type": "Lowercase"} in steps, max_tokens


def require_own_rules(saved: JsonObject, own_json: str) -> None:
    """Refuse a file whose text is taken apart otherwise than here; raises `BundleError`."""
    own = read_object(own_json)
    for name in ("added_tokens", "normalizer", "pre_tokenizer", "truncation", "post_processor"):
        require_agreement(field(saved, name), own[name], name)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """At most `BATCH` texts at a time, fewer where they are long."""
    batch: list[str] = []
    length = 0
    for text in checked(texts):
        if batch and (len(batch) == BATCH or length + len(text) > BATCH * PIECE // 16):
            yield batch
            batch, length = [], 0
        batch.append(text)
        length += len(text)
    if batch:
        yield batch


def _flat(parts: Sequence[Sequence[str]]) -> list[str]:
    return list(itertools.chain.from_iterable(parts))


def _joined(parts: Sequence[str], encodings: Sequence[Encoding]) -> tuple[Ids, Ids]:
    """Ids and offsets of the pieces of one text, the offsets counted from where it begins."""
    ids, offsets, start = [], [], 0
    for part, encoding in zip(parts, encodings, strict=True):
        ids.append(np.array(encoding.ids, dtype=np.int64))
        flat = itertools.chain.from_iterable(encoding.offsets)
        offsets.append(np.fromiter(flat, np.int64, count=2 * len(ids[-1])).reshape(-1, 2) + start)
        start += len(part)
    return np.concatenate(ids), np.concatenate(offsets)


def _tokenized(text: str, ids: Ids, offsets: Ids, *, max_tokens: int) -> TokenizedText:
    if not unicodedata.is_normalized("NFC", text):
        offsets = _with_marks(text, offsets)
    return TokenizedText(
        ids=without_middle(ids, max_tokens),
        offsets=without_middle(offsets, max_tokens),
        cut=max(0, len(ids) - max_tokens),
    )


def _with_marks(text: str, offsets: Ids) -> Ids:
    """Offsets that take in the marks which composition merged into a token's last letter.

    The library traces a composed character back to its first code point only: a token that ends in
    e + U+0307 would end before the dot. Between tokens there is only white space, so whatever
    else follows a token directly is its own.
    """
    stretched: list[tuple[int, int]] = []
    following = (len(text), len(text))
    for start, end in reversed(offsets.tolist()):
        if start == following[0]:  # byte pairs that split one character share its offsets
            end = following[1]
        while end < following[0] and not text[end].isspace():
            end += 1
        following = (start, end)
        stretched.append(following)
    return np.array(stretched[::-1], dtype=np.int64).reshape(-1, 2)
