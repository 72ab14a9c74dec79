"""`vartai features`: its options. What needs torch waits in `features_run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from vartai.cli.groups import MAIN, JsonFlag, panel
from vartai.data.caption_options import CaptionTableOptions
from vartai.errors import OptionError


@Parameter(name="*", group=MAIN)
@dataclass(frozen=True, kw_only=True)
class FeatureOptions:
    """What and where.

    Attributes:
        encoder: torchvision:NETWORK or timm:NETWORK, such as torchvision:resnet50; the library must
            be installed.
        out: folder that the features are written to. One that is there already, of the same
            encoder, is gone on with.
        weights: file of the network's weights (.safetensors, or a state_dict of torch's); if not
            given, the library fetches its own.
        picture_size: pixels a side that pictures are scaled to; the network's own if not given.
        device: cpu, cuda, or auto: a GPU if there is one.
        threads: of the CPU; as torch decides if not given.
        json: print one JSON object.
    """

    encoder: str | None = None
    out: Annotated[str | None, Parameter(name="--out", metavar="DIR")] = None
    weights: Annotated[str | None, Parameter(metavar="FILE")] = None
    picture_size: int | None = None
    device: str = "auto"
    threads: int | None = None
    json: JsonFlag = False


@dataclass(frozen=True, kw_only=True)
class FeatureTable:
    """Reading a table of pictures.

    Attributes:
        image: column that holds the path of the picture, seen from the folder of the table; guessed
            by name if not given. A table without header has columns 1, 2, ….
        caption: column that holds the caption, if there is one; guessed by name if not given.
        format: csv, tsv, jsonl or parquet; from the file's name, else its first lines, if not
            given.
        delimiter: what separates the fields of a csv line; guessed if not given.
        header: whether the first row of a csv or tsv names the columns; guessed if not given.
        encoding: how the bytes of text files encode text.
        max_characters: a caption, or a quoted field, longer than this is rejected.
    """

    image: str | None = None
    caption: str | None = None
    format: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    encoding: str = CaptionTableOptions.encoding
    max_characters: int = CaptionTableOptions.max_characters

    def options(self) -> CaptionTableOptions:
        """The same, as the reader of captions wants it."""
        return CaptionTableOptions(
            image=self.image,
            caption=self.caption,
            format=self.format,
            delimiter=self.delimiter,
            header=self.header,
            encoding=self.encoding,
            max_characters=self.max_characters,
        )


_HOW, _TABLE = FeatureOptions(), FeatureTable()


def features(
    *tables: Annotated[str, Parameter(group=MAIN)],
    how: FeatureOptions = _HOW,
    reading: Annotated[FeatureTable, panel("Reading the tables", 2)] = _TABLE,
) -> int:
    """Compute the features of pictures once, for training on them as often as wanted.

    Every picture goes through the encoder once. What is there already is not computed again: a run
    that was stopped goes on when it is typed again.

    Args:
        tables: of pictures, with captions or without (csv, tsv, jsonl, parquet); paths are seen
            from the folder of the table.
        how: what and where.
        reading: how the tables are read.
    """
    if not tables:
        raise OptionError("expected tables of pictures; vartai features captions.csv …")
    if how.encoder is None:
        raise OptionError("expected --encoder, such as --encoder torchvision:resnet50")
    if how.out is None:
        raise OptionError("expected --out DIR, the folder that the features are written to")
    options = reading.options()
    from vartai.cli.features_run import run_features

    return run_features(tables, options, how, encoder=how.encoder, out=how.out)
