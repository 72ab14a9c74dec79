"""From a bundle to a fitted estimator."""

from __future__ import annotations

from pathlib import Path

from vartai.bundle.trained import load_task
from vartai.estimators.classifier import TextClassifier


def load(path: str | Path) -> TextClassifier:
    """A fitted estimator from a bundle, whether Python or the command line wrote it.

    Nothing in a bundle is executed, and a damaged or hostile one is refused. The estimator has the
    parameters and gives the probabilities of the one that was saved; its labels are texts.

    Args:
        path: the bundle's folder.

    Raises:
        BundleError: there is no bundle, or it is damaged, hostile or of another version; names
            file and fault.
    """
    return TextClassifier.from_saved(load_task(Path(path)))
