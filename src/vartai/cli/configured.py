"""Options that were not typed, taken from `--config FILE` or from the model of `--from MODEL`.

Whatever is typed holds; then comes the file, then the model to go on from, then the defaults. Only
commands that have these two options are touched. With `--demo`, options of the demonstration come
before all that is not typed, and with `--streaming` those that make a model one that can be
streamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cyclopts import App, Argument, ArgumentCollection, Token

from vartai.errors import BundleError, OptionError

# Options that --streaming decides; whoever types others is told that they do not go together.
_STREAMING = {"--bidirectional": False}

_UNSET: tuple[object, ...] = (None, [], ())


def fill_unset_options(_: App, words: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Give every argument without a typed value the one of the file or model that was named.

    Args:
        words: the command that was typed, such as ``train classify``; Cyclopts also hands over the
            application.
        arguments: of that command.

    Raises:
        UserError: the file or model cannot be read, or holds an option that is unknown or wrong.
    """
    by_name = {argument.name: argument for argument in arguments}
    if "--streaming" in by_name and by_name["--streaming"].tokens:
        for name, value in _STREAMING.items():
            _fill(by_name[name], value, source="--streaming")
    sources = (("--config", _from_file), ("--from", _from_model))
    if "--demo" in by_name and by_name["--demo"].tokens:
        for name, value in _options(_from_demo(words[-1])):
            _fill(by_name[f"--{name.replace('_', '-')}"], value, source="--demo")
    for option, read in sources:
        if option in by_name and by_name[option].tokens:
            place = by_name[option].tokens[0].value
            for name, value in _options(read(Path(place), words[-1])):
                _fill(by_name[f"--{name.replace('_', '-')}"], value, source=place)


def _fill(argument: Argument, value: Any, *, source: str) -> None:
    if not argument.tokens and value not in _UNSET:
        whole = tuple(value) if isinstance(value, list) else value
        argument.append(Token(keyword=argument.name, source=source, implicit_value=whole))


def _options(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for options in sections.values():
        yield from options.items()


def _from_demo(task: str) -> Mapping[str, Mapping[str, Any]]:
    from vartai.tasks.catalogue import find_demo_options

    return find_demo_options(task)


def _from_file(path: Path, task: str) -> Mapping[str, Mapping[str, Any]]:
    from vartai.tasks.catalogue import find_config
    from vartai.tasks.config_files import read_config

    return read_config(path, find_config(task))


def _from_model(folder: Path, task: str) -> Mapping[str, Mapping[str, Any]]:
    """What a model to go on from decides unless told otherwise."""
    from vartai.bundle import read_bundle
    from vartai.tasks.catalogue import find_config

    contents = read_bundle(folder)
    if contents.task != task:
        raise OptionError(f"{folder} is a model for {contents.task}; --from here expects {task}")
    decided = find_config(task).DECIDED_BY_START
    try:
        options = contents.config["options"]
        return {
            part: {name: options[part][name] for name in names} for part, names in decided.items()
        }
    except (KeyError, TypeError) as error:
        raise BundleError(
            f"{folder}/config.json: expected the options of a model for {task}"
        ) from error
