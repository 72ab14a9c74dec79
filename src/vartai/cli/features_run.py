"""One run of `vartai features`: tables of pictures in, a folder of annotations out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vartai.cli.failures import DONE, INTERRUPTED
from vartai.cli.features import FeatureOptions
from vartai.cli.voice import Voice
from vartai.data.annotating import Annotated, write_features
from vartai.data.caption_options import CaptionTableOptions
from vartai.data.captions import has_captions
from vartai.data.features import Origin
from vartai.data.sources import STDIN
from vartai.errors import InputError, OptionError, require_range, unknown_name
from vartai.images.pretrained import PretrainedEncoder, load_pretrained
from vartai.training.device import choose_device, use_threads
from vartai.training.options import DEVICES

_SECONDS_BETWEEN_LINES = 10.0


def run_features(
    tables: Sequence[str],
    options: CaptionTableOptions,
    how: FeatureOptions,
    *,
    encoder: str,
    out: str,
) -> int:
    """Annotate, write, tell; returns the exit code.

    Raises:
        OptionError: options, tables or the folder do not go together.
        InputError: a table or the weights cannot be read.
        RunError: an annotation cannot be kept, or a file not written.
    """
    voice = Voice(json=how.json)
    folder = Path(out)
    _require_tables(tables)
    if how.device not in DEVICES:
        raise unknown_name("device", how.device, DEVICES)
    device = choose_device(how.device)
    if how.threads is not None:
        require_range("threads", how.threads, at_least=1)
    weights = None if how.weights is None else Path(how.weights)
    network = load_pretrained(encoder, weights=weights, picture_size=how.picture_size)
    origin = origin_of(network, fetched=weights is None)
    network.to(device)
    voice.say(f"{origin}.")
    said: list[dict[str, Any]] = []
    progress = _Progress(voice)
    try:
        with use_threads(how.threads):
            for name in tables:
                made = write_features(
                    name,
                    options,
                    folder,
                    annotate=network,
                    origin=origin,
                    need_caption=options.caption is not None or has_captions(name, options),
                    watch=progress.watch,
                )
                said.append(_tell(name, made, voice))
    except KeyboardInterrupt:
        voice.say(f"stopped; {folder} keeps what is computed, and typed again it goes on")
        return INTERRUPTED
    voice.tell(f"The features are in {folder}. Next:")
    voice.suggest([["vartai", "train", "caption", *_next(folder, tables), "--out", "captioner"]])
    voice.answer(
        {
            "features": str(folder),
            "encoder": origin.encoder,
            "weights": origin.weights,
            "picture_size": origin.picture_size,
            "places": origin.places,
            "numbers": origin.numbers,
            "tables": said,
        }
    )
    return DONE


def origin_of(network: PretrainedEncoder, *, fetched: bool) -> Origin:
    """What is written beside the annotations that a network makes.

    Args:
        network: with its weights.
        fetched: these are the library's own.
    """
    return Origin(
        encoder=network.name,
        weights=f"{'library' if fetched else 'file'}:{network.digest}",
        picture_size=network.picture_size,
        places=network.annotations,
        numbers=network.size,
    )


def _require_tables(tables: Sequence[str]) -> None:
    """Before a network is loaded: tables that are there, each of a name of its own."""
    names = [Path(name).stem for name in tables]
    for name, stem in zip(tables, names, strict=True):
        if names.count(stem) > 1:
            raise OptionError(f"two tables would be called {stem}.csv among the features: rename")
        if name == STDIN:
            raise OptionError(
                "standard input has no name that its features could have; expected files"
            )
        if not Path(name).exists():
            raise InputError("there is no such file", file=name)
        if Path(name).is_dir():
            raise InputError("is a folder; expected a table of pictures", file=name)


def _tell(name: str, made: Annotated, voice: Voice) -> dict[str, Any]:
    voice.say_all([f"{name}: {note}" for note in made.notes])
    if len(made.rejects):
        voice.say_rejected(made.rejects, made.table.with_suffix(".rejects.jsonl"))
    if made.alike:
        voice.say(
            f"{name}: {made.alike:,} pictures are another one byte for byte; they share its "
            "annotations, and are one picture from here on."
        )
    voice.tell(
        f"{made.table}: {made.pictures:,} pictures ({made.computed:,} computed, {made.found:,} "
        f"found), {made.captions:,} captions"
    )
    return {
        "table": str(made.table),
        "pictures": made.pictures,
        "computed": made.computed,
        "found": made.found,
        "captions": made.captions,
        "rejected": len(made.rejects),
    }


def _next(folder: Path, tables: Sequence[str]) -> list[str]:
    if len(tables) == 1 and len(list(folder.glob("*.csv"))) == 1:
        return [str(folder)]
    return [str(folder / f"{Path(tables[0]).stem}.csv")]


class _Progress:
    """A line now and then."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._last = time.monotonic()

    def watch(self, count: int) -> None:
        """Told after each picture how many of its table there are."""
        now = time.monotonic()
        if now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            self._voice.say(f"{count:,} pictures …")
