"""The options of a tagger as groups of command-line options, a panel of `--help` each."""

from __future__ import annotations

from typing import Annotated

from vartai.cli.groups import panel
from vartai.data.tagged.options import TaggedOptions
from vartai.tasks.tag.config import TaggerOptions, TagTextOptions, TagTrainingOptions

Reading = Annotated[TaggedOptions, panel("Reading the file", 2)]
Text = Annotated[TagTextOptions, panel("Words and characters", 4)]
Model = Annotated[TaggerOptions, panel("The model", 5)]
Training = Annotated[TagTrainingOptions, panel("Training", 7)]

READING, TEXT = TaggedOptions(), TagTextOptions()
MODEL, TRAINING = TaggerOptions(), TagTrainingOptions()
