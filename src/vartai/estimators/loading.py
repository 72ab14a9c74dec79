"""From a bundle to a fitted estimator."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from vartai.bundle.trained import load_task

# Task → ``module:class`` of its estimator, which has ``from_saved``.
ESTIMATORS = {
    "answer": "vartai.estimators.reader:Reader",
    "caption": "vartai.estimators.captioner:Captioner",
    "classify": "vartai.estimators.classifier:TextClassifier",
    "generate": "vartai.estimators.language_model:LanguageModel",
    "tag": "vartai.estimators.tagger:Tagger",
    "translate": "vartai.estimators.translator:Translator",
}


def load(path: str | Path) -> Any:
    """A fitted estimator from a bundle, whether Python or the command line wrote it.

    Nothing in a bundle is executed, and a damaged or hostile one is refused. The estimator has the
    parameters and gives the predictions of the one that was saved; a classifier's labels are texts.

    Args:
        path: the bundle's folder.

    Returns:
        An estimator of the class for its task: `TextClassifier`, `Tagger`, `LanguageModel`,
        `Translator`, `Reader` or `Captioner`.

    Raises:
        BundleError: there is no bundle, or it is damaged, hostile or of another version; names
            file and fault.
    """
    saved = load_task(Path(path))
    module, _, name = ESTIMATORS[saved.name].partition(":")
    return getattr(import_module(module), name).from_saved(saved)
