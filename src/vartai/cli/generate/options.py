"""The options of a language model as groups of command-line options, a panel of `--help` each."""

from __future__ import annotations

from typing import Annotated

from vartai.cli.groups import panel
from vartai.data.text_options import DocumentOptions, HeldOutOptions
from vartai.decoding.options import SamplingOptions
from vartai.tasks.generate.config import (
    LanguageModelOptions,
    LanguageTraining,
    StreamOptions,
    UnitOptions,
)

Reading = Annotated[DocumentOptions, panel("Reading text", 2)]
Split = Annotated[HeldOutOptions, panel("Holding text out", 3)]
Text = Annotated[UnitOptions, panel("Units and vocabulary", 4)]
Model = Annotated[LanguageModelOptions, panel("The model", 5)]
Streams = Annotated[StreamOptions, panel("Truncated backpropagation", 6)]
Training = Annotated[LanguageTraining, panel("Training", 7)]
Sampling = Annotated[SamplingOptions, panel("Choosing what comes next", 2)]

READING, SPLIT, TEXT = DocumentOptions(), HeldOutOptions(), UnitOptions()
MODEL, STREAMS, TRAINING = LanguageModelOptions(), StreamOptions(), LanguageTraining()
SAMPLING = SamplingOptions()
