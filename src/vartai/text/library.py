"""The `tokenizers` library, asked for arrays, and its JSON.

Word and byte-pair tokenizers both run in its compiled code. Texts go through in small batches, for
an `Encoding` is some hundred bytes a token and a corpus of them would not fit.
"""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Iterator, Sequence

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


def encode_texts(library: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[TokenizedText]:
    """Ids and offsets; see `vartai.text.tokens.Tokenizer.encode`."""
    return [
        _tokenized(text, encoding, max_tokens)
        for batch in _batches(texts)
        for text, encoding in zip(
            batch, library.encode_batch(batch, add_special_tokens=False), strict=True
        )
    ]


def encode_ids(library: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[Ids]:
    """Ids alone; the library skips its book-keeping of offsets."""
    return [
        without_middle(np.array(encoding.ids, dtype=np.int64), max_tokens)
        for batch in _batches(texts)
        for encoding in library.encode_batch_fast(batch, add_special_tokens=False)
    ]


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
    remaining = checked(texts)
    while batch := list(itertools.islice(remaining, BATCH)):
        yield batch


def _tokenized(text: str, encoding: Encoding, max_tokens: int) -> TokenizedText:
    ids = np.array(encoding.ids, dtype=np.int64)
    flat = itertools.chain.from_iterable(encoding.offsets)
    offsets = np.fromiter(flat, np.int64, count=2 * len(ids)).reshape(-1, 2)
    if not unicodedata.is_normalized("NFC", text):
        _take_in_marks(text, offsets)
    return TokenizedText(
        ids=without_middle(ids, max_tokens),
        offsets=without_middle(offsets, max_tokens),
        cut=max(0, len(ids) - max_tokens),
    )


def _take_in_marks(text: str, offsets: Ids) -> None:
    """Stretch tokens, in place, over the marks that composition merged into their last letter.

    The library traces a composed character back to its first code point only: a token that ends in
    e + U+0307 would end before the dot. Between tokens there is only white space, so whatever
    else follows a token directly is its own.
    """
    limits = [*offsets[1:, 0].tolist(), len(text)]
    for row, limit in enumerate(limits):
        start, end = offsets[row].tolist()
        while end < limit and not text[end].isspace():
            end += 1
        same_character = row > 0 and offsets[row - 1, 0] == start  # byte pairs of one character
        offsets[row, 1] = max(end, offsets[row - 1, 1]) if same_character else end
