"""Fields to checked texts and labels: the one place that says which values may be used."""

from __future__ import annotations

from vartai.data.columns import Columns
from vartai.data.lines import Fault
from vartai.data.options import TableOptions
from vartai.data.rejects import Rejection
from vartai.data.rows import Row, write_raw

TEXT_JOINT = "\n\n"
"""Stands between the texts of several columns."""


class FieldError(ValueError):
    """A field cannot be used."""

    def __init__(self, fault: Fault, column: str) -> None:
        super().__init__(fault.detail)
        self.fault = fault
        self.column = column

    def rejection(self, row: Row, file: str) -> Rejection:
        """The row that the field stands in, as it is filed."""
        return Rejection(
            file=file,
            line=row.line,
            column=self.column,
            reason=self.fault.reason,
            detail=self.fault.detail,
            raw=write_raw(row),
        )


def read_text(row: Row, columns: Columns, options: TableOptions) -> str:
    """The text of a row, exactly as it stands; of several columns, those that are not blank.

    Raises:
        FieldError: there is no text, or one that cannot be used.
    """
    parts = []
    for name in columns.text:
        value = row.fields.get(name)
        if value is None:
            if len(columns.text) == 1:
                found = "null" if name in row.fields else "no such key"
                raise FieldError(Fault("missing text", f"expected text, found {found}"), name)
        elif (part := _as_text(value, name)).strip():
            parts.append(part)
    text = TEXT_JOINT.join(parts)
    column = columns.text[0]
    if not text:
        raise FieldError(Fault("empty text", "expected text, found none or only blanks"), column)
    if len(text) > options.max_characters:
        detail = f"expected at most {options.max_characters:,} characters, found {len(text):,}"
        raise FieldError(Fault("text too long", detail), column)
    return text


def read_labels(row: Row, column: str, options: TableOptions) -> tuple[str, ...]:
    """The labels of a row: one, exactly as it stands.

    With `label_separator` one or more, without the blanks around them, each once.

    Raises:
        FieldError: there is no label, or one that cannot be used.
    """
    value = row.fields.get(column)
    if value is None:
        found = "null" if column in row.fields else "no such key"
        raise FieldError(Fault("missing label", f"expected a label, found {found}"), column)
    label = _as_text(value, column)
    separator = options.label_separator
    labels = [label] if separator is None else [part.strip() for part in label.split(separator)]
    if not all(part.strip() for part in labels):
        detail = f"expected a label, found {label!r:.80}"
        raise FieldError(Fault("missing label", detail), column)
    if len(label) > options.max_characters:
        detail = f"expected at most {options.max_characters:,} characters, found {len(label):,}"
        raise FieldError(Fault("text too long", detail), column)
    return tuple(dict.fromkeys(labels))


def read_field(value: object, column: str, *, max_characters: int) -> str:
    """A value that must be text and more than blanks, exactly as it stands.

    Raises:
        FieldError: it is not there, or cannot be used.
    """
    if value is None:
        raise FieldError(Fault("missing text", "expected text, found none"), column)
    text = _as_text(value, column)
    if not text.strip():
        raise FieldError(Fault("empty text", f"expected text, found {text!r:.20}"), column)
    if len(text) > max_characters:
        detail = f"expected at most {max_characters:,} characters, found {len(text):,}"
        raise FieldError(Fault("text too long", detail), column)
    return text


def _as_text(value: object, column: str) -> str:
    """A value as text: text itself, a whole number's digits, a truth value as JSON spells it.

    A fraction is refused: how it was written in the file (1.10) is lost by now.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        detail = f"expected text or a whole number, found {type(value).__name__} {value!r:.40}"
        raise FieldError(Fault("not text", detail), column)
    if "\0" in value:
        detail = f"expected text, found the NUL character at position {value.index(chr(0))}"
        raise FieldError(Fault("NUL character", detail), column)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            found = f"U+{ord(value[error.start]):04X} at position {error.start}"
            detail = f"expected whole characters, found half a surrogate pair, {found}"
            raise FieldError(Fault("lone surrogate", detail), column) from error
    return value
