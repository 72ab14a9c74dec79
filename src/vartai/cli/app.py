"""The verbs as a Cyclopts application; a verb's module is imported when the verb is typed."""

from __future__ import annotations

from cyclopts import App

from vartai.cli.configured import fill_unset_options
from vartai.cli.verbs import VERBS

_GROUPS = {
    "train": "Train a model on your own data.",
    "compare": "Compare recurrent cells on your own data, at equal size and budget.",
}


def build_app() -> App:
    """The application. Called with arguments it returns the verb's exit code.

    It raises what goes wrong, `cyclopts.CycloptsError` for arguments that cannot be parsed.
    """
    app = App(
        name="vartai",
        help="Recurrent networks trained on your own data on an ordinary CPU.",
        version_flags=(),
        config=fill_unset_options,
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
        help_on_error=False,
        suppress_keyboard_interrupt=False,
    )
    groups = {name: App(name=name, help=summary) for name, summary in _GROUPS.items()}
    for group in groups.values():
        app.command(group)
    for verb in VERBS:
        parent = app if len(verb.words) == 1 else groups[verb.words[0]]
        parent.command(
            verb.target,
            name=verb.words[-1],
            help=verb.summary,
            help_epilogue=f"Example:\n\n    {verb.example}",
        )
    return app
