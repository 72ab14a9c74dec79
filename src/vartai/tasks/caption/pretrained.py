"""The encoder that made the annotations of a captioner's training, for pictures that have none."""

from __future__ import annotations

from pathlib import Path

from vartai.errors import OptionError
from vartai.images.options import PictureOptions
from vartai.images.pretrained import LIBRARIES, PretrainedEncoder, load_pretrained


def load_encoder(options: PictureOptions, *, weights: Path | None) -> PretrainedEncoder:
    """The same network with the same weights, or none.

    Args:
        options: of the captioner, with `pretrained`.
        weights: a file of them; None for those that the library fetches.

    Raises:
        OptionError: it is not known, cannot be had, or the weights are others.
        InputError: the file cannot be read, or belongs to another network.
    """
    name = options.pretrained
    if name is None:
        raise OptionError(
            "this captioner reads annotations (.npy), and what made them is not known; trained on "
            "a folder of vartai features, it would be"
        )
    if name.partition(":")[0] not in LIBRARIES:
        raise OptionError(
            f"{name} made the annotations that this captioner reads, and only its owner has it: "
            "annotate with it and give the .npy files"
        )
    owner, _, digest = (options.pretrained_weights or "").partition(":")
    if owner == "file" and weights is None:
        raise OptionError(
            f"this captioner sees through {name} with weights of a file (SHA-256 {digest[:12]}…): "
            "--weights FILE names it"
        )
    encoder = load_pretrained(name, weights=weights, picture_size=options.picture_size)
    if digest and encoder.digest != digest:
        where = "the library's" if weights is None else str(weights)
        raise OptionError(
            f"{where}: expected the weights of {name} that this captioner was trained with "
            f"(SHA-256 {digest[:12]}…), found others ({encoder.digest[:12]}…)"
        )
    if encoder.size != options.annotation_size:
        raise OptionError(
            f"expected {options.annotation_size:,} numbers a place of {name}, found "
            f"{encoder.size:,}"
        )
    return encoder
