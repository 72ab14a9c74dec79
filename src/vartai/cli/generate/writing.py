"""One run of `vartai generate`: text to standard output as it grows, talk to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from vartai.cli.generate.generate import GenerateOptions
from vartai.cli.task_verbs import load_for
from vartai.cli.voice import Voice
from vartai.data.documents import read_documents
from vartai.data.text_options import DocumentOptions
from vartai.decoding.options import SamplingOptions
from vartai.errors import OptionError
from vartai.tasks.generate.generation import (
    Generation,
    Prompt,
    Sample,
    WritingOptions,
    note_of_cycle,
    note_of_unknown,
)
from vartai.tasks.generate.task import GenerateTask


def run_generation(model: str, what: GenerateOptions, sampling: SamplingOptions) -> None:
    """Write."""
    options = WritingOptions(
        length=what.length,
        stop=tuple(stop.replace("\\n", "\n") for stop in what.stop),
        samples=what.samples,
    )
    if what.interactive and (what.samples > 1 or what.json):
        raise OptionError("interactive writes one text, for people: without --samples or --json")
    saved = load_for("generate", model)
    voice = Voice(json=what.json)
    writing = _Writing(saved.task, options, sampling, voice)
    text = _prompt(what, saved.task)
    if what.interactive:
        writing.converse(text)
    else:
        writing.write_all(text)


def _prompt(what: GenerateOptions, task: GenerateTask) -> str:
    if what.prompt is not None and what.prompt_file is not None:
        raise OptionError("expected --prompt or --prompt-file, found both")
    if what.prompt_file is None:
        return what.prompt or ""
    options = DocumentOptions(encoding=task.config.reading.encoding)
    (document,) = read_documents([what.prompt_file], options).documents
    return document.text


class _Writing:
    """Writes with one model.

    Args:
        task: the language model.
        options: how much.
        sampling: how it is chosen.
        voice: of this run.
    """

    def __init__(
        self,
        task: GenerateTask,
        options: WritingOptions,
        sampling: SamplingOptions,
        voice: Voice,
    ) -> None:
        self._unit = task.unit
        self._generation = Generation(task)
        self._options = options
        self._sampling = sampling
        self._voice = voice

    def write_all(self, text: str) -> None:
        """Every sample: one alone as it grows, several one after another when they are whole."""
        prompt = self._read(text)
        if self._options.samples == 1 and not self._voice.json:
            _show(text)
            samples = [self._stream(prompt)]
            _show("\n")
        else:
            samples = self._collect(prompt)
        if self._options.samples > 1:
            for sample in samples:
                self._voice.tell(f"--- {sample.number + 1} ({sample.ended})")
                self._voice.tell(text + sample.text)
        self._say_cycles(samples)
        self._voice.answer(
            {
                "prompt": text,
                "unknown": list(prompt.unknown),
                "samples": [_as_mapping(sample) for sample in samples],
            }
        )

    def converse(self, text: str) -> None:
        """Read lines from standard input, and write on after each."""
        self._voice.say("Type a line to go on from; an empty one just goes on. Ctrl-D ends.")
        if text:
            self._read(text)
            _show(text)
        for line in _lines():
            prompt = self._read(line)
            sample = self._stream(prompt)
            _show("\n")
            self._say_cycles([sample])
            if sample.ended == "end":
                self._voice.say("The model ended the document; the next line begins a new one.")

    def _read(self, text: str) -> Prompt:
        prompt = self._generation.read(text)
        note = note_of_unknown(prompt, self._unit)
        if note is not None:
            self._voice.say(note)
        return prompt

    def _stream(self, prompt: Prompt) -> Sample:
        """One sample, shown as it grows; Ctrl-C ends the line before it ends the run."""
        last = Sample(0)
        try:
            for sample, piece in self._generation.write(prompt, self._options, self._sampling):
                last = sample
                _show(piece)
        except KeyboardInterrupt:
            _show("\n")
            raise
        return last

    def _collect(self, prompt: Prompt) -> list[Sample]:
        written = self._generation.write(prompt, self._options, self._sampling)
        samples = {sample.number: sample for sample, _ in written}
        return [samples[number] for number in sorted(samples)]

    def _say_cycles(self, samples: list[Sample]) -> None:
        for sample in samples:
            note = note_of_cycle(sample, self._unit)
            if note is not None:
                self._voice.say(note)


def _lines() -> Iterator[str]:
    """Lines of standard input without their ends; an end of file ends them."""
    for line in sys.stdin:
        yield line.rstrip("\r\n")


def _show(piece: str) -> None:
    sys.stdout.write(piece)
    sys.stdout.flush()


def _as_mapping(sample: Sample) -> dict[str, Any]:
    cycle = sample.cycle()
    return {
        "text": sample.text,
        "ids": sample.ids,
        "ended": sample.ended,
        "cycle": None if cycle is None else cycle._asdict(),
    }
