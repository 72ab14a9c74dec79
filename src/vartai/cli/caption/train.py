"""`vartai train caption`: its options. What needs torch waits in `training`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vartai.cli.caption import options
from vartai.cli.groups import MAIN
from vartai.errors import OptionError
from vartai.tasks.config_files import write_config

_WHERE, _HOW = options.CaptionTrainOptions(), options.CaptionOptions()


def train_caption(
    file: Annotated[str | None, Parameter(group=MAIN)] = None,
    /,
    *,
    where: options.CaptionTrainOptions = _WHERE,
    how: options.CaptionOptions = _HOW,
) -> int:
    """Train a captioner.

    Args:
        file: a table of pictures and captions (csv, tsv, jsonl, parquet), one caption a row; paths
            are seen from its folder.
        where: what and where.
        how: everything else.
    """
    config = how.config()
    if where.print_config:
        print(write_config(config), end="")
        return 0
    if file is None and not where.demo:
        raise OptionError(
            "expected a table of pictures and captions; vartai train caption TABLE …, or --demo"
        )
    if file is not None and where.demo:
        raise OptionError("--demo reads no file; expected a table or --demo, found both")
    if where.out is None:
        raise OptionError("expected --out DIR, the folder that the model is saved in")
    from vartai.cli.caption.training import train

    return train(file, config, where, out=where.out)
