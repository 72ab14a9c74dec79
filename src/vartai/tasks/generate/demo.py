"""The built-in corpus as text to train on: for `--demo` and for tests, without any file."""

from __future__ import annotations

from vartai.data.documents import Document
from vartai.data.tales import write_tales

NAME = "built-in tales"


def demo_documents(*, tales: int = 1_500, seed: int = 1) -> list[Document]:
    """One document of so many tales."""
    return [Document("".join(write_tales(tales, seed=seed)), NAME, 1)]
