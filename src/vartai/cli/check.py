"""`vartai check`: what would be read, guessed and rejected; trains nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from vartai.cli import groups


def check(
    table: Annotated[str, Parameter(group=groups.MAIN)],
    /,
    *,
    reading: groups.Table = groups.TABLE,
    column: Annotated[str | None, Parameter(group=groups.MAIN)] = None,
    fix_text: Annotated[bool, groups.FLAG] = False,
    rejects: Annotated[str | None, Parameter(group=groups.MAIN, metavar="FILE")] = None,
    json: groups.JsonFlag = False,
) -> None:
    """Look at a table, or a file of tagged sentences, as training would.

    Args:
        table: csv, tsv, jsonl, parquet or plain lines, also as .gz or .zst; - is standard input.
            Or sentences with a tag for every word, as `vartai train tag` reads them. What other
            tasks read is looked at by --dry-run of their training.
        reading: how the table is read.
        column: what holds the tags of words, as for `vartai train tag`; the file is one of tagged
            sentences then.
        fix_text: look at the texts as --fix-text of training would mend them.
        rejects: file to write every rejected row to, as JSON lines.
        json: print one JSON object.
    """
    # Late, so that --help does not wait for the packages behind them.
    from vartai.cli.voice import Voice
    from vartai.data.advice import advise
    from vartai.data.summary import summarise_table
    from vartai.data.tagged.summary import holds_tagged_sentences

    voice = Voice(json=json)
    if column is not None or (
        reading == groups.TABLE and holds_tagged_sentences(table, reading.encoding)
    ):
        from vartai.cli.tag.summary import check_tagged
        from vartai.data.tagged.options import TaggedOptions

        options = TaggedOptions(column=column, encoding=reading.encoding)
        check_tagged(table, options, rejects=rejects, voice=voice)
        return
    summary, rejected = summarise_table(table, reading, fix_text=fix_text)
    if rejects is not None:
        rejected.write(rejects)
    from vartai.cli.summary import show_summary

    advice = advise(summary)
    show_summary(summary, advice, voice)
    facts = asdict(summary)
    facts["characters"] = {str(share): size for share, size in summary.characters.items()}
    voice.answer({**facts, "advice": advice})
