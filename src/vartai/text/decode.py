"""Bytes to text, strictly: a byte that does not belong is named, never replaced."""

from __future__ import annotations

from vartai.errors import InputError, OptionError


def decode_text(raw: bytes, *, encoding: str = "utf-8") -> str:
    r"""Decode bytes, all of them or none.

    A byte order mark is text like any other here (U+FEFF); who opens a file decides about it
    (``utf-8-sig`` drops it).

    Args:
        raw: the bytes.
        encoding: name of the encoding as Python knows it.

    Returns:
        The text.

    Raises:
        InputError: a byte is not valid in this encoding; its offset is `InputError.byte`.
        OptionError: there is no such encoding.

    >>> decode_text(b"\xc4\x97jo")
    'ėjo'
    >>> decode_text(b"caf\xe9")
    Traceback (most recent call last):
    vartai.errors.InputError: byte 3: expected utf-8, found byte 0xE9 (unexpected end of data)
    """
    try:
        return raw.decode(encoding)
    except LookupError:
        raise OptionError(
            f"unknown encoding {encoding!r}; expected a name such as utf-8, cp1252, cp1257, latin-1"
        ) from None
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02X}"
        raise InputError(
            f"expected {encoding}, found {found} ({error.reason})", byte=error.start
        ) from None
    except UnicodeError as error:  # a few encodings (punycode) report no place
        raise InputError(f"expected {encoding}, found something else ({error})") from None
