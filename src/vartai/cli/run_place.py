"""The folder beside a model in which its run keeps what it needs and what it noticed."""

from __future__ import annotations

from pathlib import Path

from vartai.errors import OptionError, SaveError


class RunPlace:
    """The folder beside a model in which its run keeps what it needs and what it noticed.

    Args:
        folder: where the model will be.
    """

    def __init__(self, folder: Path) -> None:
        whole = folder.resolve()
        if not whole.name:
            raise OptionError(f"{folder} cannot be the folder of a model")
        # As it was typed where that is possible, for it will be printed.
        near = folder if folder.name == whole.name else whole
        self.folder = near.with_name(f"{whole.name}.run")
        self.checkpoint = self.folder / "checkpoint.safetensors"
        self.pretraining = self.folder / f"pretraining-{self.checkpoint.name}"
        self.rejects = self.folder / "rejects.jsonl"
        self.dry_rejects = self.folder / "dry-run-rejects.jsonl"
        self.log = self.folder / "log.jsonl"

    def require(self, *, resume: bool) -> None:
        """Make the folder, and find out whether it can be written and resumed from.

        Raises:
            OptionError: there is nothing to resume.
            SaveError: nothing can be written there.
        """
        if resume and not (self.checkpoint.exists() or self.pretraining.exists()):
            raise OptionError(
                f"nothing to resume: {self.checkpoint} is not there; without --resume a new run "
                "starts"
            )
        probe = self.folder / ".probe"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise SaveError(f"{self.folder}: cannot be written: {error.strerror}") from error

    def leave_if_empty(self) -> None:
        """Remove the folder if there is nothing in it."""
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def clear(self) -> None:
        """Remove the checkpoints of a run that has saved its model."""
        for checkpoint in (self.checkpoint, self.pretraining):
            checkpoint.unlink(missing_ok=True)
