"""Fields of one line of columns: what each format calls them, and how a line is cut into them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vartai.data.lines import Fault
from vartai.errors import InputError, OptionError, unknown_name

CONLLU_COLUMNS = (
    "id",
    "form",
    "lemma",
    "upos",
    "xpos",
    "feats",
    "head",
    "deprel",
    "deps",
    "misc",
)
NONE = "_"
"""What stands in CoNLL-U where there is nothing; also the tag of a word without the feature."""

_BLANKS = re.compile(r"[ \t]+")


class FieldError(ValueError):
    """A line cannot be read; `fault` says why, `column` names the column to blame, if one is."""

    def __init__(self, fault: Fault, column: str | None = None) -> None:
        super().__init__(fault.detail)
        self.fault = fault
        self.column = column


@dataclass(frozen=True)
class Field:
    """One column, or one feature in it.

    Attributes:
        name: as it was asked for.
        place: of the column, from 0.
        feature: name of the feature, or None for the whole column.
    """

    name: str
    place: int
    feature: str | None = None

    def read(self, fields: list[str]) -> str:
        """The value in a line.

        Raises:
            FieldError: the features are not ``Name=Value`` joined by bars, or a word is empty.
        """
        value = fields[self.place]
        if self.feature is not None:
            return dict(read_features(value, self.name)).get(self.feature, NONE)
        if not value:
            raise FieldError(Fault("empty word", "expected a value, found nothing"), self.name)
        if "\0" in value:
            raise FieldError(Fault("NUL character", "expected text, found NUL"), self.name)
        return value

    def write(self, fields: list[str], tag: str) -> None:
        """Put a tag in its place; a new feature before the first whose name sorts after its own."""
        if self.feature is None:
            fields[self.place] = tag
            return
        features = read_features(fields[self.place], self.name)
        names = [name for name, _ in features]
        if self.feature in names:
            place = names.index(self.feature)
            del features[place]
        else:
            later = (at for at, name in enumerate(names) if name.lower() > self.feature.lower())
            place = next(later, len(names))
        if tag != NONE:
            features.insert(place, (self.feature, tag))
        fields[self.place] = "|".join(f"{name}={value}" for name, value in features) or NONE


def read_features(value: str, column: str) -> list[tuple[str, str]]:
    """``Case=Nom|Gender=Fem`` as pairs; none for ``_``.

    Raises:
        FieldError: a feature is given twice or has no name.
    """
    if value == NONE:
        return []
    pairs: list[tuple[str, str]] = []
    for part in value.split("|"):
        name, equals, worth = part.partition("=")
        if not name or not equals or not worth or any(name == known for known, _ in pairs):
            raise FieldError(
                Fault("malformed features", f"expected Name=Value once a name, found {part!r:.60}"),
                column,
            )
        pairs.append((name, worth))
    return pairs


def conllu_field(name: str) -> Field:
    """A column or feature of CoNLL-U by name.

    Raises:
        OptionError: there is no such column; lists those there are.

    >>> conllu_field("feats:Gender")
    Field(name='feats:Gender', place=5, feature='Gender')
    """
    column, colon, feature = name.partition(":")
    if column.lower() not in CONLLU_COLUMNS:
        raise unknown_name("column", name, (*CONLLU_COLUMNS, "feats:NAME"))
    place = CONLLU_COLUMNS.index(column.lower())
    if not colon:
        return Field(name, place)
    if CONLLU_COLUMNS[place] != "feats" or not feature:
        raise OptionError(f"column {name!r}: only feats holds features, as feats:Gender")
    return Field(name, place, feature)


def conll_field(name: str, *, columns: int, file: str) -> Field:
    """A column of a file of columns by number, from 1.

    Raises:
        OptionError: it is no number.
        InputError: the file has not so many columns.
    """
    if not name.isdecimal() or int(name) < 1:
        raise OptionError(f"columns of this file have numbers, from 1, not names; was {name!r}")
    if int(name) > columns:
        raise InputError(f"expected a column {name}, found {columns} columns", file=file)
    return Field(name, int(name) - 1)


def cut(text: str, *, tab: bool) -> list[str]:
    """The fields of a line, separated by single tabs or by runs of blanks."""
    return text.split("\t") if tab else _BLANKS.split(text.strip(" \t"))
