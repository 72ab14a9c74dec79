"""The door to the tokenizers: train one for a unit, load one that was saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from vartai.text import characters, spaced
from vartai.text.characters import load_characters, train_characters
from vartai.text.options import TextOptions
from vartai.text.saved import JsonObject, as_object, fault, field, read_object
from vartai.text.spaced import load_spaced, train_spaced
from vartai.text.subwords import load_subwords, train_subwords
from vartai.text.tokens import TokenizedText, Tokenizer
from vartai.text.words import load_words, train_words

__all__ = ["TokenizedText", "Tokenizer", "load_tokenizer", "train_spaced", "train_tokenizer"]

_TRAIN: Mapping[str, Callable[[Iterable[str], TextOptions], Tokenizer]] = {
    "word": train_words,
    "char": train_characters,
    "bpe": train_subwords,
}
_LOAD_OWN: Mapping[str, Callable[[JsonObject], Tokenizer]] = {
    characters.SAVED_TYPE: load_characters,
    spaced.SAVED_TYPE: load_spaced,
}
_LOAD: Mapping[str, Callable[[JsonObject], Tokenizer]] = {
    "WordLevel": load_words,
    "BPE": load_subwords,
}


def train_tokenizer(texts: Iterable[str], options: TextOptions) -> Tokenizer:
    """Learn a vocabulary. The same texts, in any order, give the same one.

    Args:
        texts: the texts to train on, read once.
        options: unit, case, and the limits of the vocabulary.

    Returns:
        A tokenizer of `options.unit`.

    Raises:
        InputError: a text holds a lone surrogate, which is not a character.
        OptionError: `options.vocabulary_size` is too small for the unit.

    >>> options = TextOptions(min_frequency=1)
    >>> tokenizer = train_tokenizer(["Ne blogas, o geras."], options)
    >>> tokenized = tokenizer.encode(["Geras, ne blogas!"])[0]
    >>> tokenizer.tokens(tokenized.ids)
    ['geras', ',', 'ne', 'blogas', '<unk>']
    >>> tokenized.offsets.tolist()
    [[0, 5], [5, 6], [7, 9], [10, 16], [16, 17]]
    """
    return _TRAIN[options.unit](texts, options)


def load_tokenizer(json_text: str) -> Tokenizer:
    """Make a tokenizer of what `Tokenizer.to_json` wrote.

    The file is only read for its vocabulary, merges and settings, each checked; its rules for
    taking text apart must be this version's own.

    Raises:
        BundleError: the text is damaged, foreign, too large, or of another version.
    """
    saved = read_object(json_text)
    if "type" in saved:
        own = saved["type"]
        if not isinstance(own, str) or own not in _LOAD_OWN:
            known = " or ".join(map(repr, _LOAD_OWN))
            raise fault(f"expected the type {known}, found {own!r:.80}")
        return _LOAD_OWN[own](saved)
    kind = field(as_object(field(saved, "model"), "model"), "type")
    if not isinstance(kind, str) or kind not in _LOAD:
        raise fault(f"expected a model of {' or '.join(_LOAD)}, found {kind!r:.80}")
    return _LOAD[kind](saved)
