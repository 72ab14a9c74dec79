"""One run of `vartai export`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from vartai.bundle.trained import SavedTask, load_task
from vartai.cli.export import ExportOptions
from vartai.cli.sizes import format_bytes
from vartai.cli.voice import Voice
from vartai.errors import OptionError
from vartai.exchange.folders import require_place, write_folder
from vartai.exchange.keras_export import FILES as KERAS_FILES
from vartai.exchange.keras_export import export_keras
from vartai.exchange.onnx_export import FILES as ONNX_FILES
from vartai.exchange.onnx_export import OnnxFolder, export_onnx
from vartai.exchange.rounding import rounded_model
from vartai.exchange.torch_export import FILES as TORCH_FILES
from vartai.exchange.torch_export import MODULE, export_torch

Change = dict[str, tuple[float, float]]
_FILES = {"onnx": ONNX_FILES, "torch": TORCH_FILES, "keras": KERAS_FILES}


def run_export(model: str, options: ExportOptions) -> None:
    """Load, build, check, write, tell."""
    if options.to != "onnx" and (options.int8 or options.without_ngrams):
        raise OptionError(f"--int8 and --without-ngrams have no use with --to {options.to}")
    if options.int8 != (options.test is not None):
        raise OptionError(
            "--int8 and --test FILE go together: the file tells what the rounding costs"
        )
    saved = load_task(Path(model))
    out = Path(options.out)
    require_place(out, _FILES[options.to])
    title = Path(model).resolve().name
    exporters = {"onnx": _export_onnx, "torch": _export_torch, "keras": _export_keras}
    exporters[options.to](saved, title, out, options)


def _export_torch(saved: SavedTask, title: str, out: Path, options: ExportOptions) -> None:
    found = export_torch(saved.name, saved.task, title=title)
    write_folder(out, found.files, TORCH_FILES)
    voice = Voice(json=options.json)
    voice.tell(found.module)
    _tell_written(voice, out, found.files, {MODULE: found.difference}, found.notes)


def _export_keras(saved: SavedTask, title: str, out: Path, options: ExportOptions) -> None:
    found = export_keras(saved.name, saved.task, title=title)
    write_folder(out, found.files, KERAS_FILES)
    differences = {"model.keras": found.difference}
    _tell_written(Voice(json=options.json), out, found.files, differences, found.notes)


def _tell_written(
    voice: Voice,
    out: Path,
    files: Mapping[str, bytes],
    differences: Mapping[str, float],
    notes: Sequence[str],
) -> None:
    """What both of them say at the end."""
    for note in notes:
        voice.tell(note)
    largest = max(differences.values())
    voice.tell(f"Written to {out}: {', '.join(sorted(files))}.")
    voice.tell(f"On random batches it differs from the model by {largest:.1e} at most.")
    voice.answer(
        {
            "folder": str(out),
            "files": {name: len(raw) for name, raw in files.items()},
            "differences": dict(differences),
            "notes": list(notes),
        }
    )


def _export_onnx(saved: SavedTask, title: str, out: Path, options: ExportOptions) -> None:
    voice = Voice(json=options.json)
    found = export_onnx(
        saved.name,
        saved.task,
        title=title,
        int8=options.int8,
        without_ngrams=options.without_ngrams,
    )
    change = {} if options.test is None else _change(saved, options.test)
    write_folder(out, found.files, ONNX_FILES)
    _tell(found, change, out, options, voice)


def _change(saved: SavedTask, file: str) -> Change:
    """Each score before and after rounding, of the recurrent path alone where that was exported."""
    from vartai.cli.export_scores import score_file

    task = saved.task.alone() if saved.name == "classify" else saved.task
    before = score_file(replace(saved, task=task), file)
    rounded = replace(task, model=rounded_model(task.model))
    after = score_file(replace(saved, task=rounded), file)
    return {name: (value, after[name]) for name, value in before.items()}


def _tell(
    found: OnnxFolder, change: Change, out: Path, options: ExportOptions, voice: Voice
) -> None:
    rows = [
        (name, format_bytes(len(raw)), _difference(found.differences, name))
        for name, raw in found.files.items()
    ]
    voice.table(("file", "size", "largest difference from the model"), rows)
    voice.tell()
    if change:
        voice.tell(f"Weights in 8 bits, on {options.test}:")
        voice.tell()
        cells = [
            (name, f"{before:.4f}", f"{after:.4f}", f"{after - before:+.4f}")
            for name, (before, after) in change.items()
        ]
        voice.table(("score", "32 bits", "8 bits", "change"), cells)
        voice.tell()
    for note in found.notes:
        voice.tell(note)
    voice.tell(f"Written to {out}, after checking it against onnxruntime on random batches.")
    voice.answer(
        {
            "folder": str(out),
            "files": {name: len(raw) for name, raw in found.files.items()},
            "differences": dict(found.differences),
            "change": {name: {"before": a, "after": b} for name, (a, b) in change.items()},
            "notes": list(found.notes),
        }
    )


def _difference(differences: Mapping[str, float], name: str) -> str:
    return f"{differences[name]:.1e}" if name in differences else ""
