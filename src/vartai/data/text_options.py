"""How running text is read and held out: the part of a task's configuration that concerns files."""

from __future__ import annotations

from dataclasses import dataclass

from vartai.errors import OptionError


@dataclass(frozen=True, kw_only=True)
class DocumentOptions:
    """Reading running text.

    Attributes:
        document_separator: a line that reads so ends a document, and is not part of it; give an
            empty one for blank lines. A file is one document if not given.
        encoding: how the bytes of the files encode text.
    """

    document_separator: str | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True, kw_only=True)
class HeldOutOptions:
    """Which text is held out of training, where no file of its own is given.

    Attributes:
        valid_share: of the text, to choose the epoch by.
        test_share: of the text, to judge by; never seen in training. With 0 the text that chooses
            the epoch judges too, which flatters a little.
    """

    valid_share: float = 0.05
    test_share: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.valid_share < 0.5:
            raise OptionError(f"valid_share must be above 0 and below 0.5, was {self.valid_share}")
        if not 0 <= self.test_share < 0.5:
            raise OptionError(f"test_share must be at least 0 and below 0.5, was {self.test_share}")
